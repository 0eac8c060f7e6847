-- Deploy leap-ws:dba_monitoring to pg
-- What "leap-admin status" tells the DBA beyond the schema leap: which transaction of the cluster holds the change feed up
-- and since when, whoever runs it, and which change of the schema was deployed last.

BEGIN;

-- Another database of the cluster may have granted it already.
SET LOCAL client_min_messages = warning;

GRANT pg_read_all_stats TO leap_dba;
-- sqitch names its own schema; where psql alone runs this there is none.
\if :{?registry}
GRANT USAGE ON SCHEMA :"registry" TO leap_dba;
GRANT SELECT ON :"registry".changes TO leap_dba;
\endif

COMMIT;
