-- Revert leap-ws:api_settings from pg
-- Settings of a role belong to the whole cluster: they stay while another database of it needs the role.

BEGIN;

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_shdepend
               WHERE refclassid = 'pg_authid'::regclass AND refobjid = 'leap_api'::regrole
                 AND dbid NOT IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))) THEN
        RAISE NOTICE 'The role leap_api is in use elsewhere and keeps its settings.';
    ELSE
        ALTER ROLE leap_api RESET debug_print_parse;
        ALTER ROLE leap_api RESET debug_print_rewritten;
        ALTER ROLE leap_api RESET debug_print_plan;
        ALTER ROLE leap_api RESET auto_explain.log_min_duration;
        ALTER ROLE leap_api RESET plan_cache_mode;
    END IF;
END
$$;

COMMIT;
