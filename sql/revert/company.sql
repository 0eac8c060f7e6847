-- Revert leap-ws:company from pg

BEGIN;

DROP TABLE leap.api_client;
DROP TABLE leap.host_name;
DROP TABLE leap.company;

COMMIT;
