-- Many accounts from a table: the good ones become accounts, the others say why not.

\ir include/committed.psql

SELECT plan(65);

SELECT pg_temp.new_company('tap-import') AS tenant \gset
SELECT leap.create_community('tap-import', 'second') \g /dev/null
INSERT INTO leap.account (company_id, email, given_name, family_name, communities, extid)
VALUES (:tenant, 'taken@example.org', 'Ada', 'Lovelace', '{original}', 'taken');

DROP SCHEMA IF EXISTS tap_import CASCADE;
CREATE SCHEMA tap_import AUTHORIZATION leap_dba;
SET SESSION AUTHORIZATION leap_dba;
SELECT is(current_schema(), 'leap_dba', 'a DBA''s own tables have a place');
CREATE TABLE tap_import.staging (LIKE leap.account_import INCLUDING DEFAULTS);

-- Wrong arguments.
CREATE FUNCTION pg_temp.refusal(arguments text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE 'CALL leap.import_accounts(' || arguments || ')';
    RETURN 'nothing was refused';
EXCEPTION WHEN invalid_parameter_value THEN
    RETURN SQLERRM;
END
$$;
SELECT is(pg_temp.refusal($$'none', 'tap_import.staging'$$), 'There is no company ''none''.', 'no company');
SELECT is(pg_temp.refusal($$'tap-import', 'leap.company'$$),
          'The table leap.company lacks columns: extid, creation_time, family_name, given_name, additional_names, '
          'honorific_prefixes, bday, gender, nationality, email, password_hash, tel_pref, tel_voice, '
          'residential_street_address, residential_region, residential_postal_code, residential_country, billing_street_address, billing_region, '
          'billing_postal_code, billing_country, additional_fields, communities, problems.', 'another table');
SELECT is(pg_temp.refusal($$'tap-import', 'tap_import.staging', 0$$), '0 is no number of rows.', 'no batch');

-- One full row, as \copy brings it, and one with just what is required.
\copy tap_import.staging FROM include/import_accounts.csv WITH (FORMAT csv, HEADER match)
CALL leap.import_accounts('tap-import', 'tap_import.staging');
SELECT is_empty('SELECT FROM tap_import.staging', 'what was imported has left the table');
SELECT is(jsonb_build_array(extid, creation_time AT TIME ZONE 'UTC', family_name, additional_names, bday, tel_voice,
                            residential_street_address, billing_country, additional_fields, communities),
          '["CRM-1", "2001-02-03T04:05:06.789", "Lovelace", "Augusta", "1974-09-08", "2", "1 Main St", "NZ",
            {"shoe-size": "42"}, ["original"]]', 'a full row is an account, trimmed')
FROM leap.account WHERE company_id = :tenant AND email = 'full@example.org';
SELECT ok(unacked_since > now() - interval '1 hour' AND version = 1, 'which is new to who polls')
FROM leap.account WHERE company_id = :tenant AND email = 'full@example.org';
SELECT is(password_hash::text, '$scrypt$ln=14,r=8,p=5$c2FsdA$aGFzaA', 'with its password')
FROM leap.account_password WHERE company_id = :tenant;
SELECT is(count(*), 1::bigint, 'its field can be searched') FROM leap.account_field_key WHERE company_id = :tenant;
SELECT results_eq(
    format('SELECT DISTINCT operation::name, role::name FROM leap.account_change '
           'WHERE company_id = %s AND operation <> ''sql''', :tenant),
    $$VALUES ('import'::name, 'leap_dba'::name)$$, 'history tells of the import');
SELECT ok(creation_time > now() - interval '1 hour' AND communities = '{second}', 'a bare row is an account from now on')
FROM leap.account WHERE company_id = :tenant AND email = 'bare@example.org';

-- Every rule, one row each: what it is told.
CREATE TABLE tap_import.sample (number serial, assignment text, problems text);
INSERT INTO tap_import.sample (assignment, problems) VALUES
    ('email = NULL', '/account/owner/email required'),
    ('email = '' ''', '/account/owner/email required'),
    ('email = ''joe''', '/account/owner/email invalid'),
    ('email = ''TAKEN@example.org''', '/account/owner/email duplicate'),
    ('extid = ''taken''', '/account/@extid duplicate'),
    ('extid = ''a/../b''', '/account/@extid invalid'),
    ('extid = repeat(''x'', 65)', '/account/@extid invalid'),
    ('creation_time = ''soon''', '/account/creation-time invalid'),
    ('creation_time = ''2999-01-01''', '/account/creation-time invalid'),
    ('creation_time = ''infinity''', '/account/creation-time invalid'),
    ('family_name = ''''', '/account/owner/name/family-name required'),
    ('given_name = NULL', '/account/owner/name/given-name required'),
    ('given_name = repeat(''x'', 101)', '/account/owner/name/given-name invalid'),
    ('given_name = E''a\tb''', '/account/owner/name/given-name invalid'),
    ('additional_names = repeat(''x'', 101)', '/account/owner/name/additional-names invalid'),
    ('honorific_prefixes = repeat(''x'', 101)', '/account/owner/name/honorific-prefixes invalid'),
    ('bday = ''8/9/1974''', '/account/owner/bday invalid'),
    ('bday = ''1974-02-30''', '/account/owner/bday invalid'),
    ('bday = ''1869-12-31''', '/account/owner/bday invalid'),
    ('bday = ''2999-01-01''', '/account/owner/bday invalid'),
    ('gender = ''X''', '/account/owner/gender invalid'),
    ('nationality = ''ZZ''', '/account/owner/nationality/@code invalid'),
    ('nationality = ''Australia''', '/account/owner/nationality/@code invalid'),
    ('password_hash = ''secret''', '/account/owner/password invalid'),
    ('tel_pref = ''none''', '/account/owner/tel[@type=''pref''] invalid'),
    ('tel_voice = repeat(''1'', 41)', '/account/owner/tel[@type=''voice''] invalid'),
    ('residential_street_address = repeat(''x'', 256)', '/account/owner/residential-address/street-address invalid'),
    ('residential_region = repeat(''x'', 101)', '/account/owner/residential-address/region invalid'),
    ('residential_postal_code = repeat(''1'', 21)', '/account/owner/residential-address/postal-code invalid'),
    ('residential_country = ''ZZ''', '/account/owner/residential-address/country-name/@code invalid'),
    ('billing_street_address = repeat(''x'', 256)', '/account/billing-address/street-address invalid'),
    ('billing_region = repeat(''x'', 101)', '/account/billing-address/region invalid'),
    ('billing_postal_code = repeat(''1'', 21)', '/account/billing-address/postal-code invalid'),
    ('billing_country = ''ZZ''', '/account/billing-address/country-name/@code invalid'),
    ('additional_fields = ''[]''', '/account/additional-fields invalid'),
    ('additional_fields = ''{''', '/account/additional-fields invalid'),
    ('additional_fields = ''{"hat": "7"}''', '/account/additional-fields/field[@key=''hat''] invalid'),
    ('additional_fields = ''{"it''''s \"": "7"}''',
     '/account/additional-fields/field[@key=concat(''it'', "''", ''s "'')] invalid'),
    ('additional_fields = ''{"shoe-size": 42}''', '/account/additional-fields/field[@key=''shoe-size''] invalid'),
    ('additional_fields = jsonb_build_object(''shoe-size'', repeat(''x'', 1001))',
     '/account/additional-fields/field[@key=''shoe-size''] invalid'),
    ('communities = NULL', '/account/communities/community required'),
    ('communities = ''{}''', '/account/communities/community required'),
    ('communities = ''third''', '/account/communities/community invalid'),
    ('communities = ''{original,second}''', '/account/communities/community[2] invalid'),
    ('email = NULL, given_name = NULL, bday = ''x'', communities = ''third''',
     '/account/owner/name/given-name required, /account/owner/bday invalid, /account/owner/email required, '
     '/account/communities/community invalid');
ALTER TABLE tap_import.staging ADD COLUMN number int;
CREATE FUNCTION tap_import.fill() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    sample tap_import.sample;
BEGIN
    FOR sample IN SELECT * FROM tap_import.sample ORDER BY number LOOP
        INSERT INTO tap_import.staging (number, email, given_name, family_name, communities)
        VALUES (sample.number, 'new-' || sample.number || '@example.org', 'Ada', 'Lovelace', 'original');
        EXECUTE format('UPDATE tap_import.staging SET %s WHERE number = %s', sample.assignment, sample.number);
    END LOOP;
END
$$;
SELECT tap_import.fill() \g /dev/null
CALL leap.import_accounts('tap-import', 'tap_import.staging', 7);
SELECT is((SELECT string_agg((problem ->> 'path') || ' ' || (problem ->> 'hint'), ', ' ORDER BY position)
           FROM jsonb_array_elements(s.problems) WITH ORDINALITY AS problem (problem, position)),
          sample.problems, sample.assignment)
FROM tap_import.sample
LEFT JOIN tap_import.staging s USING (number)
ORDER BY number;
SELECT is_empty($$SELECT FROM tap_import.staging, jsonb_array_elements(problems) AS problem
                  WHERE coalesce(problem ->> 'detail', '') = ''$$, 'every problem has a detail');

-- Good rows among bad ones; duplicates within the table; again after mending.
DELETE FROM tap_import.staging WHERE number > 1;
INSERT INTO tap_import.staging (number, email, given_name, family_name, communities, extid)
SELECT 100 + number, 'twin@example.org', 'Twin', number::text, 'original', 'twin' FROM generate_series(1, 2) AS number;
INSERT INTO tap_import.staging (number, email, given_name, family_name, communities)
SELECT 200 + number, 'many-' || number || '@example.org', 'Many', number::text, 'original'
FROM generate_series(1, 25) AS number;
CALL leap.import_accounts('tap-import', 'tap_import.staging', 10);
SELECT is(count(*), 25::bigint, 'good rows are imported beside bad ones')
FROM leap.account WHERE company_id = :tenant AND given_name = 'Many';
SELECT is(family_name::text, '1', 'of two rows with one address the first is')
FROM leap.account WHERE company_id = :tenant AND given_name = 'Twin';
SELECT results_eq('SELECT number, jsonb_path_query_array(problems, ''$.hint'') FROM tap_import.staging ORDER BY number',
                  $$VALUES (1, '["required"]'::jsonb), (102, '["duplicate", "duplicate"]')$$, 'the bad ones stay');
UPDATE tap_import.staging SET email = 'other-twin@example.org', extid = NULL WHERE number = 102;
CALL leap.import_accounts('tap-import', 'tap_import.staging');
SELECT results_eq('SELECT number FROM tap_import.staging', '{1}'::int[], 'a mended row is imported the next time');

-- The limit stops the import; the batches before stay.
SELECT leap.set_account_limit('tap-import', count(*) + 5) FROM leap.account WHERE company_id = :tenant \g /dev/null
DELETE FROM tap_import.staging;
INSERT INTO tap_import.staging (email, given_name, family_name, communities)
SELECT 'limit-' || number || '@example.org', 'Limit', number::text, 'original' FROM generate_series(1, 9) AS number;
\set outcome `psql -X -q -v VERBOSITY=terse -c 'SET SESSION AUTHORIZATION leap_dba' -c "CALL leap.import_accounts('tap-import', 'tap_import.staging', 4)" 2>&1 | tail -n 2`
SELECT matches(:'outcome'::text, '^NOTICE:  4 rows read, 4 accounts imported', 'each batch is reported');
SELECT matches(:'outcome'::text, 'ERROR:  Account limit reached.$', 'the account limit stops the import');
SELECT is(count(*), 5::bigint, 'the rest of the rows stays') FROM tap_import.staging;
SELECT is(count(*), 4::bigint, 'what was committed is there')
FROM leap.account WHERE company_id = :tenant AND given_name = 'Limit';

RESET SESSION AUTHORIZATION;
DROP SCHEMA tap_import CASCADE;
SELECT pg_temp.remove_company(:tenant) \g /dev/null
SELECT * FROM finish();
