-- The change feed: its order, its pages, and what becomes of a cursor in another cluster.

\ir include/fixture.psql
\ir include/list_changed.psql

-- Everything in this test is one transaction: this makes what was written so far an earlier one's.
CREATE FUNCTION pg_temp.transaction_ends() RETURNS void LANGUAGE sql AS $$
    UPDATE leap.feed_generation SET change_offset = change_offset + 1
$$;

-- What a restored dump or a promotion does to the order of changes: the latest generation is another cluster's or
-- timeline's.
CREATE FUNCTION pg_temp.restored_elsewhere() RETURNS void LANGUAGE sql AS $$
    UPDATE leap.feed_generation SET system_identifier = system_identifier - 1
$$;
CREATE FUNCTION pg_temp.promoted() RETURNS void LANGUAGE sql AS $$
    UPDATE leap.feed_generation SET timeline = timeline - 1
$$;
CREATE FUNCTION pg_temp.generations() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM leap.feed_generation';
CREATE FUNCTION pg_temp.page(generation uuid, change bigint, identifier bigint, size bigint DEFAULT 100)
RETURNS bigint[] LANGUAGE sql AS $$
    SELECT coalesce(array_agg(p.identifier), '{}')
    FROM pg_temp.changed_after(pg_temp.company('tap-one'), generation, change, identifier, size) AS p
$$;
CREATE FUNCTION pg_temp.change_of(account bigint) RETURNS bigint LANGUAGE sql AS $$
    SELECT changed_in FROM leap.account WHERE identifier = $1
$$;

SELECT pg_temp.begin_tests(33);

-- A database that has no account has no generation either.
DELETE FROM leap.feed_generation;
SELECT is(leap.feed_generation(), NULL, 'nothing was written');
SELECT is(pg_temp.page(NULL, 0, 0), '{}', 'the feed is empty');
SELECT pg_temp.new_account('tap-two', 'else@example.org') AS elsewhere \gset
SELECT is(pg_temp.generations(), 1::bigint, 'the first write begins a generation');
SELECT is(timeline, ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int, 'of this timeline')
FROM leap.feed_generation;
SELECT is(system_identifier, (SELECT c.system_identifier FROM pg_control_system() AS c), 'of this cluster')
FROM leap.feed_generation;
SELECT is(leap.begin_generation(), change_offset, 'what has begun does not begin again') FROM leap.feed_generation;

SELECT pg_temp.new_account('tap-one', 'one@example.org') AS one \gset
SELECT pg_temp.new_account('tap-one', 'two@example.org') AS two \gset
SELECT is(leap.feed_end(), leap.current_change(), 'the feed ends where the oldest open transaction is');
SELECT is(pg_temp.page(NULL, 0, 0), '{}', 'what this transaction changed is still to come');

SELECT pg_temp.transaction_ends() \g /dev/null
SELECT leap.feed_generation() AS first \gset
SELECT pg_temp.change_of(:one) AS change \gset
SELECT is(pg_temp.page(NULL, 0, 0), ARRAY[:one, :two]::bigint[], 'the feed shows accounts of the company');
SELECT is(pg_temp.page(NULL, 0, 0, 1), ARRAY[:one]::bigint[], 'page by page');
SELECT is(pg_temp.page(:'first', :change, :one), ARRAY[:two]::bigint[], 'from the cursor on');
SELECT is(pg_temp.page(:'first', :change, :two), '{}', 'to its end');
SELECT results_eq(
    format('SELECT DISTINCT generation FROM pg_temp.changed_after(%s, NULL, 0, 0, 100)', pg_temp.company('tap-one')),
    ARRAY[:'first']::uuid[], 'a row names the generation for the next cursor');
UPDATE leap.account SET given_name = 'Augusta' WHERE identifier = :one;
SELECT is(pg_temp.page(NULL, 0, 0), ARRAY[:two]::bigint[], 'an account is only at its last change');
SELECT pg_temp.transaction_ends() \g /dev/null
SELECT is(pg_temp.page(NULL, 0, 0), ARRAY[:two, :one]::bigint[], 'and in the order of changes');
SELECT leap.set_account_status('tap-one', :two, 'Inactive') \g /dev/null
SELECT pg_temp.transaction_ends() \g /dev/null
SELECT pg_temp.change_of(:two) AS change \gset
SELECT is(pg_temp.page(NULL, 0, 0), ARRAY[:one, :two]::bigint[], 'inactive ones too');
SELECT pg_temp.acknowledge(:one) \g /dev/null
UPDATE leap.account SET extid = 'CRM-1' WHERE identifier = :one;
SELECT is(pg_temp.page(:'first', :change, :two), '{}', 'neither an acknowledgement nor an extid is a change');

-- A dump is restored in another cluster.
SELECT pg_temp.restored_elsewhere() \g /dev/null
SELECT is(pg_temp.page(NULL, 0, 0), ARRAY[:one, :two]::bigint[], 'before anything is written, all that was restored is shown');
SELECT is(pg_temp.page(:'first', :change, :two), '{}', 'and not to who has seen it');
SELECT is(pg_temp.generations(), 1::bigint, 'a read begins no generation');
UPDATE leap.account SET given_name = 'Ada' WHERE identifier = :one;
SELECT is(pg_temp.generations(), 2::bigint, 'the first write does');
SELECT ok(pg_temp.change_of(:one) > :change, 'what is written comes after what was carried over');
SELECT pg_temp.transaction_ends() \g /dev/null
SELECT leap.feed_generation() AS second \gset
SELECT is(pg_temp.page(:'first', :change, :two), ARRAY[:two, :one]::bigint[],
          'the old cursor starts over, as it may have passed changes that were lost');
SELECT pg_temp.change_of(:one) AS change \gset
SELECT is(pg_temp.page(:'second', :change, :one), '{}', 'one of this generation counts');
SELECT is(pg_temp.page(gen_random_uuid(), :change, :one), ARRAY[:two, :one]::bigint[],
          'one of an unknown generation starts over, too');
SELECT is(pg_temp.page(NULL, :change, :one), ARRAY[:two, :one]::bigint[], 'as one of none does');

-- A standby is promoted.
SELECT pg_temp.promoted() \g /dev/null
SELECT is(pg_temp.page(:'second', :change, :one), '{}', 'nothing is new until something is written');
UPDATE leap.account SET given_name = 'Anne' WHERE identifier = :one;
SELECT is(pg_temp.generations(), 3::bigint, 'the first write begins a generation');
SELECT pg_temp.transaction_ends() \g /dev/null
SELECT ok(pg_temp.change_of(:one) > :change, 'and comes after what was there');
SELECT is(pg_temp.page(:'second', :change, :one), ARRAY[:two, :one]::bigint[], 'the old cursor starts over');
SELECT is(pg_temp.page(:'first', :change, :one), ARRAY[:two, :one]::bigint[], 'so does an older one');

-- As the program reads it.
SELECT pg_temp.company('tap-one') AS company_one \gset
SELECT pg_temp.enter('tap-one') \g /dev/null
PREPARE list_changed (int, uuid, bigint, bigint, bigint) AS :list_changed;
CREATE FUNCTION pg_temp.plan_of_page(tenant int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    line text;
    plan text := '';
BEGIN
    FOR line IN EXECUTE format('EXPLAIN (COSTS OFF) EXECUTE list_changed(%s, NULL, 0, 0, 100)', tenant) LOOP
        plan := plan || line || E'\n';
    END LOOP;
    RETURN plan;
END
$$;

SET LOCAL SESSION AUTHORIZATION leap_api;
SET LOCAL plan_cache_mode = force_generic_plan;
SET LOCAL enable_seqscan = off;
SELECT is(array_agg(identifier), ARRAY[:two, :one]::bigint[], 'leap_api sees the accounts of its tenant')
FROM pg_temp.changed_after(:company_one, NULL, 0, 0, 100);
SELECT pg_temp.plan_of_page(:company_one) AS plan \gset
SELECT matches(:'plan'::text, 'Index Cond: \(\(company_id = \$1\) AND \(ROW\(changed_in, identifier\) > ROW\(\$\d+, \$4\)\) '
                        'AND \(changed_in < \$\d+\)\)', 'a page is a range of the index');

RESET SESSION AUTHORIZATION;
SELECT * FROM finish();
ROLLBACK;
