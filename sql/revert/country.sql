-- Revert leap-ws:country from pg

BEGIN;

DROP TABLE leap.country;

COMMIT;
