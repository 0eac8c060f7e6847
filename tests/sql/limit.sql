-- The account limit: active accounts of one company.

\ir include/fixture.psql

CREATE FUNCTION pg_temp.counted() RETURNS bigint LANGUAGE sql AS $$
    SELECT active_accounts FROM leap.company_usage WHERE company_id = pg_temp.company('tap-one')
$$;

SELECT pg_temp.begin_tests(19);

SELECT pg_temp.new_account('tap-one', 'one@example.org') AS one \gset
SELECT pg_temp.new_account('tap-one', 'two@example.org') AS two \gset
SELECT pg_temp.new_account('tap-two', 'one@example.org') AS other \gset
SELECT is(pg_temp.counted(), NULL, 'without a limit nothing is counted');

SELECT leap.set_account_limit('tap-one', 3) \g /dev/null
SELECT is(pg_temp.counted(), 2::bigint, 'setting a limit counts');
SELECT lives_ok($$SELECT pg_temp.new_account('tap-one', 'three@example.org')$$, 'up to the limit');
SELECT throws_ok($$SELECT pg_temp.new_account('tap-one', 'four@example.org')$$,
                 'LEA01', 'Account limit reached.', 'not over it');
SELECT lives_ok($$SELECT pg_temp.new_account('tap-two', 'four@example.org')$$, 'another company has no limit');
SELECT is(pg_temp.counted(), 3::bigint, 'what was refused is not counted');

SELECT leap.set_account_status('tap-one', :two, 'Inactive') \g /dev/null
SELECT is(pg_temp.counted(), 2::bigint, 'an inactive account does not count');
SELECT lives_ok($$SELECT pg_temp.new_account('tap-one', 'four@example.org')$$, 'and makes room');
SELECT throws_ok(format('SELECT leap.set_account_status(''tap-one'', %s, ''Active'')', :two),
                 'LEA01', 'Account limit reached.', 'reactivation over the limit is refused');
SELECT throws_ok(format('UPDATE leap.account SET account_status = ''Active'' WHERE identifier = %s', :two),
                 'LEA01', 'Account limit reached.', 'by a plain statement too');
SELECT throws_ok(
    $$INSERT INTO leap.account (company_id, email, given_name, family_name, communities)
      SELECT pg_temp.company('tap-one'), n || '@example.org', 'A', 'B', '{original}'
      FROM generate_series(1, 2) AS n$$,
    'LEA01', NULL, 'many in one statement too');
SELECT lives_ok(
    $$INSERT INTO leap.account (company_id, email, given_name, family_name, communities, account_status)
      VALUES (pg_temp.company('tap-one'), 'x@example.org', 'A', 'B', '{original}', 'Inactive')$$,
    'an account that starts inactive is not counted');

SELECT leap.set_account_limit('tap-one', 1) \g /dev/null
SELECT is(pg_temp.counted(), 3::bigint, 'a limit below the present number keeps the accounts');
SELECT throws_ok($$SELECT pg_temp.new_account('tap-one', 'five@example.org')$$, 'LEA01', NULL,
                 'but takes none');
SELECT lives_ok(format('SELECT leap.set_account_status(''tap-one'', %s, ''Inactive'')', :one),
                'over the limit an account can be deactivated');
SELECT lives_ok(format('UPDATE leap.account SET given_name = ''B'' WHERE identifier = %s', :two),
                'and changed');

DELETE FROM leap.account WHERE email = 'three@example.org' AND company_id = pg_temp.company('tap-one');
SELECT is(pg_temp.counted(), 1::bigint, 'a deleted account does not count');

SELECT leap.set_account_limit('tap-one', NULL) \g /dev/null
SELECT is(pg_temp.counted(), NULL, 'null takes the limit away');
SELECT lives_ok($$SELECT pg_temp.new_account('tap-one', 'five@example.org')$$, 'then accounts are created');

SELECT * FROM finish();
ROLLBACK;
