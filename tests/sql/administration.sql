-- The administration functions: what they do, and what they say to a wrong argument.

\ir include/fixture.psql

-- The message of a statement that has to fail, with a hint.
CREATE FUNCTION pg_temp.refusal(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    message text;
    hint text;
BEGIN
    EXECUTE statement;
    RETURN 'nothing was refused';
EXCEPTION WHEN invalid_parameter_value THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
    RETURN message || CASE WHEN hint = '' THEN ' (no hint)' ELSE '' END;
END
$$;

SELECT pg_temp.new_account('tap-one', 'one@example.org') AS one \gset
SELECT pg_temp.company('tap-one') AS company_one \gset
SELECT leap.create_api_client('tap-one', 'revoked') AS revoked \gset
SELECT leap.revoke_api_client('tap-one', 'revoked') \g /dev/null
UPDATE leap.account SET additional_fields = '{"shoe-size": "42"}' WHERE identifier = :one;

SELECT pg_temp.begin_tests(70);

SET LOCAL SESSION AUTHORIZATION leap_dba;

SELECT is(pg_temp.refusal(replace(statement, ':one', :'one')), replace(message, ':one', :'one'), statement)
FROM (VALUES
    ($$SELECT leap.create_company(NULL, 'X', 'x.test')$$, 'NULL is no valid key of a company.'),
    ($$SELECT leap.create_company('a b', 'X', 'x.test')$$, '''a b'' is no valid key of a company.'),
    ($$SELECT leap.create_company('tap-x', ' ', 'x.test')$$, ''' '' is no valid name of a company.'),
    ($$SELECT leap.create_company('tap-x', 'X', 'x.test:443')$$, '''x.test:443'' is no valid host name.'),
    ($$SELECT leap.create_company('tap-x', 'X', NULL)$$, 'NULL is no valid host name.'),
    ($$SELECT leap.create_company('tap-x', 'X', 'one.tap.test')$$,
     'The host name ''one.tap.test'' serves the company ''tap-one''.'),
    ($$SELECT leap.create_company('tap-one', 'X', 'x.test')$$, 'The company ''tap-one'' exists already.'),
    ($$SELECT leap.add_hostname('none', 'x.test')$$, 'There is no company ''none''.'),
    ($$SELECT leap.add_hostname(NULL, 'x.test')$$, 'There is no company NULL.'),
    ($$SELECT leap.add_hostname('tap-one', 'https://x.test')$$, '''https://x.test'' is no valid host name.'),
    ($$SELECT leap.add_hostname('tap-one', 'TWO.tap.test')$$,
     'The host name ''two.tap.test'' serves the company ''tap-two''.'),
    ($$SELECT leap.remove_hostname('none', 'x.test')$$, 'There is no company ''none''.'),
    ($$SELECT leap.remove_hostname('tap-one', 'two.tap.test')$$,
     'The company ''tap-one'' is not served at ''two.tap.test''.'),
    ($$SELECT leap.set_company_status('none', 'Active')$$, 'There is no company ''none''.'),
    ($$SELECT leap.set_company_status('tap-one', 'suspended')$$, '''suspended'' is no status of a company.'),
    ($$SELECT leap.set_company_status('tap-one', NULL)$$, 'NULL is no status of a company.'),
    ($$SELECT leap.set_password_score('none', 1)$$, 'There is no company ''none''.'),
    ($$SELECT leap.set_password_score('tap-one', 5)$$, '''5'' is no strength of a password.'),
    ($$SELECT leap.set_password_score('tap-one', NULL)$$, 'NULL is no strength of a password.'),
    ($$SELECT leap.create_community('none', 'tap-x')$$, 'There is no company ''none''.'),
    ($$SELECT leap.create_community('tap-one', '')$$, ''''' is no valid key of a community.'),
    ($$SELECT leap.create_community('tap-one', 'original')$$, 'The community ''original'' exists already.'),
    ($$SELECT leap.define_field('none', 'tap-x', 'X')$$, 'There is no company ''none''.'),
    ($$SELECT leap.define_field('tap-one', 'x y', 'X')$$, '''x y'' is no valid key of a field.'),
    ($$SELECT leap.define_field('tap-one', 'tap-x', NULL)$$, 'NULL is no valid label.'),
    ($$SELECT leap.remove_field('none', 'tap-x')$$, 'There is no company ''none''.'),
    ($$SELECT leap.remove_field('tap-one', 'tap-x')$$, 'There is no field ''tap-x''.'),
    ($$SELECT leap.remove_field('tap-one', 'shoe-size')$$,
     'The field ''shoe-size'' is used, by account :one for one.'),
    ($$SELECT leap.set_account_limit('none', 1)$$, 'There is no company ''none''.'),
    ($$SELECT leap.set_account_limit('tap-one', -1)$$, '-1 is no number of accounts.'),
    ($$SELECT leap.create_api_client('none', 'tap-x')$$, 'There is no company ''none''.'),
    ($$SELECT leap.create_api_client('tap-one', 'x:y')$$, '''x:y'' is no valid key of a client.'),
    ($$SELECT leap.create_api_client('tap-one', 'tap-x', 'all')$$, '''all'' is no permission.'),
    ($$SELECT leap.create_api_client('tap-one', 'tap-x', NULL)$$, 'NULL is no permission.'),
    ($$SELECT leap.create_api_client('tap-one', 'tap-x', 'read-only', '2001-01-01 00:00:00+00')$$,
     'The time ' || quote_literal('2001-01-01 00:00:00+00'::timestamptz) || ' is past.'),
    ($$SELECT leap.create_api_client('tap-one', 'revoked')$$, 'The API client ''revoked'' exists already.'),
    ($$SELECT leap.set_api_client_permission('none', 'tap-x', 'read-only')$$, 'There is no company ''none''.'),
    ($$SELECT leap.set_api_client_permission('tap-one', 'tap-x', 'read-only')$$, 'There is no API client ''tap-x''.'),
    ($$SELECT leap.set_api_client_permission('tap-one', 'revoked', 'all')$$, '''all'' is no permission.'),
    ($$SELECT leap.rotate_api_client('none', 'tap-x')$$, 'There is no company ''none''.'),
    ($$SELECT leap.rotate_api_client('tap-one', NULL)$$, 'There is no API client NULL.'),
    ($$SELECT leap.rotate_api_client('tap-one', 'revoked')$$, 'The API client ''revoked'' is revoked.'),
    ($$SELECT leap.rotate_api_client('tap-one', 'revoked', '-1 day')$$, '''-1 days'' is no overlap.'),
    ($$SELECT leap.revoke_api_client('none', 'tap-x')$$, 'There is no company ''none''.'),
    ($$SELECT leap.revoke_api_client('tap-one', 'tap-x')$$, 'There is no API client ''tap-x''.'),
    ($$SELECT leap.set_account_status('none', :one, 'Active')$$, 'There is no company ''none''.'),
    ($$SELECT leap.set_account_status('tap-two', :one, 'Active')$$, 'The company has no account '':one''.'),
    ($$SELECT leap.set_account_status('tap-one', NULL, 'Active')$$, 'The company has no account NULL.'),
    ($$SELECT leap.set_account_status('tap-one', :one, 'Closed')$$, '''Closed'' is no status of an account.'),
    ($$SELECT leap.set_password_hash('none', :one, 'tap-x')$$, 'There is no company ''none''.'),
    ($$SELECT leap.set_password_hash('tap-one', 1, 'tap-x')$$, 'The company has no account ''1''.'),
    ($$SELECT leap.set_password_hash('tap-one', :one, 'secret')$$, 'The password hash is no PHC string.'),
    ($$SELECT leap.set_password_hash('tap-one', :one, NULL)$$, 'The password hash is no PHC string.')
) AS sample (statement, message);

-- Companies.
SELECT leap.create_company('tap-x', 'X', 'X.tap.test.') \g /dev/null
SELECT results_eq(
    $$SELECT concat_ws('|', name, company_status, password_score, hostname) COLLATE "default"
      FROM leap.company JOIN leap.host_name USING (company_id) WHERE company = 'tap-x'$$,
    ARRAY['X|Active|3|x.tap.test'], 'create_company makes a company, served at the host name');
SELECT leap.add_hostname('tap-x', 'api.x.test') \g /dev/null
SELECT lives_ok($$SELECT leap.add_hostname('tap-x', 'api.x.test')$$, 'add_hostname can be repeated');
SELECT leap.remove_hostname('tap-x', 'x.tap.test') \g /dev/null
SELECT results_eq(
    $$SELECT hostname::text COLLATE "default" FROM leap.company JOIN leap.host_name USING (company_id) WHERE company = 'tap-x'$$,
    ARRAY['api.x.test'], 'add_hostname and remove_hostname');
SELECT leap.set_company_status('tap-x', 'Suspended') \g /dev/null
SELECT leap.set_password_score('tap-x', 0) \g /dev/null
SELECT results_eq(
    $$SELECT concat_ws('|', company_status, password_score) COLLATE "default" FROM leap.company WHERE company = 'tap-x'$$,
    ARRAY['Suspended|0'], 'set_company_status and set_password_score');
SELECT leap.create_community('tap-x', 'original') \g /dev/null
SELECT leap.define_field('tap-x', 'b', 'First') \g /dev/null
SELECT leap.define_field('tap-x', 'a', 'Second') \g /dev/null
SELECT leap.define_field('tap-x', 'b', 'First again') \g /dev/null
SELECT results_eq(
    $$SELECT concat_ws('|', key, label) COLLATE "default" FROM leap.additional_field JOIN leap.company USING (company_id)
      WHERE company = 'tap-x' ORDER BY position$$,
    ARRAY['b|First again', 'a|Second'], 'define_field defines in order and relabels');

-- API clients.
SELECT leap.create_api_client('tap-x', 'tap-crm') AS first \gset
SELECT matches(:'first'::text, '^[A-Za-z0-9_-]{43}$', 'a secret is 256 bits in base64url');
SELECT isnt(leap.create_api_client('tap-x', 'tap-portal', 'read-only', now() + '1 day'), :'first', 'each is another');
SELECT results_eq(
    $$SELECT concat_ws('|', client, permission, expires - now()) COLLATE "default"
      FROM leap.api_client JOIN leap.company USING (company_id) WHERE company = 'tap-x' ORDER BY client$$,
    ARRAY['tap-crm|read-write', 'tap-portal|read-only|1 day'],
    'create_api_client with permission and expiry');
SELECT results_eq(
    $$SELECT secret_digest::bytea FROM leap.api_client WHERE client = 'tap-crm'$$,
    format('SELECT sha256(%L)', :'first'), 'only the SHA-256 of a secret is stored');
SELECT leap.set_api_client_permission('tap-x', 'tap-crm', 'read-acknowledge') \g /dev/null
SELECT results_eq($$SELECT permission::text COLLATE "default" FROM leap.api_client WHERE client = 'tap-crm'$$,
                  ARRAY['read-acknowledge'], 'set_api_client_permission');
SELECT leap.rotate_api_client('tap-x', 'tap-crm', '2 hours') AS second \gset
SELECT results_eq(
    $$SELECT secret_digest::bytea, previous_digest::bytea, previous_expires FROM leap.api_client WHERE client = 'tap-crm'$$,
    format($$SELECT sha256(%L), sha256(%L), now() + '2 hours'$$, :'second', :'first'),
    'rotate_api_client keeps the old secret for the overlap');
SELECT leap.rotate_api_client('tap-x', 'tap-crm') AS third \gset
SELECT results_eq(
    $$SELECT secret_digest::bytea, previous_digest::bytea, previous_expires FROM leap.api_client WHERE client = 'tap-crm'$$,
    format($$SELECT sha256(%L), sha256(%L), now() + '1 day'$$, :'third', :'second'),
    'of a day, and no third one');
SELECT leap.revoke_api_client('tap-x', 'tap-crm') \g /dev/null
SELECT results_eq($$SELECT revoked FROM leap.api_client WHERE client = 'tap-crm'$$, 'SELECT now()', 'revoke_api_client');
SELECT lives_ok($$SELECT leap.revoke_api_client('tap-x', 'tap-crm')$$, 'which can be repeated');

-- Accounts.
SELECT leap.set_account_status('tap-one', :one, 'Inactive') \g /dev/null
SELECT is(account_status::text, 'Inactive', 'set_account_status') FROM leap.account WHERE identifier = :one;
SELECT leap.set_password_hash('tap-one', :one, '$scrypt$ln=14,r=8,p=5$c2FsdA$b25l') \g /dev/null
SET LOCAL SESSION AUTHORIZATION leap_login;
SELECT leap.set_password_hash('tap-one', :one, '$scrypt$ln=14,r=8,p=5$c2FsdA$dHdv') \g /dev/null
SELECT results_eq(
    format('SELECT password_hash::text COLLATE "default" FROM leap.account_password WHERE identifier = %s', :one),
    ARRAY['$scrypt$ln=14,r=8,p=5$c2FsdA$dHdv'], 'set_password_hash sets and replaces, for leap_login too');
RESET SESSION AUTHORIZATION;

SELECT leap.remove_field('tap-x', 'a') \g /dev/null
SELECT is_empty($$SELECT FROM leap.additional_field JOIN leap.company USING (company_id)
                  WHERE company = 'tap-x' AND key = 'a'$$, 'remove_field');

SELECT * FROM finish();
ROLLBACK;
