-- Revert leap-ws:property_relationship from pg

BEGIN;

DROP TABLE leap.property_relationship;

COMMIT;
