-- Revert leap-ws:health from pg

BEGIN;

DROP FUNCTION leap.oldest_write_age();
REVOKE pg_read_all_stats FROM leap_owner;

COMMIT;
