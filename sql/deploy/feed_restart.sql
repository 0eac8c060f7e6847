-- Deploy leap-ws:feed_restart to pg

BEGIN;

SET LOCAL ROLE leap_owner;

-- A cursor of an earlier generation may have passed an account that was on its way to a later change, which is lost now: the
-- account is back at a change before the cursor that was never shown. So such a cursor starts over.
CREATE OR REPLACE FUNCTION leap.feed_start(cursor_generation uuid, cursor_change bigint) RETURNS bigint
LANGUAGE sql STABLE
RETURN coalesce((SELECT cursor_change
                 FROM leap.latest_generation latest
                 WHERE latest.generation = cursor_generation), 0);
COMMENT ON FUNCTION leap.feed_start(uuid, bigint) IS
    'The change that a cursor stands at. One of another generation than the latest counts for nothing, and the feed starts '
    'over.';

COMMIT;
