-- What is kept for a time goes away: history when a DBA says so, retry keys after 24 hours.

\ir include/fixture.psql

SELECT pg_temp.begin_tests(18);

SELECT pg_temp.company('tap-one') AS company_one, pg_temp.company('tap-two') AS company_two \gset
SELECT pg_temp.new_account('tap-one', 'one@example.org') AS one \gset
SELECT pg_temp.new_account('tap-two', 'two@example.org') AS two \gset
UPDATE leap.account_change SET at = at - interval '10 days';
UPDATE leap.account SET given_name = 'Anne' WHERE identifier = :one;

SET LOCAL SESSION AUTHORIZATION leap_dba;
SELECT throws_ok('SELECT leap.purge_history(''none'', ''1 day'')', '22023', 'There is no company ''none''.', 'no company');
SELECT throws_ok('SELECT leap.purge_history(''tap-one'', ''-1 day'')', '22023', '''-1 days'' is no age of history.',
                 'a negative age');
SELECT throws_ok('SELECT leap.purge_history(''tap-one'', NULL)', '22023', 'NULL is no age of history.', 'no age');
SELECT is(leap.purge_history('tap-one', '11 days'), 0::bigint, 'younger history stays');
SELECT is(leap.purge_history('tap-one', '9 days'), 1::bigint, 'older history goes');
RESET SESSION AUTHORIZATION;
SELECT is(operation, 'sql', 'and the rest is there') FROM leap.account_change WHERE identifier = :one;
SELECT is(count(*), 1::bigint, 'so is another company''s') FROM leap.account_change WHERE identifier = :two;

-- Retry keys, 20 that have expired and one that has not, and one of the other company.
SELECT leap.create_api_client(company, 'tap') FROM (VALUES ('tap-one'), ('tap-two')) AS companies (company) \g /dev/null
INSERT INTO leap.retry_key
    (company_id, client, key, secret_digest, request_digest, status, account_identifier, version, created)
SELECT company, 'tap', key, sha256('a'), sha256('b'), 201, account, 1, now() - age
FROM (SELECT :company_one, 'old-' || number, :one, interval '25 hours' + number * interval '1 hour'
      FROM generate_series(1, 20) AS number
      UNION ALL VALUES (:company_one, 'young', :one, interval '23 hours'), (:company_two, 'old', :two, interval '25 hours'))
     AS keys (company, key, account, age);
SELECT pg_temp.enter('tap-one') \g /dev/null
SET LOCAL SESSION AUTHORIZATION leap_api;
SELECT leap.expire_retry_keys(:company_one) \g /dev/null
SELECT is(count(*), 11::bigint, 'a new key takes ten expired ones along') FROM leap.retry_key;
SELECT is(count(*), 0::bigint, 'the oldest') FROM leap.retry_key WHERE created < now() - interval '36 hours';
SELECT leap.expire_retry_keys(:company_two) \g /dev/null
RESET SESSION AUTHORIZATION;
SELECT is(count(*), 1::bigint, 'none of another company') FROM leap.retry_key WHERE company_id = :company_two;
SET LOCAL SESSION AUTHORIZATION leap_api;
SELECT leap.expire_retry_keys(:company_one) FROM generate_series(1, 2) \g /dev/null
SELECT is(key, 'young', 'what has not expired stays') FROM leap.retry_key;
SELECT throws_ok('UPDATE leap.retry_key SET status = 200', '42501', NULL, 'leap_api changes no reply');
RESET SESSION AUTHORIZATION;
SELECT is(count(*), 2::bigint, 'two are left') FROM leap.retry_key;
SET LOCAL SESSION AUTHORIZATION leap_dba;
SELECT is(leap.purge_retry_keys(), 1::bigint, 'a DBA removes the expired keys of all companies');
SELECT is(leap.purge_retry_keys(), 0::bigint, 'once');
SELECT is(key, 'young', 'what has not expired stays') FROM leap.retry_key;
RESET SESSION AUTHORIZATION;

-- The ten are found by the index, however many keys there are.
UPDATE pg_class SET relpages = 1, reltuples = 1000000000 WHERE oid = 'leap.retry_key'::regclass;
CREATE FUNCTION pg_temp.plan_of_expiry() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    line text;
    plan text := '';
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) SELECT client, key FROM leap.retry_key WHERE company_id = 1 '
                        'AND created < now() - leap.retry_key_lifetime() ORDER BY created LIMIT 10 '
                        'FOR UPDATE SKIP LOCKED' LOOP
        plan := plan || line || E'\n';
    END LOOP;
    RETURN plan;
END
$$;
SET LOCAL SESSION AUTHORIZATION leap_api;
SELECT alike(pg_temp.plan_of_expiry(), '%Index Scan using retry_key_created%', 'expired keys are found by the index');
SELECT unalike(pg_temp.plan_of_expiry(), '%Sort%', 'in its order');

SELECT * FROM finish();
ROLLBACK;
