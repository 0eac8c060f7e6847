-- Deploy leap-ws:schema to pg

BEGIN;

CREATE SCHEMA leap AUTHORIZATION leap_owner;
COMMENT ON SCHEMA leap IS 'Customer accounts of the companies on the Leap platform.';
GRANT USAGE ON SCHEMA leap TO leap_api, leap_dba, leap_login;

CREATE EXTENSION pgcrypto SCHEMA leap;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA leap FROM PUBLIC;
GRANT EXECUTE ON FUNCTION leap.gen_random_bytes(int) TO leap_owner;

-- A function is for the roles that it is granted to.
ALTER DEFAULT PRIVILEGES FOR ROLE leap_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

SET LOCAL ROLE leap_owner;

CREATE FUNCTION leap.schema_version() RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 1;
COMMENT ON FUNCTION leap.schema_version() IS
    'The version of this schema; the program asks for it at its start and serves only its own.';
GRANT EXECUTE ON FUNCTION leap.schema_version() TO leap_api, leap_dba;

COMMIT;
