-- Revert leap-ws:api_functions from pg

BEGIN;

DROP FUNCTION leap.update_account(int, bigint, jsonb, bigint, text);
DROP FUNCTION leap.create_account(int, jsonb, text);
DROP FUNCTION leap.account_conflicts(int, bigint, text, text[], text);

COMMIT;
