-- Verify leap-ws:dba_monitoring on pg

DO $$
BEGIN
    ASSERT pg_has_role('leap_dba', 'pg_read_all_stats', 'USAGE'), 'leap_dba does not see what others run';
END
$$;

\if :{?registry}
-- Fails where leap_dba may not read it; psql fills nothing in between dollar quotes.
SELECT 1 / (has_schema_privilege('leap_dba', :'registry', 'USAGE')
            AND has_table_privilege('leap_dba', format('%I.changes', :'registry'), 'SELECT'))::int;
\endif
