-- Revert leap-ws:export_account from pg

BEGIN;

DROP FUNCTION leap.export_account(text, bigint);

COMMIT;
