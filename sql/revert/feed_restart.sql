-- Revert leap-ws:feed_restart from pg

BEGIN;

SET LOCAL ROLE leap_owner;

CREATE OR REPLACE FUNCTION leap.feed_start(cursor_generation uuid, cursor_change bigint) RETURNS bigint
LANGUAGE sql STABLE
RETURN coalesce((SELECT least(cursor_change, min(later.began_after))
                 FROM leap.feed_generation g
                 LEFT JOIN leap.feed_generation later ON later.began_after > g.began_after
                 WHERE g.generation = cursor_generation
                 GROUP BY g.generation), 0);
COMMENT ON FUNCTION leap.feed_start(uuid, bigint) IS
    'The change that a cursor stands at. A cursor of an earlier generation counts only up to where the next one began, as '
    'the old cluster may have gone on without being followed; one of a generation that is not known here counts for '
    'nothing, and the feed starts over.';

COMMIT;
