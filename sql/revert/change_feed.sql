-- Revert leap-ws:change_feed from pg

BEGIN;

SET LOCAL ROLE leap_owner;

CREATE OR REPLACE FUNCTION leap.current_change() RETURNS bigint
LANGUAGE sql VOLATILE
RETURN pg_current_xact_id()::text::bigint;
COMMENT ON FUNCTION leap.current_change() IS
    'The running transaction''s place in the order of changes: its transaction id.';

DROP FUNCTION leap.feed_end();
DROP FUNCTION leap.feed_start(uuid, bigint);
DROP FUNCTION leap.feed_generation();
DROP FUNCTION leap.begin_generation();
DROP FUNCTION leap.current_timeline();
DROP VIEW leap.latest_generation;
DROP TABLE leap.feed_generation;

COMMIT;
