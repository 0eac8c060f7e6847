-- Revert leap-ws:health from pg
-- Membership in pg_read_all_stats belongs to the whole cluster and stays, as the roles do.

DROP FUNCTION leap.oldest_write_age();
