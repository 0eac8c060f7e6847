-- Deploy leap-ws:api_settings to pg
-- How the web service's statements are planned and logged, whatever the server is told.

BEGIN;

-- The server's log holds no plan of them either: the values of the parameters are constants in it. (A setting of
-- auto_explain's counts also where the module comes later.)
ALTER ROLE leap_api SET debug_print_parse = off;
ALTER ROLE leap_api SET debug_print_rewritten = off;
ALTER ROLE leap_api SET debug_print_plan = off;
ALTER ROLE leap_api SET auto_explain.log_min_duration = -1;

-- Each has one plan that is right for every parameter: planning lists anew each time, since the planner expects much of
-- knowing the limit, took a sixth of them.
ALTER ROLE leap_api SET plan_cache_mode = 'force_generic_plan';

COMMIT;
