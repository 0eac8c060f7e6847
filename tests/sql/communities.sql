-- An account's communities, in its array and in leap.account_community, and the e-mail address in each.

\ir include/fixture.psql

CREATE FUNCTION pg_temp.array_of(account bigint) RETURNS text LANGUAGE sql AS $$
    SELECT communities::text FROM leap.account WHERE identifier = $1
$$;
CREATE FUNCTION pg_temp.rows_of(account bigint) RETURNS text LANGUAGE sql AS $$
    SELECT array_agg(community ORDER BY community)::text FROM leap.account_community WHERE identifier = $1
$$;

SELECT pg_temp.begin_tests(24);

SELECT pg_temp.company('tap-one') AS company_one \gset
SELECT pg_temp.new_account('tap-one', 'one@example.org') AS one \gset
SELECT is(pg_temp.rows_of(:one), '{original}', 'a new account gets its rows');

UPDATE leap.account SET communities = '{second,original}' WHERE identifier = :one;
SELECT is(pg_temp.array_of(:one), '{original,second}', 'the array is sorted');
SELECT is(pg_temp.rows_of(:one), '{original,second}', 'the array adds rows');
UPDATE leap.account SET communities = '{second}' WHERE identifier = :one;
SELECT is(pg_temp.rows_of(:one), '{second}', 'the array removes rows');
UPDATE leap.account SET communities = '{original}' WHERE identifier = :one;
SELECT is(pg_temp.array_of(:one) || pg_temp.rows_of(:one), '{original}{original}',
          'the array replaces a row');

INSERT INTO leap.account_community (company_id, identifier, community) VALUES (:company_one, :one, 'second');
SELECT is(pg_temp.array_of(:one) || pg_temp.rows_of(:one), '{original,second}{original,second}',
          'a row adds to the array');
DELETE FROM leap.account_community WHERE identifier = :one AND community = 'original';
SELECT is(pg_temp.array_of(:one) || pg_temp.rows_of(:one), '{second}{second}',
          'a deleted row leaves the array');
UPDATE leap.account_community SET community = 'original' WHERE identifier = :one;
SELECT is(pg_temp.array_of(:one) || pg_temp.rows_of(:one), '{original}{original}',
          'a changed row changes the array');
SELECT is(email_key, 'one@example.org', 'a row carries the e-mail key')
FROM leap.account_community WHERE identifier = :one;
UPDATE leap.account_community SET email_key = 'forged' WHERE identifier = :one;
SELECT is(email_key, 'one@example.org', 'which nobody sets by hand')
FROM leap.account_community WHERE identifier = :one;
UPDATE leap.account SET email = 'New@example.org' WHERE identifier = :one;
SELECT is(email_key, 'new@example.org', 'it follows the account''s')
FROM leap.account_community WHERE identifier = :one;

SELECT pg_temp.new_account('tap-one', 'two@example.org') AS two \gset
SELECT throws_ok(format('UPDATE leap.account SET email = ''NEW@EXAMPLE.ORG'' WHERE identifier = %s', :two),
                 '23505', NULL, 'an e-mail address is unique in a community');
UPDATE leap.account SET communities = '{second}' WHERE identifier = :two;
SELECT lives_ok(format('UPDATE leap.account SET email = ''NEW@EXAMPLE.ORG'' WHERE identifier = %s', :two),
                'but not among communities');
SELECT throws_ok(format('UPDATE leap.account SET communities = ''{original}'' WHERE identifier = %s', :two),
                 '23505', NULL, 'a move onto a taken address is refused');
SELECT lives_ok($$SELECT pg_temp.new_account('tap-two', 'new@example.org')$$,
                'another company may use the address');
UPDATE leap.account SET account_status = 'Inactive' WHERE identifier = :one;
SELECT throws_ok($$SELECT pg_temp.new_account('tap-one', 'new@example.org')$$, '23505', NULL,
                 'an inactive account keeps its address');

SELECT throws_ok(format('UPDATE leap.account SET communities = ''{unknown}'' WHERE identifier = %s', :one),
                 '23503', NULL, 'a community has to exist');
SELECT throws_ok('DELETE FROM leap.community WHERE community = ''original''', '23503', NULL,
                 'and stays while it is used');
SELECT throws_ok(format('UPDATE leap.account_community SET identifier = %s WHERE identifier = %s', :two, :one),
                 '23514', NULL, 'a row stays with its account');

-- At least one community, at the end of the transaction.
SELECT throws_ok(format('UPDATE leap.account SET communities = ''{}'' WHERE identifier = %s; '
                        'SET CONSTRAINTS ALL IMMEDIATE', :one),
                 '23514', NULL, 'an account without a community is refused');
SELECT throws_ok(format('DELETE FROM leap.account_community WHERE identifier = %s; '
                        'SET CONSTRAINTS ALL IMMEDIATE', :one),
                 '23514', NULL, 'also where a row is deleted');
SET CONSTRAINTS ALL DEFERRED;
SET LOCAL SESSION AUTHORIZATION leap_dba;
SELECT lives_ok(
    format($$DELETE FROM leap.account_community WHERE identifier = %1$s;
             INSERT INTO leap.account_community (company_id, identifier, community)
             VALUES (%2$s, %1$s, 'second') $$, :two, :company_one),
    'a DBA replaces one row by another');
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'in one transaction');
SELECT is(pg_temp.array_of(:two), '{second}', 'and the array follows');
RESET SESSION AUTHORIZATION;

SELECT * FROM finish();
ROLLBACK;
