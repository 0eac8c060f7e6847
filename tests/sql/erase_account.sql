-- A person's right to erasure: nothing personal is left in any table, and what stays is what has to.

\ir include/fixture.psql

-- Tables that hold a text anywhere, with the number of rows.
CREATE FUNCTION pg_temp.tables_with(wanted text) RETURNS TABLE (name text, number bigint) LANGUAGE plpgsql AS $$
BEGIN
    FOR name IN SELECT c.oid::regclass::text FROM pg_class c
                WHERE c.relnamespace = 'leap'::regnamespace AND c.relkind = 'r' LOOP
        EXECUTE format('SELECT count(*) FROM %s t WHERE t::text ILIKE %L', name, '%' || wanted || '%') INTO number;
        IF number > 0 THEN
            RETURN NEXT;
        END IF;
    END LOOP;
END
$$;

SELECT pg_temp.begin_tests(35);

SELECT pg_temp.company('tap-one') AS company_one \gset
SELECT leap.create_api_client('tap-one', 'tap') AS secret \gset
SELECT pg_temp.new_account('tap-one', 'other@example.org') AS other \gset

-- An account with a canary in all that a person has, made by the API's own role.
SELECT pg_temp.enter('tap-one') \g /dev/null
SET LOCAL SESSION AUTHORIZATION leap_api;
SELECT identifier AS one FROM leap.create_account(:company_one, '{
    "email": "canary@example.org", "given_name": "canary", "family_name": "canary", "additional_names": "canary",
    "honorific_prefixes": "canary", "bday": "1901-02-03", "gender": "FEMALE", "nationality": "GB",
    "tel_pref": "canary 1", "tel_voice": "canary 2", "residential_street_address": "canary", "residential_region": "canary",
    "residential_postal_code": "canary", "residential_country": "GB", "billing_street_address": "canary",
    "billing_region": "canary", "billing_postal_code": "canary", "billing_country": "GB", "extid": "canary",
    "additional_fields": {"shoe-size": "canary", "career-name": "canary"}, "communities": ["original"]}',
    '$scrypt$ln=14,r=8,p=5$canary$canary') \gset
SELECT leap.update_account(:company_one, :one,
    '{"family_name": "canary the second", "additional_fields": {"shoe-size": null}}', NULL, 'update') \g /dev/null
SELECT leap.set_extid(:company_one, :one, 'canary/2') \g /dev/null
SELECT leap.add_comment(:company_one, :one, 'canary') \g /dev/null
INSERT INTO leap.retry_key
    (company_id, client, key, secret_digest, request_digest, status, account_identifier, extid, version)
VALUES (:company_one, 'tap', 'canary', sha256('a'), sha256('b'), 201, :one, 'canary', 1);
SELECT * FROM leap.acknowledge_accounts(:company_one, jsonb_build_array(jsonb_build_array(:one, NULL))) \g /dev/null
RESET SESSION AUTHORIZATION;
INSERT INTO leap.property_relationship (company_id, identifier, account_identifier) VALUES (:company_one, 1, :one);
SELECT pg_temp.next_transaction() \g /dev/null
SELECT version, changed_in FROM leap.account WHERE identifier = :one \gset
SELECT count(*) AS changes FROM leap.account_change WHERE identifier = :one \gset
SELECT bag_eq('SELECT name FROM pg_temp.tables_with(''canary'')',
              ARRAY['leap.account', 'leap.account_change', 'leap.account_comment', 'leap.account_community',
                    'leap.account_password', 'leap.retry_key'], 'the canary is everywhere');

SET LOCAL SESSION AUTHORIZATION leap_dba;
SELECT throws_ok(format('SELECT leap.erase_account(''none'', %s)', :one), '22023', 'There is no company ''none''.',
                 'no company');
SELECT throws_ok(format('SELECT leap.erase_account(''tap-two'', %s)', :one), '22023',
                 format('The company has no account ''%s''.', :one), 'another company''s');
SELECT throws_ok('SELECT leap.erase_account(''tap-one'', NULL)', '22023', 'The company has no account NULL.', 'no account');
SELECT lives_ok(format('SELECT leap.erase_account(''tap-one'', %s)', :one), 'a DBA erases an account');
SELECT throws_ok(format('SELECT leap.erase_account(''tap-one'', %s)', :one), '22023', format('Account %s is erased.', :one),
                 'and only once');
RESET SESSION AUTHORIZATION;

SELECT is_empty('SELECT * FROM pg_temp.tables_with(''canary'')', 'the canary is in no table');
SELECT is_empty('SELECT * FROM pg_temp.tables_with(''1901-02-03'')', 'nor is the birthday');
SELECT is_empty(format('SELECT FROM leap.account_field_key WHERE identifier = %s', :one), 'nor a digest of a field');
SELECT is(account_status::text, 'Inactive', 'the account is inactive') FROM leap.account WHERE identifier = :one;
SELECT is(num_nonnulls(gender, nationality, residential_country, billing_country), 0, 'without any personal value')
FROM leap.account WHERE identifier = :one;
SELECT is(communities, '{original}', 'its community stays') FROM leap.account WHERE identifier = :one;
SELECT is(count(*), 1::bigint, 'so does its relationship') FROM leap.property_relationship WHERE account_identifier = :one;
SELECT ok(unacked_since IS NOT NULL, 'the flag is raised') FROM leap.account WHERE identifier = :one;
SELECT is(version, :version::bigint + 1, 'and the version') FROM leap.account WHERE identifier = :one;
SELECT ok(changed_in > :changed_in, 'the change feed shows it') FROM leap.account WHERE identifier = :one;
SELECT is(count(*), 1::bigint, 'another account stays') FROM leap.account WHERE identifier = :other AND email IS NOT NULL;
SELECT lives_ok('SELECT pg_temp.new_account(''tap-one'', ''canary@example.org'')', 'the e-mail address is free again');
SELECT lives_ok(format('UPDATE leap.account SET extid = ''canary/2'' WHERE identifier = %s', :other),
                'so is the external identifier');

-- History.
SELECT is(count(*), :changes::bigint + 1, 'history has lost no row') FROM leap.account_change WHERE identifier = :one;
SELECT results_eq(
    format('SELECT operation::name FROM leap.account_change WHERE identifier = %s ORDER BY change_id', :one),
    '{create,update,extid,acknowledge,erase}'::name[], 'it tells what was done');
SELECT is(count(*), 4::bigint, 'and who did it') FROM leap.account_change WHERE identifier = :one AND client = 'tap';
SELECT ok(new_values ?& '{email,given_name,bday,tel_pref,extid,additional_fields.shoe-size}', 'and which columns')
FROM leap.account_change WHERE identifier = :one AND operation = 'create';
SELECT is_empty(
    format('SELECT column_name, old_value, new_value FROM leap.account_history WHERE identifier = %s '
           'AND column_name NOT IN (''account_status'', ''community'', ''unacked_since'') '
           'AND num_nonnulls(old_value, new_value) > 0', :one), 'without a value');
SELECT results_eq(
    format('SELECT old_value, new_value FROM leap.account_history WHERE identifier = %s AND operation = ''erase'' '
           'AND column_name = ''account_status''', :one),
    $$VALUES ('Active', 'Inactive')$$, 'the status is no personal value');
SELECT ok(old_values IS NULL, 'a creation is still one') FROM leap.account_change
WHERE identifier = :one AND operation = 'create';

-- It stays so.
SELECT throws_ok(format('UPDATE leap.account SET %s WHERE identifier = %s', assignment, :one), '23514', NULL,
                 assignment || ' is refused')
FROM (VALUES ('account_status = ''Active'''), ('given_name = ''Ada'''), ('erased = false')) AS samples (assignment);
SELECT throws_ok(format('SELECT leap.set_account_status(''tap-one'', %s, ''Active'')', :one), '22023', NULL,
                 'it cannot be reactivated');
SELECT pg_temp.enter('tap-one') \g /dev/null
SET LOCAL SESSION AUTHORIZATION leap_api;
SELECT is(outcome, 'unknown', 'it gets no external identifier') FROM leap.set_extid(:company_one, :one, 'again');
SELECT is_empty(format('SELECT FROM leap.add_comment(%s, %s, ''again'')', :company_one, :one), 'and no comment');
SELECT is(outcome, 'inactive', 'it is not updated')
FROM leap.update_account(:company_one, :one, '{"given_name": "Ada"}', NULL, 'update');
SELECT is_empty(format('SELECT FROM leap.acknowledge_accounts(%s, ''[[%s, null]]'')', :company_one, :one),
                'but it can be acknowledged');
RESET SESSION AUTHORIZATION;

-- Samples of values.
ANALYZE leap.account;
SELECT is_empty(
    $$SELECT attname FROM pg_stats WHERE schemaname = 'leap' AND tablename = 'account' AND attname NOT IN
      ('company_id', 'identifier', 'creation_time', 'account_status', 'communities', 'unacked_since', 'version', 'changed_in',
       'erased')$$, 'statistics hold no personal value');

SELECT * FROM finish();
ROLLBACK;
