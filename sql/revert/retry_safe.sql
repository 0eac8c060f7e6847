-- Revert leap-ws:retry_safe from pg

BEGIN;

DROP FUNCTION leap.add_comment_once(int, bigint, text, text, bytea, bytea);
DROP FUNCTION leap.create_account_once(int, jsonb, text, text, bytea, bytea);
DROP FUNCTION leap.keep_reply(int, text, bytea, bytea, bigint, text, bigint);
DROP FUNCTION leap.lock_retry_key(int, text);
DROP FUNCTION leap.kept_reply(int, text);
REVOKE UPDATE ON leap.retry_key FROM leap_api;

COMMIT;
