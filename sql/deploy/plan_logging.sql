-- Deploy leap-ws:plan_logging to pg
-- The server's log holds no plan of the web service's statements either, whatever the server is told to log: the values
-- of the parameters are constants in it. (A setting of auto_explain's counts also where the module comes later.)

BEGIN;

ALTER ROLE leap_api SET debug_print_parse = off;
ALTER ROLE leap_api SET debug_print_rewritten = off;
ALTER ROLE leap_api SET debug_print_plan = off;
ALTER ROLE leap_api SET auto_explain.log_min_duration = -1;

COMMIT;
