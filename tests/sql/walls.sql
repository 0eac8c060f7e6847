-- Who reaches what: the wall between companies, and the rights of each role.

\ir include/fixture.psql

SELECT pg_temp.begin_tests(32);

SELECT pg_temp.new_account('tap-one', 'one@example.org') AS one \gset
SELECT pg_temp.new_account('tap-two', 'two@example.org') AS two \gset
SELECT pg_temp.company('tap-one') AS company_one, pg_temp.company('tap-two') AS company_two \gset

SELECT is_empty(
    $$SELECT c.relname FROM pg_class c
      WHERE c.relnamespace = 'leap'::regnamespace AND c.relkind = 'r'
        AND c.relname NOT IN ('company', 'host_name', 'api_client', 'country', 'feed_generation', 'account_import')
        AND NOT (c.relrowsecurity AND c.relforcerowsecurity)$$,
    'every table of company data is walled');
SELECT is_empty(
    $$SELECT c.relname FROM pg_class c
      WHERE c.relnamespace = 'leap'::regnamespace AND c.relkind IN ('r', 'v', 'S')
        AND c.relowner <> 'leap_owner'::regrole$$,
    'everything belongs to leap_owner');
SELECT is_empty(
    $$SELECT i.indexrelid::regclass FROM pg_index i
      JOIN pg_class c ON c.oid = i.indrelid
      JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
      WHERE c.relnamespace = 'leap'::regnamespace AND c.relrowsecurity
        AND (i.indisunique OR i.indpred IS NOT NULL) AND a.attname <> 'company_id'$$,
    'every key of company data leads with company_id');
SELECT is_empty(
    $$SELECT p.oid::regprocedure FROM pg_proc p
      WHERE p.pronamespace = 'leap'::regnamespace
        AND has_function_privilege('public', p.oid, 'EXECUTE')$$,
    'no function is granted to everybody');
SELECT is_empty(
    $$SELECT p.oid::regprocedure FROM pg_proc p
      WHERE p.pronamespace = 'leap'::regnamespace AND p.prosecdef
        AND NOT 'search_path=pg_catalog, pg_temp' = ANY (p.proconfig)$$,
    'every function with its owner''s rights fixes its search path');

SET LOCAL SESSION AUTHORIZATION leap_api;
SELECT is_empty('SELECT FROM leap.account', 'without a tenant leap_api sees no account');
SELECT throws_ok(
    format($$SELECT * FROM leap.create_account(%s, '{"email": "x@example.org", "given_name": "A",
             "family_name": "B", "communities": ["original"]}', '$scrypt$ln=14,r=8,p=5$c2FsdA$aGFzaA')$$,
           :company_one),
    '42501', NULL, 'without a tenant leap_api creates no account');
SELECT pg_temp.enter('tap-one') \g /dev/null
SELECT results_eq('SELECT identifier FROM leap.account', ARRAY[:one]::bigint[],
                  'leap_api sees the accounts of its tenant');
SELECT is_empty(format('SELECT FROM leap.account WHERE company_id = %s', :company_two),
                'and none of another company');
SELECT is_empty(format('UPDATE leap.account SET given_name = %L WHERE identifier = %s RETURNING 1', 'Eve', :two),
                'cannot change one');
SELECT throws_ok(format('UPDATE leap.account SET company_id = %s', :company_two),
                 '23514', NULL, 'cannot hand one over');
SELECT throws_ok(
    format($$SELECT * FROM leap.create_account(%s, '{"email": "x@example.org", "given_name": "A",
             "family_name": "B", "communities": ["original"]}', '$scrypt$ln=14,r=8,p=5$c2FsdA$aGFzaA')$$,
           :company_two),
    '42501', NULL, 'creates none for another company');
SELECT results_eq('SELECT DISTINCT company_id FROM leap.community', ARRAY[:company_one]::int[],
                  'sees only its communities');
SELECT results_eq('SELECT DISTINCT company_id FROM leap.additional_field', ARRAY[:company_one]::int[],
                  'sees only its fields');
SELECT results_eq('SELECT DISTINCT company_id FROM leap.account_community', ARRAY[:company_one]::int[],
                  'sees only its accounts'' communities');
SELECT throws_ok('DELETE FROM leap.account', '42501', NULL, 'deletes no account');
SELECT throws_ok('SELECT name FROM leap.company', '42501', NULL, 'reads no company''s name');
SELECT lives_ok('SELECT company_id, company, company_status, password_score FROM leap.company',
                'reads what entering takes of companies');
SELECT throws_ok('SELECT password_hash FROM leap.account_password', '42501', NULL, 'reads no password hash');
SELECT throws_ok('UPDATE leap.account_password SET password_hash = NULL', '42501', NULL,
                 'changes no password hash');
SELECT throws_ok('DELETE FROM leap.account_password', '42501', NULL, 'deletes no password hash');
SELECT throws_ok(
    format($$INSERT INTO leap.account_password (company_id, identifier, password_hash)
             VALUES (%s, %s, '$scrypt$ln=14,r=8,p=5$c2FsdA$aGFzaA')$$, :company_two, :two),
    '42501', NULL, 'inserts no password hash for another company');
SELECT throws_ok('SELECT leap.create_company(''x'', ''X'', ''x.test'')', '42501', NULL,
                 'administers nothing');
SELECT throws_ok('SELECT * FROM leap.account_history', '42501', NULL, 'reads no history');
SELECT throws_ok('SELECT new_values FROM leap.account_change', '42501', NULL, 'nor its values');
SELECT throws_ok('SELECT leap.gen_random_bytes(32)', '42501', NULL, 'reaches nothing of pgcrypto');

SET LOCAL SESSION AUTHORIZATION leap_dba;
SELECT bag_has('SELECT company_id FROM leap.account',
               format('VALUES (%s), (%s)', :company_one, :company_two), 'leap_dba sees every company');
SELECT throws_ok('DELETE FROM leap.account', '42501', NULL, 'leap_dba deletes no account');
SELECT throws_ok('UPDATE leap.account_change SET client = NULL', '42501', NULL,
                 'leap_dba does not rewrite history');

SET LOCAL SESSION AUTHORIZATION leap_login;
SELECT lives_ok('SELECT company_id, identifier, password_hash FROM leap.account_password',
                'leap_login reads password hashes');
SELECT throws_ok('SELECT identifier FROM leap.account', '42501', NULL, 'leap_login reads no account');
SELECT throws_ok('SELECT leap.set_account_status(''tap-one'', 1, ''Inactive'')', '42501', NULL,
                 'leap_login administers nothing else');

RESET SESSION AUTHORIZATION;
SELECT * FROM finish();
ROLLBACK;
