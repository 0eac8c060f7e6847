-- Revert leap-ws:api_jit from pg
-- Settings of a role belong to the whole cluster: they stay while another database of it needs the role.

BEGIN;

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_shdepend
               WHERE refclassid = 'pg_authid'::regclass AND refobjid = 'leap_api'::regrole
                 AND dbid NOT IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))) THEN
        RAISE NOTICE 'The role leap_api is in use elsewhere and keeps its settings.';
    ELSE
        ALTER ROLE leap_api RESET jit;
    END IF;
END
$$;

COMMIT;
