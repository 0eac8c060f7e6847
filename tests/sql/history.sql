-- leap.account_history: who changed what.

\ir include/fixture.psql

CREATE FUNCTION pg_temp.history(account bigint) RETURNS SETOF text LANGUAGE sql SECURITY DEFINER AS $$
    SELECT concat_ws('|', h.author, h.operation, h.version, h.column_name,
                     coalesce(h.old_value, '-'), coalesce(h.new_value, '-'))
    FROM leap.account_history h
    WHERE h.identifier = $1
    ORDER BY h.column_name
$$;
CREATE FUNCTION pg_temp.forget() RETURNS void LANGUAGE sql SECURITY DEFINER AS $$
    DELETE FROM leap.account_change
$$;

SELECT pg_temp.begin_tests(12);

SELECT pg_temp.company('tap-one') AS company_one \gset
SET LOCAL SESSION AUTHORIZATION leap_api;
SELECT pg_temp.enter('tap-one') \g /dev/null
SELECT identifier AS one FROM leap.create_account(:company_one,
    '{"email": "one@example.org", "given_name": "Ada", "family_name": "Lovelace", "communities": ["original"],
      "additional_fields": {"shoe-size": "42"}}', '$scrypt$ln=14,r=8,p=5$c2FsdA$aGFzaA') \gset
SELECT results_eq(
    format('SELECT * FROM pg_temp.history(%s)', :one),
    $$VALUES ('tap|create|1|account_status|-|Active'), ('tap|create|1|additional_fields.shoe-size|-|42'),
             ('tap|create|1|community|-|original'), ('tap|create|1|email|-|one@example.org'),
             ('tap|create|1|family_name|-|Lovelace'), ('tap|create|1|given_name|-|Ada')$$,
    'creation, with every value but the password');

RESET SESSION AUTHORIZATION;
SELECT pg_temp.forget() \g /dev/null
SELECT pg_temp.next_transaction() \g /dev/null
SELECT pg_temp.acknowledge(:one) \g /dev/null
SELECT matches((SELECT string_agg(line, ';') FROM pg_temp.history(:one) AS line),
               '^' || session_user || E'\\|create\\|1\\|unacked_since\\|20.*\\|-$', 'an acknowledgement');

SELECT pg_temp.forget() \g /dev/null
SET LOCAL SESSION AUTHORIZATION leap_api;
SELECT * FROM leap.update_account(:company_one, :one,
    '{"given_name": "Augusta", "tel_pref": "1", "additional_fields": {"shoe-size": null, "career-name": "C"}}',
    NULL, 'update') \g /dev/null
SELECT results_eq(
    format('SELECT * FROM pg_temp.history(%s)', :one),
    $$VALUES ('tap|update|2|additional_fields.career-name|-|C'), ('tap|update|2|additional_fields.shoe-size|42|-'),
             ('tap|update|2|given_name|Ada|Augusta'), ('tap|update|2|tel_pref|-|1')$$,
    'an update, with just what changed');

SELECT pg_temp.forget() \g /dev/null
SELECT * FROM leap.update_account(:company_one, :one, '{"given_name": "Augusta"}', NULL, 'update') \g /dev/null
SELECT is_empty(format('SELECT * FROM pg_temp.history(%s)', :one), 'an update that changes nothing leaves nothing');

SET LOCAL SESSION AUTHORIZATION leap_dba;
SELECT set_config('leap.operation', '', true) \g /dev/null
UPDATE leap.account SET given_name = 'Ada', extid = 'CRM/1' WHERE identifier = :one;
SELECT results_eq(
    format('SELECT * FROM pg_temp.history(%s)', :one),
    $$VALUES ('leap_dba|sql|2|extid|-|CRM/1'), ('leap_dba|sql|2|given_name|Augusta|Ada')$$,
    'a DBA''s statement, under the role''s own name whatever leap.client says');

SELECT pg_temp.forget() \g /dev/null
SELECT leap.set_account_status('tap-one', :one, 'Inactive') \g /dev/null
SELECT results_eq(
    format('SELECT * FROM pg_temp.history(%s)', :one),
    $$VALUES ('leap_dba|status|2|account_status|Active|Inactive')$$, 'an administration function names its operation');
SELECT pg_temp.forget() \g /dev/null
UPDATE leap.account SET account_status = 'Active' WHERE identifier = :one;
SELECT results_eq(
    format('SELECT * FROM pg_temp.history(%s)', :one),
    $$VALUES ('leap_dba|sql|2|account_status|Inactive|Active')$$, 'only while it runs');

SELECT pg_temp.forget() \g /dev/null
INSERT INTO leap.account_community (company_id, identifier, community) VALUES (:company_one, :one, 'second');
SELECT results_eq(
    format('SELECT * FROM pg_temp.history(%s)', :one),
    $$VALUES ('leap_dba|sql|2|community|original|original second')$$, 'a row of leap.account_community');

SELECT pg_temp.forget() \g /dev/null
UPDATE leap.account SET given_name = given_name WHERE identifier = :one;
SELECT is_empty(format('SELECT * FROM pg_temp.history(%s)', :one), 'a statement that changes nothing leaves nothing');

RESET SESSION AUTHORIZATION;
SET LOCAL timezone = 'Australia/Melbourne';
UPDATE leap.account SET unacked_since = '2020-01-01 00:00:00.123Z' WHERE identifier = :one;
SELECT is(new_value, '2020-01-01T00:00:00.123+00:00', 'times are in UTC whatever the session''s time zone')
FROM leap.account_history WHERE identifier = :one;
SELECT is(company, 'tap-one', 'the view names the company by its key')
FROM leap.account_history WHERE identifier = :one;

SET LOCAL SESSION AUTHORIZATION leap_api;
SELECT lives_ok('SELECT company_id, identifier, version, change_id, at FROM leap.account_change',
                'the web service sees when a version began');
RESET SESSION AUTHORIZATION;

SELECT * FROM finish();
ROLLBACK;
