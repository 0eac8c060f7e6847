-- leap.account_field_key, by which accounts are found by an additional field.

\ir include/fixture.psql

CREATE FUNCTION pg_temp.keys_of(account bigint) RETURNS TABLE (field text, value_digest bytea) LANGUAGE sql AS $$
    SELECT field, value_digest FROM leap.account_field_key WHERE identifier = $1 ORDER BY field
$$;

SELECT pg_temp.begin_tests(12);

SELECT pg_temp.new_account('tap-one', 'one@example.org') AS one \gset
SELECT is_empty(format('SELECT * FROM pg_temp.keys_of(%s)', :one), 'no fields, no keys');

UPDATE leap.account SET additional_fields = '{"shoe-size": "42", "career-name": "Ada é"}' WHERE identifier = :one;
SELECT results_eq(
    format('SELECT * FROM pg_temp.keys_of(%s)', :one),
    $$VALUES ('career-name', sha256(convert_to('Ada é', 'UTF8'))), ('shoe-size', sha256('42'))$$,
    'a key for each value: the SHA-256 of its UTF-8');

SELECT ctid AS place FROM leap.account_field_key WHERE identifier = :one AND field = 'shoe-size' \gset
UPDATE leap.account SET additional_fields = '{"shoe-size": "42", "career-name": "Countess"}' WHERE identifier = :one;
SELECT results_eq(
    format('SELECT * FROM pg_temp.keys_of(%s)', :one),
    $$VALUES ('career-name', sha256('Countess')), ('shoe-size', sha256('42'))$$, 'a new value gets a new key');
SELECT is(ctid, :'place'::tid, 'the other key is not touched')
FROM leap.account_field_key WHERE identifier = :one AND field = 'shoe-size';

UPDATE leap.account SET additional_fields = additional_fields - 'shoe-size' WHERE identifier = :one;
SELECT results_eq(format('SELECT field FROM pg_temp.keys_of(%s)', :one), ARRAY['career-name'],
                  'a removed value loses its key');

SELECT throws_ok(
    format('UPDATE leap.account SET additional_fields = ''{"unknown": "1"}'' WHERE identifier = %s', :one),
    '23503', NULL, 'a field has to be defined');
SELECT throws_ok(
    format('UPDATE leap.account SET additional_fields = ''{"shoe-size": 42}'' WHERE identifier = %s', :one),
    '23514', NULL, 'a value is a string');
SELECT throws_ok($$SELECT leap.remove_field('tap-one', 'career-name')$$, '22023', NULL,
                 'a field that is used is not removed');
SELECT throws_ok('DELETE FROM leap.additional_field WHERE key = ''career-name''', '23503', NULL,
                 'not by a plain statement either');
SELECT lives_ok($$SELECT leap.remove_field('tap-one', 'shoe-size')$$, 'one that is not used is');

UPDATE leap.account SET additional_fields = jsonb_build_object('career-name', repeat(U&'\+01F600', 1000))
WHERE identifier = :one;
SELECT results_eq(
    format('SELECT value_digest FROM pg_temp.keys_of(%s)', :one),
    $$VALUES (sha256(convert_to(repeat(U&'\+01F600', 1000), 'UTF8')))$$, 'a value of 1,000 wide characters fits');

INSERT INTO leap.account (company_id, email, given_name, family_name, communities, additional_fields)
VALUES (pg_temp.company('tap-one'), 'two@example.org', 'A', 'B', '{original}', '{"career-name": "C"}')
RETURNING identifier AS two \gset
SELECT results_eq(format('SELECT value_digest FROM pg_temp.keys_of(%s)', :two), 'VALUES (sha256(''C''))',
                  'an account that starts with a value has its key');

SELECT * FROM finish();
ROLLBACK;
