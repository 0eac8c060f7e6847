-- Deploy leap-ws:change_feed to pg
-- Changes are ordered by transaction id. Ids start low again in a new cluster, and a promoted standby uses some
-- twice: so an offset is added, which belongs to a generation, one cluster, timeline and database. The first write where
-- the latest generation is not this database's begins another, above everything that was carried over. Reads begin none:
-- until that write there is nothing but what was carried over.

BEGIN;

SET LOCAL ROLE leap_owner;

CREATE TABLE leap.feed_generation (
    generation uuid DEFAULT gen_random_uuid() PRIMARY KEY,
    system_identifier bigint NOT NULL,
    timeline int NOT NULL,
    database oid NOT NULL,
    began_after bigint NOT NULL UNIQUE,
    change_offset bigint NOT NULL,
    began timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE leap.feed_generation IS
    'Where the order of changes (leap.account.changed_in) was counted: a row for each cluster, timeline and database that '
    'these data lived in, the latest counting. It belongs into every dump.';
COMMENT ON COLUMN leap.feed_generation.generation IS
    'Name of the generation in cursors; random, so that two copies of the same data never share one.';
COMMENT ON COLUMN leap.feed_generation.system_identifier IS 'The cluster, as pg_control_system() tells it.';
COMMENT ON COLUMN leap.feed_generation.timeline IS 'Its timeline; a promotion begins another.';
COMMENT ON COLUMN leap.feed_generation.database IS 'OID of the database in the cluster.';
COMMENT ON COLUMN leap.feed_generation.began_after IS
    'The last change before this generation: its own are greater.';
COMMENT ON COLUMN leap.feed_generation.change_offset IS
    'What is added to a transaction''s id to give its place in the order of changes.';
COMMENT ON COLUMN leap.feed_generation.began IS 'When.';

CREATE VIEW leap.latest_generation AS
SELECT g.generation,
       g.timeline,
       g.began_after,
       g.change_offset,
       (g.system_identifier, g.database)
           = ((SELECT c.system_identifier FROM pg_control_system() AS c),
              (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())) AS is_here
FROM leap.feed_generation g
ORDER BY g.began_after DESC
LIMIT 1;
COMMENT ON VIEW leap.latest_generation IS 'The latest generation of the order of changes, if there is one.';
COMMENT ON COLUMN leap.latest_generation.generation IS 'Name of the generation in cursors.';
COMMENT ON COLUMN leap.latest_generation.timeline IS 'The cluster''s timeline when it began.';
COMMENT ON COLUMN leap.latest_generation.began_after IS 'The last change before this generation.';
COMMENT ON COLUMN leap.latest_generation.change_offset IS 'What is added to a transaction''s id.';
COMMENT ON COLUMN leap.latest_generation.is_here IS
    'Whether it began in this cluster and database; false: the data were carried here and nothing was written since.';

GRANT SELECT ON leap.feed_generation, leap.latest_generation TO leap_api, leap_dba;

-- The timeline that is written now, also just after a promotion, when pg_control_checkpoint() still gives the former one.
CREATE FUNCTION leap.current_timeline() RETURNS int
LANGUAGE sql VOLATILE
RETURN ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::int;
COMMENT ON FUNCTION leap.current_timeline() IS 'The timeline of the write-ahead log; an error on a standby.';
GRANT EXECUTE ON FUNCTION leap.current_timeline() TO leap_api, leap_dba;

-- Who waits for the lock finds the generation begun. Every transaction that may still write has an id of at least the
-- snapshot's xmin, so all of them come after what was carried over. (Transactions prepared for two-phase commit would
-- survive a promotion and come before; nothing here uses them.)
CREATE FUNCTION leap.begin_generation() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    latest record;
    last_change bigint;
    begun_offset bigint;
BEGIN
    LOCK TABLE leap.feed_generation IN SHARE ROW EXCLUSIVE MODE;
    SELECT * INTO latest FROM leap.latest_generation;
    IF latest.is_here AND latest.timeline = leap.current_timeline() THEN
        RETURN latest.change_offset;
    END IF;

    SELECT greatest(0, latest.began_after + 1, max(last.changed_in))
    INTO last_change
    FROM leap.company c
    CROSS JOIN LATERAL (SELECT a.changed_in
                        FROM leap.account a
                        WHERE a.company_id = c.company_id
                        ORDER BY a.changed_in DESC
                        LIMIT 1) AS last;

    INSERT INTO leap.feed_generation (system_identifier, timeline, database, began_after, change_offset)
    SELECT cluster.system_identifier, leap.current_timeline(), d.oid, last_change,
           last_change + 1 - pg_snapshot_xmin(pg_current_snapshot())::text::bigint
    FROM pg_control_system() AS cluster, pg_database d
    WHERE d.datname = current_database()
    RETURNING change_offset INTO begun_offset;
    RETURN begun_offset;
END
$$;
COMMENT ON FUNCTION leap.begin_generation() IS
    'The offset of this cluster''s, timeline''s and database''s changes; begins their generation where there is none yet. '
    'Others that write wait until the transaction ends.';
GRANT EXECUTE ON FUNCTION leap.begin_generation() TO leap_api, leap_dba;

CREATE OR REPLACE FUNCTION leap.current_change() RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    found_offset bigint;
BEGIN
    SELECT latest.change_offset INTO found_offset
    FROM leap.latest_generation latest
    WHERE latest.is_here AND latest.timeline = leap.current_timeline();
    RETURN pg_current_xact_id()::text::bigint + coalesce(found_offset, leap.begin_generation());
END
$$;
COMMENT ON FUNCTION leap.current_change() IS
    'The running transaction''s place in the order of changes: its transaction id and the offset of the generation.';

-- The three below are STABLE: they see what the statement sees that calls them, so that a page, its bounds and its
-- generation belong together. They write nothing and serve on a standby, too, which knows the latest generation of what it
-- has replayed.

CREATE FUNCTION leap.feed_generation() RETURNS uuid
LANGUAGE sql STABLE
RETURN (SELECT latest.generation FROM leap.latest_generation latest);
COMMENT ON FUNCTION leap.feed_generation() IS
    'The latest generation, which a new cursor names; null: no account was ever written.';

CREATE FUNCTION leap.feed_start(cursor_generation uuid, cursor_change bigint) RETURNS bigint
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

CREATE FUNCTION leap.feed_end() RETURNS bigint
LANGUAGE sql STABLE
RETURN coalesce((SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint + latest.change_offset
                 FROM leap.latest_generation latest
                 WHERE latest.is_here), 9223372036854775807);
COMMENT ON FUNCTION leap.feed_end() IS
    'Changes below this are complete: no transaction that is still open can add one. Any transaction of the cluster that '
    'writes and stays open holds the feed up until it ends.';

GRANT EXECUTE ON FUNCTION leap.feed_generation(), leap.feed_start(uuid, bigint), leap.feed_end() TO leap_api, leap_dba;

-- Accounts that are there already get their generation.
SELECT leap.begin_generation()
WHERE EXISTS (SELECT FROM leap.account);

COMMIT;
