-- Revert leap-ws:account_password from pg

BEGIN;

DROP TABLE leap.account_password;

COMMIT;
