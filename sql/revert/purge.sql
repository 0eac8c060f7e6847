-- Revert leap-ws:purge from pg

BEGIN;

SET LOCAL ROLE leap_owner;

CREATE OR REPLACE FUNCTION leap.keep_reply(tenant int, retry_key text, secret_digest bytea, request_digest bytea,
                                account bigint, extid text, version bigint)
RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    expired CONSTANT timestamptz := now() - interval '24 hours';
BEGIN
    -- The key itself, where it has expired, and a few others: so they go away cheaply as new ones come.
    DELETE FROM leap.retry_key k
    WHERE k.company_id = tenant AND k.client = current_setting('leap.client') AND k.key = retry_key;
    DELETE FROM leap.retry_key k
    WHERE k.company_id = tenant
      AND (k.client, k.key) IN (SELECT e.client, e.key
                                FROM leap.retry_key e
                                WHERE e.company_id = tenant AND e.created < expired
                                ORDER BY e.created
                                LIMIT 10
                                FOR UPDATE SKIP LOCKED);

    INSERT INTO leap.retry_key
        (company_id, client, key, secret_digest, request_digest, status, account_identifier, extid, version)
    VALUES
        (tenant, current_setting('leap.client'), retry_key, secret_digest, request_digest, 201, account,
         extid, version);
END
$$;
CREATE OR REPLACE FUNCTION leap.kept_reply(tenant int, retry_key text)
RETURNS TABLE (identifier bigint, extid text, version bigint, request_digest bytea, secret_digest bytea)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT k.account_identifier, k.extid, k.version, k.request_digest, k.secret_digest
    FROM leap.retry_key k
    WHERE k.company_id = kept_reply.tenant
      AND k.client = current_setting('leap.client', true)
      AND k.key = kept_reply.retry_key
      AND k.created > now() - interval '24 hours';
END;
COMMENT ON FUNCTION leap.kept_reply(int, text) IS
    'The reply that was kept for a key of the API client within the last 24 hours.';
DROP FUNCTION leap.expire_retry_keys(int);
REVOKE UPDATE (created) ON leap.retry_key FROM leap_api;
GRANT UPDATE ON leap.retry_key TO leap_api;
DROP FUNCTION leap.purge_retry_keys();
DROP FUNCTION leap.retry_key_lifetime();
DROP FUNCTION leap.purge_history(text, interval);

COMMIT;
