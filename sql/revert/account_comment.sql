-- Revert leap-ws:account_comment from pg

BEGIN;

DROP TABLE leap.account_comment;

COMMIT;
