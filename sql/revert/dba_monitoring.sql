-- Revert leap-ws:dba_monitoring from pg
-- Membership in pg_read_all_stats belongs to the whole cluster and stays, as the roles do.

BEGIN;

\if :{?registry}
REVOKE SELECT ON :"registry".changes FROM leap_dba;
REVOKE USAGE ON SCHEMA :"registry" FROM leap_dba;
\endif

COMMIT;
