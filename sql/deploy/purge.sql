-- Deploy leap-ws:purge to pg
-- What is kept for a time goes away: history when a DBA says so, retry keys after their time.

BEGIN;

SET LOCAL ROLE leap_owner;

CREATE FUNCTION leap.purge_history(company text, older_than interval) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    tenant int := leap.require_company(company);
    removed bigint;
BEGIN
    PERFORM leap.require(older_than >= '0', format('%s is no age of history.', quote_nullable(older_than)),
        'Give the age from which on history is removed, such as ''2 years''.');
    DELETE FROM leap.account_change h WHERE h.company_id = tenant AND h.at < now() - older_than;
    GET DIAGNOSTICS removed = ROW_COUNT;
    RETURN removed;
END
$$;
COMMENT ON FUNCTION leap.purge_history(text, interval) IS
    'Removes a company''s history that is older than this; gives the number of rows. An acknowledgement of a version so old '
    'leaves the flag''s time as it is.';

-- How long a reply can be repeated.
CREATE FUNCTION leap.retry_key_lifetime() RETURNS interval
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN interval '24 hours';
COMMENT ON FUNCTION leap.retry_key_lifetime() IS 'How long the reply to a request with an Idempotency-Key is kept.';
GRANT EXECUTE ON FUNCTION leap.retry_key_lifetime() TO leap_api, leap_dba;

CREATE FUNCTION leap.purge_retry_keys() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    removed bigint;
BEGIN
    DELETE FROM leap.retry_key k
    USING leap.company c
    WHERE k.company_id = c.company_id AND k.created < now() - leap.retry_key_lifetime();
    GET DIAGNOSTICS removed = ROW_COUNT;
    RETURN removed;
END
$$;
COMMENT ON FUNCTION leap.purge_retry_keys() IS
    'Removes the expired retry keys of all companies; gives their number. New keys remove some expired ones '
    'themselves, so this matters only where a client has stopped sending any.';

CREATE OR REPLACE FUNCTION leap.kept_reply(tenant int, retry_key text)
RETURNS TABLE (identifier bigint, extid text, version bigint, request_digest bytea, secret_digest bytea)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT k.account_identifier, k.extid, k.version, k.request_digest, k.secret_digest
    FROM leap.retry_key k
    WHERE k.company_id = kept_reply.tenant
      AND k.client = current_setting('leap.client', true)
      AND k.key = kept_reply.retry_key
      AND k.created > now() - leap.retry_key_lifetime();
END;
COMMENT ON FUNCTION leap.kept_reply(int, text) IS
    'The reply that was kept for a key of the API client and has not expired.';

-- Locking a row takes the right to change one of its columns.
REVOKE UPDATE ON leap.retry_key FROM leap_api;
GRANT UPDATE (created) ON leap.retry_key TO leap_api;

-- Each new key takes a few expired ones along, more than one, so that they cannot pile up. Rows that another transaction
-- is about to remove are left to it: nobody waits.
CREATE FUNCTION leap.expire_retry_keys(tenant int) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM leap.retry_key k
    WHERE k.company_id = tenant
      AND (k.client, k.key) IN (SELECT e.client, e.key
                                FROM leap.retry_key e
                                WHERE e.company_id = tenant AND e.created < now() - leap.retry_key_lifetime()
                                ORDER BY e.created
                                LIMIT 10
                                FOR UPDATE SKIP LOCKED);
END
$$;
COMMENT ON FUNCTION leap.expire_retry_keys(int) IS
    'Removes up to ten expired retry keys of a company; called where a key is added.';

GRANT EXECUTE ON FUNCTION leap.expire_retry_keys(int) TO leap_api;

CREATE OR REPLACE FUNCTION leap.keep_reply(tenant int, retry_key text, secret_digest bytea, request_digest bytea,
                                           account bigint, extid text, version bigint)
RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    -- The key itself may be there, expired.
    DELETE FROM leap.retry_key k
    WHERE k.company_id = tenant AND k.client = current_setting('leap.client') AND k.key = retry_key;
    PERFORM leap.expire_retry_keys(tenant);

    INSERT INTO leap.retry_key
        (company_id, client, key, secret_digest, request_digest, status, account_identifier, extid, version)
    VALUES
        (tenant, current_setting('leap.client'), retry_key, secret_digest, request_digest, 201, account,
         extid, version);
END
$$;

GRANT EXECUTE ON FUNCTION leap.purge_history(text, interval), leap.purge_retry_keys() TO leap_dba;

COMMIT;
