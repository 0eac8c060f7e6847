-- Revert leap-ws:retry_key from pg

BEGIN;

DROP TABLE leap.retry_key;

COMMIT;
