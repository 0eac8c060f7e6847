-- Rules of accounts that hold for a plain statement too.

\ir include/fixture.psql

SELECT pg_temp.begin_tests(28);

SELECT pg_temp.new_account('tap-one', 'One@Example.org') AS one \gset
SELECT pg_temp.company('tap-one') AS company_one \gset


CREATE FUNCTION pg_temp.set_to(assignment text) RETURNS text LANGUAGE sql AS $$
    SELECT format('UPDATE leap.account SET %s WHERE email_key = ''one@example.org''', assignment)
$$;

SELECT cmp_ok(:one::bigint, '>=', 10000001::bigint, 'identifiers start at 10000001');
SELECT is(email_key, 'one@example.org', 'the e-mail key is folded') FROM leap.account WHERE identifier = :one;
SELECT is(email::text, 'One@Example.org', 'the e-mail address is not') FROM leap.account WHERE identifier = :one;
SELECT is(account_status::text, 'Active', 'a new account is active') FROM leap.account WHERE identifier = :one;
SELECT is(additional_fields::jsonb, '{}', 'without additional fields') FROM leap.account WHERE identifier = :one;

SET LOCAL SESSION AUTHORIZATION leap_dba;
SELECT throws_ok(pg_temp.set_to('email = NULL'), '23514', NULL, 'an e-mail address is required');
SELECT throws_ok(pg_temp.set_to('given_name = NULL'), '23514', NULL, 'a given name is required');
SELECT throws_ok(pg_temp.set_to('family_name = NULL'), '23514', NULL, 'a family name is required');
SELECT throws_ok(pg_temp.set_to('given_name = '' Ada'''), '23514', NULL, 'outer white space is refused');
SELECT throws_ok(pg_temp.set_to('bday = current_date + 2'), '23514', 'A birthday lies in the future.',
                 'a birthday is past');
SELECT lives_ok(pg_temp.set_to('bday = (now() AT TIME ZONE ''UTC'')::date'), 'or today');
SELECT throws_ok(pg_temp.set_to('nationality = ''XX'''), '23503', NULL, 'nationality is a country');
SELECT throws_ok(pg_temp.set_to('residential_country = ''XX'''), '23503', NULL,
                 'so is the one of the residential address');
SELECT throws_ok(pg_temp.set_to('billing_country = ''XX'''), '23503', NULL,
                 'and of the billing address');
SELECT lives_ok(pg_temp.set_to('nationality = ''AU'''), 'which Australia is');
SELECT throws_ok(pg_temp.set_to('account_status = ''Closed'''), '23514', NULL, 'there are two statuses');
SELECT throws_ok(pg_temp.set_to('identifier = 1'), '23514', 'An account keeps its company and identifier.',
                 'the identifier stays');
SELECT throws_ok(pg_temp.set_to('erased = true'), '23514', 'An account is erased only as a whole.',
                 'a plain statement does not erase');
SELECT throws_ok(
    format($$INSERT INTO leap.account (company_id, identifier, email, given_name, family_name, communities)
             VALUES (%s, %s + 5, 'x@example.org', 'A', 'B', '{original}')$$, :company_one, :one),
    '23514', NULL, 'an identifier that the sequence will give is refused');
SELECT lives_ok(
    format($$INSERT INTO leap.account (company_id, identifier, email, given_name, family_name, communities)
             VALUES (%s, 17, 'x@example.org', 'A', 'B', '{original}')$$, :company_one),
    'one that it will not give is taken');
SELECT lives_ok(pg_temp.set_to('extid = ''CRM/1'''), 'an external identifier is taken');
SELECT throws_ok('UPDATE leap.account SET extid = ''CRM/1'' WHERE identifier = 17', '23505', NULL,
                 'it is one account''s');
SELECT lives_ok('UPDATE leap.account SET extid = ''crm/1'' WHERE identifier = 17',
                'another by its letters'' case is not the same');
SELECT throws_ok('UPDATE leap.account SET email = ''ONE@example.org'' WHERE identifier = 17', '23505', NULL,
                 'an e-mail address is one account''s, whatever its letters'' case');

RESET SESSION AUTHORIZATION;

-- What erasing leaves, which only leap_owner can write.
SET LOCAL ROLE leap_owner;
SELECT throws_ok('UPDATE leap.account SET erased = true WHERE identifier = 17', '23514', NULL,
                 'an erased account keeps no personal value');
SELECT lives_ok(
    $$UPDATE leap.account
      SET erased = true, account_status = 'Inactive', email = NULL, given_name = NULL, family_name = NULL,
          extid = NULL
      WHERE identifier = 17$$,
    'without any it is erased');
SELECT throws_ok('UPDATE leap.account SET erased = false WHERE identifier = 17', '23514',
                 'An erased account stays erased.', 'for good');
SELECT throws_ok('UPDATE leap.account SET account_status = ''Active'' WHERE identifier = 17', '23514', NULL,
                 'and stays inactive');
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
