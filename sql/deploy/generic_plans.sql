-- Deploy leap-ws:generic_plans to pg
-- Each statement of the web service has one plan that is right for every parameter: planning lists anew each time, since the
-- planner expects much of knowing the limit, took a sixth of them.

BEGIN;

ALTER ROLE leap_api SET plan_cache_mode = 'force_generic_plan';

COMMIT;
