-- Revert leap-ws:schema from pg

BEGIN;

DROP FUNCTION leap.schema_version();
ALTER DEFAULT PRIVILEGES FOR ROLE leap_owner GRANT EXECUTE ON FUNCTIONS TO PUBLIC;
DROP EXTENSION pgcrypto;
DROP SCHEMA leap;

COMMIT;
