-- Revert leap-ws:definitions from pg

BEGIN;

DROP TABLE leap.additional_field;
DROP TABLE leap.community;

COMMIT;
