-- What the web service calls: account_conflicts, create_account, update_account.

\ir include/fixture.psql

CREATE FUNCTION pg_temp.create_account(account jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', outcome, extid, version, email_taken, extid_taken)
    FROM leap.create_account(pg_temp.company('tap-one'), account, '$scrypt$ln=14,r=8,p=5$c2FsdA$aGFzaA')
$$;
CREATE FUNCTION pg_temp.update_account(account bigint, patch jsonb, expected_version bigint DEFAULT NULL)
RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', outcome, version, email_taken)
    FROM leap.update_account(pg_temp.company('tap-one'), account, patch, expected_version, 'update')
$$;

SELECT pg_temp.begin_tests(41);

SELECT pg_temp.company('tap-one') AS company_one \gset
SELECT pg_temp.new_account('tap-two', 'other@example.org') AS other \gset
SET LOCAL SESSION AUTHORIZATION leap_api;
SELECT pg_temp.enter('tap-one') \g /dev/null

SELECT is(pg_temp.create_account(
    '{"email": "Test.User@example.org", "given_name": "Test", "family_name": "User", "additional_names": "M",
      "honorific_prefixes": "Mr", "bday": "1974-09-08", "gender": "MALE", "nationality": "AU",
      "tel_pref": "1", "tel_voice": "2", "residential_street_address": "1 Main St",
      "residential_region": "VIC", "residential_postal_code": "3000", "residential_country": "AU",
      "billing_street_address": "2 Main St", "billing_region": "NSW", "billing_postal_code": "2000",
      "billing_country": "NZ", "additional_fields": {"shoe-size": "42"}, "communities": ["original"],
      "extid": "CRM/1"}'),
    'created CRM/1 1 f f', 'an account is created');
SELECT identifier AS one FROM leap.account WHERE extid = 'CRM/1' \gset
SELECT results_eq(
    $$SELECT concat_ws('|', email, given_name, family_name, additional_names, honorific_prefixes, bday, gender,
                       nationality, tel_pref, tel_voice, account_status, additional_fields, communities) COLLATE "default"
      FROM leap.account$$,
    ARRAY['Test.User@example.org|Test|User|M|Mr|1974-09-08|MALE|AU|1|2|Active|{"shoe-size": "42"}|{original}'],
    'with its person');
SELECT results_eq(
    $$SELECT concat_ws('|', residential_street_address, residential_region, residential_postal_code,
                       residential_country, billing_street_address, billing_region, billing_postal_code,
                       billing_country) COLLATE "default"
      FROM leap.account$$,
    ARRAY['1 Main St|VIC|3000|AU|2 Main St|NSW|2000|NZ'], 'and its addresses');
RESET SESSION AUTHORIZATION;
SELECT is(password_hash::text, '$scrypt$ln=14,r=8,p=5$c2FsdA$aGFzaA', 'and its password hash')
FROM leap.account_password WHERE identifier = :one;
SET LOCAL SESSION AUTHORIZATION leap_api;

SELECT is(pg_temp.create_account('{"email": "least@example.org", "given_name": "A", "family_name": "B",
                                   "communities": ["original"]}'),
          'created 1 f f', 'an account with the least');
SELECT identifier AS two FROM leap.account WHERE email_key = 'least@example.org' \gset
SELECT is(pg_temp.create_account('{"email": "TEST.user@example.org", "given_name": "A", "family_name": "B",
                                   "communities": ["original"], "extid": "CRM/2"}'),
          'conflict CRM/2 t f', 'an e-mail address that is taken');
SELECT is(pg_temp.create_account('{"email": "x@example.org", "given_name": "A", "family_name": "B",
                                   "communities": ["original"], "extid": "CRM/1"}'),
          'conflict CRM/1 f t', 'an external identifier that is taken');
SELECT is(pg_temp.create_account('{"email": "least@example.org", "given_name": "A", "family_name": "B",
                                   "communities": ["second"]}'),
          'created 1 f f', 'the same address in another community');
SELECT is(pg_temp.create_account('{"email": "other@example.org", "given_name": "A", "family_name": "B",
                                   "communities": ["original"]}'),
          'created 1 f f', 'the address of another company''s account');
SELECT throws_ok(
    $$SELECT pg_temp.create_account('{"email": "y@example.org", "given_name": "A", "family_name": "B",
                                      "communities": ["unknown"]}')$$,
    '23503', NULL, 'a community that does not exist is an error');

SELECT results_eq(
    format('SELECT * FROM leap.account_conflicts(%s, %s, ''test.user@EXAMPLE.org'', ''{original}'', ''CRM/1'')',
           :company_one, :one),
    'VALUES (false, false)', 'an account does not conflict with itself');
SELECT results_eq(
    format('SELECT * FROM leap.account_conflicts(%s, %s, ''test.user@EXAMPLE.org'', ''{original}'', ''CRM/1'')',
           :company_one, :two),
    'VALUES (true, true)', 'but with another');
SELECT results_eq(
    format('SELECT * FROM leap.account_conflicts(%s, NULL, ''test.user@EXAMPLE.org'', ''{second}'', NULL)',
           :company_one),
    'VALUES (false, false)', 'not with one of another community');
SELECT results_eq(
    format('SELECT * FROM leap.account_conflicts(%s, NULL, NULL, NULL, NULL)', :company_one),
    'VALUES (false, false)', 'nor what is not given');

RESET SESSION AUTHORIZATION;
SELECT pg_temp.next_transaction() \g /dev/null
SELECT pg_temp.acknowledge(:one) \g /dev/null
SET LOCAL SESSION AUTHORIZATION leap_api;
SELECT is(pg_temp.update_account(:one, '{}'), 'updated 1 f', 'an empty patch');
SELECT is(pg_temp.update_account(:one, '{"given_name": "Test", "additional_fields": {"shoe-size": "42"},
                                         "communities": ["original"]}'),
          'updated 1 f', 'a patch of what is on record');
SELECT is(unacked_since, NULL, 'change nothing') FROM leap.account WHERE identifier = :one;

SELECT is(pg_temp.update_account(:one, '{"family_name": "New", "tel_voice": null, "bday": "1974-09-09",
                                         "additional_fields": {"career-name": "C"}}'),
          'updated 2 f', 'a patch');
SELECT results_eq(
    format($$SELECT concat_ws('|', given_name, family_name, tel_pref, coalesce(tel_voice, '-'), bday,
                              additional_fields) COLLATE "default"
             FROM leap.account WHERE identifier = %s$$, :one),
    ARRAY['Test|New|1|-|1974-09-09|{"shoe-size": "42", "career-name": "C"}'],
    'changes what it gives, clears by null and keeps the rest');
SELECT is(pg_temp.update_account(:one, '{"additional_fields": {"career-name": null, "shoe-size": "43"}}'),
          'updated 2 f', 'a patch of fields');
SELECT is(additional_fields::jsonb, '{"shoe-size": "43"}', 'removes and replaces by key')
FROM leap.account WHERE identifier = :one;
SELECT ok(unacked_since IS NOT NULL, 'and raises the flag') FROM leap.account WHERE identifier = :one;

SELECT is(pg_temp.update_account(:one, '{"family_name": "X"}', 1), 'precondition 2 f', 'another version');
SELECT is(pg_temp.update_account(:one, '{"family_name": "X"}', 2), 'updated 2 f', 'the expected version');
SELECT is(pg_temp.update_account(:one, '{"email": "LEAST@example.org"}'), 'conflict 2 t',
          'an address that is taken');
SELECT is(email::text, 'Test.User@example.org', 'changes nothing') FROM leap.account WHERE identifier = :one;
SELECT is(pg_temp.update_account(:one, '{"email": "TEST.USER@example.org"}'), 'updated 2 f',
          'one''s own address in other letters');
SELECT is(email::text, 'TEST.USER@example.org', 'is stored as given') FROM leap.account WHERE identifier = :one;
SELECT is(pg_temp.update_account(:one, '{"email": "least@example.org", "communities": ["second"]}'),
          'conflict 2 t', 'a move onto a taken address');
SELECT is(pg_temp.update_account(:one, '{"communities": ["second"]}'), 'updated 2 f', 'another community');
SELECT is(pg_temp.update_account(:one, '{"account_status": "Inactive", "version": 9, "extid": "X"}'), 'updated 2 f',
          'what is no part of an update');
SELECT is(concat_ws(' ', account_status, version, extid), 'Active 2 CRM/1', 'is not changed')
FROM leap.account WHERE identifier = :one;
SELECT is(pg_temp.update_account(1, '{}'), 'unknown f', 'an account that does not exist');
SELECT is(pg_temp.update_account(:other, '{}'), 'unknown f', 'an account of another company');
SELECT results_eq(
    format('SELECT concat_ws('' '', identifier, extid) COLLATE "default"
            FROM leap.update_account(%s, %s, ''{}'', NULL, ''update'')', :company_one, :one),
    ARRAY[:'one' || ' CRM/1'], 'both identifiers come back');

RESET SESSION AUTHORIZATION;
SELECT leap.set_account_status('tap-one', :one, 'Inactive') \g /dev/null
SET LOCAL SESSION AUTHORIZATION leap_api;
SELECT is(pg_temp.update_account(:one, '{"family_name": "Y"}'), 'inactive 2 f', 'an inactive account');

RESET SESSION AUTHORIZATION;
SELECT leap.set_account_limit('tap-one', 1) \g /dev/null
SET LOCAL SESSION AUTHORIZATION leap_api;
SELECT throws_ok(
    $$SELECT pg_temp.create_account('{"email": "z@example.org", "given_name": "A", "family_name": "B",
                                      "communities": ["original"]}')$$,
    'LEA01', 'Account limit reached.', 'the account limit');
RESET SESSION AUTHORIZATION;

SELECT is(leap.schema_version(), 2, 'the version of the schema');
SELECT volatility_is('leap', 'account_conflicts', 'stable', 'account_conflicts can be inlined');
SELECT is_definer('leap', 'create_company', 'administration runs with its owner''s rights');
SELECT isnt_definer('leap', 'create_account', 'create_account with the caller''s');

SELECT * FROM finish();
ROLLBACK;
