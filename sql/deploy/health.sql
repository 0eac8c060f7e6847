-- Deploy leap-ws:health to pg
-- What the program tells of the database's health.

BEGIN;

-- Another database of the cluster may have granted it already.
SET LOCAL client_min_messages = warning;

-- Other roles' transactions are hidden from who is not allowed to see them; only a superuser may allow it.
GRANT pg_read_all_stats TO leap_owner;

SET LOCAL ROLE leap_owner;

CREATE FUNCTION leap.oldest_write_age() RETURNS interval
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
RETURN coalesce(clock_timestamp() - least(
    (SELECT min(s.xact_start) FROM pg_stat_activity s WHERE s.backend_xid IS NOT NULL),
    (SELECT min(p.prepared) FROM pg_prepared_xacts p)), '0');
COMMENT ON FUNCTION leap.oldest_write_age() IS
    'For how long the oldest transaction that writes has been open, in any database of the cluster; the change feed waits '
    'for it. Zero: there is none.';
GRANT EXECUTE ON FUNCTION leap.oldest_write_age() TO leap_api;

COMMIT;
