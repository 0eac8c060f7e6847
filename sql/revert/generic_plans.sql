-- Revert leap-ws:generic_plans from pg

BEGIN;

ALTER ROLE leap_api RESET plan_cache_mode;

COMMIT;
