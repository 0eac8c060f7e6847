-- Deploy leap-ws:roles to pg
-- Roles belong to the whole cluster: another database may have made them already. Only a superuser may
-- give them the settings that concern logging.

BEGIN;

-- Repeated grants are no news.
SET LOCAL client_min_messages = warning;

DO $$
DECLARE
    role text;
BEGIN
    FOREACH role IN ARRAY ARRAY['leap_owner', 'leap_api', 'leap_dba', 'leap_backup', 'leap_login'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
            EXECUTE format('CREATE ROLE %I', role);
        END IF;
    END LOOP;
END
$$;

ALTER ROLE leap_owner NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
ALTER ROLE leap_api LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
ALTER ROLE leap_dba LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
ALTER ROLE leap_backup LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION BYPASSRLS;
ALTER ROLE leap_login LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;

GRANT pg_read_all_data TO leap_backup;

-- The program waits five seconds for an answer: locks and statements end before that.
ALTER ROLE leap_api SET lock_timeout = '2s';
ALTER ROLE leap_api SET statement_timeout = '3s';
ALTER ROLE leap_api SET idle_in_transaction_session_timeout = '10s';

-- The server's log holds nothing of what came through the API: no parameters, no row in a DETAIL.
ALTER ROLE leap_api SET log_parameter_max_length = 0;
ALTER ROLE leap_api SET log_parameter_max_length_on_error = 0;
ALTER ROLE leap_api SET log_error_verbosity = terse;

ALTER ROLE leap_api SET timezone = 'UTC';
ALTER ROLE leap_api SET datestyle = 'ISO';
ALTER ROLE leap_api SET search_path = pg_catalog;

COMMENT ON ROLE leap_owner IS 'Owns the schema leap; nobody logs in as this role.';
COMMENT ON ROLE leap_api IS 'The web service: sees only the company that a request authenticated to.';
COMMENT ON ROLE leap_dba IS 'Administers every company, by psql and the functions of the schema leap.';
COMMENT ON ROLE leap_backup IS 'Dumps the database.';
COMMENT ON ROLE leap_login IS 'The platform''s login: reads and sets password hashes, nothing else.';

COMMIT;
