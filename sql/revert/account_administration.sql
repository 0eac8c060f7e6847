-- Revert leap-ws:account_administration from pg

BEGIN;

DROP FUNCTION leap.set_password_hash(text, bigint, text);
DROP FUNCTION leap.set_account_status(text, bigint, text);
DROP FUNCTION leap.require_account(int, bigint);

COMMIT;
