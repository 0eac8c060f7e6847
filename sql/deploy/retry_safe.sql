-- Deploy leap-ws:retry_safe to pg
-- Creates and comments with an Idempotency-Key: the reply is kept in the transaction of the write, so that either both are
-- there or neither.

BEGIN;

SET LOCAL ROLE leap_owner;

-- Locking a row takes the right to change it.
GRANT UPDATE ON leap.retry_key TO leap_api;

CREATE FUNCTION leap.kept_reply(tenant int, retry_key text)
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
GRANT EXECUTE ON FUNCTION leap.kept_reply(int, text) TO leap_api;

CREATE FUNCTION leap.lock_retry_key(tenant int, retry_key text) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(
        hashtextextended(concat_ws(' ', tenant, current_setting('leap.client'), retry_key), 0));
    RETURN true;
EXCEPTION WHEN lock_not_available THEN
    RETURN false;
END
$$;
COMMENT ON FUNCTION leap.lock_retry_key(int, text) IS
    'Waits for another transaction with the same key of the API client to end; false: it did not within lock_timeout.';
GRANT EXECUTE ON FUNCTION leap.lock_retry_key(int, text) TO leap_api;

CREATE FUNCTION leap.keep_reply(tenant int, retry_key text, secret_digest bytea, request_digest bytea,
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
COMMENT ON FUNCTION leap.keep_reply(int, text, bytea, bytea, bigint, text, bigint) IS
    'Keeps the reply to a request with a key of the API client, and removes a few expired ones of the company.';
GRANT EXECUTE ON FUNCTION leap.keep_reply(int, text, bytea, bytea, bigint, text, bigint) TO leap_api;

CREATE FUNCTION leap.create_account_once(tenant int, account jsonb, password_hash text, retry_key text,
                                         presented_digest bytea, sent_digest bytea)
RETURNS TABLE (outcome text, identifier bigint, extid text, version bigint,
               email_taken boolean, extid_taken boolean, request_digest bytea, secret_digest bytea)
LANGUAGE plpgsql AS $$
BEGIN
    IF retry_key IS NOT NULL AND NOT leap.lock_retry_key(tenant, retry_key) THEN
        outcome := 'in-progress';
        RETURN NEXT;
        RETURN;
    END IF;
    IF retry_key IS NOT NULL THEN
        RETURN QUERY
        SELECT 'replay', k.identifier, k.extid, k.version, false, false, k.request_digest, k.secret_digest
        FROM leap.kept_reply(tenant, retry_key) k;
        IF FOUND THEN
            RETURN;
        END IF;
    END IF;

    SELECT c.outcome, c.identifier, c.extid, c.version, c.email_taken, c.extid_taken
    INTO create_account_once.outcome, create_account_once.identifier, create_account_once.extid,
         create_account_once.version, create_account_once.email_taken, create_account_once.extid_taken
    FROM leap.create_account(tenant, account, password_hash) c;
    IF outcome = 'created' AND retry_key IS NOT NULL THEN
        PERFORM leap.keep_reply(tenant, retry_key, presented_digest, sent_digest, identifier, extid, version);
    END IF;
    RETURN NEXT;
END
$$;
COMMENT ON FUNCTION leap.create_account_once(int, jsonb, text, text, bytea, bytea) IS
    'leap.create_account, once for each key of the API client (null: no key): outcome also "replay", with the reply that was '
    'kept, or "in-progress".';
GRANT EXECUTE ON FUNCTION leap.create_account_once(int, jsonb, text, text, bytea, bytea) TO leap_api;

CREATE FUNCTION leap.add_comment_once(tenant int, account bigint, text text, retry_key text,
                                      presented_digest bytea, sent_digest bytea)
RETURNS TABLE (outcome text, identifier bigint, extid text, version bigint,
               request_digest bytea, secret_digest bytea)
LANGUAGE plpgsql AS $$
BEGIN
    IF retry_key IS NOT NULL AND NOT leap.lock_retry_key(tenant, retry_key) THEN
        outcome := 'in-progress';
        RETURN NEXT;
        RETURN;
    END IF;
    IF retry_key IS NOT NULL THEN
        RETURN QUERY
        SELECT 'replay', k.identifier, k.extid, k.version, k.request_digest, k.secret_digest
        FROM leap.kept_reply(tenant, retry_key) k;
        IF FOUND THEN
            RETURN;
        END IF;
    END IF;

    FOR outcome, identifier, extid, version IN
        SELECT c.outcome, c.identifier, c.extid, c.version
        FROM leap.add_comment(tenant, account, text) c
    LOOP
        IF retry_key IS NOT NULL THEN
            PERFORM leap.keep_reply(tenant, retry_key, presented_digest, sent_digest, identifier, extid, version);
        END IF;
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION leap.add_comment_once(int, bigint, text, text, bytea, bytea) IS
    'leap.add_comment, once for each key of the API client (null: no key): outcome also "replay", with the reply that was kept, '
    'or "in-progress".';
GRANT EXECUTE ON FUNCTION leap.add_comment_once(int, bigint, text, text, bytea, bytea) TO leap_api;

COMMIT;
