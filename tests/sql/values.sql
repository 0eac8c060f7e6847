-- The domains: which values each takes.

\ir include/fixture.psql

CREATE FUNCTION pg_temp.takes(value text, domain regtype) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('SELECT $1::%s', domain) USING value;
    RETURN true;
EXCEPTION
    WHEN check_violation OR invalid_datetime_format OR datetime_field_overflow THEN
        RETURN false;
END
$$;

CREATE TEMPORARY TABLE sample (domain regtype, value text, taken boolean);
INSERT INTO sample VALUES
    ('leap.key', 'a', true),
    ('leap.key', 'shoe-size_1.x', true),
    ('leap.key', repeat('k', 64), true),
    ('leap.key', repeat('k', 65), false),
    ('leap.key', '', false),
    ('leap.key', '-a', false),
    ('leap.key', 'a b', false),
    ('leap.key', 'é', false),
    ('leap.key', E'a\n', false),
    ('leap.hostname', 'demo.leap.localhost', true),
    ('leap.hostname', '127.0.0.1', true),
    ('leap.hostname', 'Demo.localhost', false),
    ('leap.hostname', 'demo.localhost.', false),
    ('leap.hostname', 'demo.localhost:8443', false),
    ('leap.hostname', 'a..b', false),
    ('leap.hostname', repeat('a', 64), false),
    ('leap.line', 'Ada Lovelace', true),
    ('leap.line', '', false),
    ('leap.line', ' ', false),
    ('leap.line', ' a', false),
    ('leap.line', 'a ', false),
    ('leap.line', E'a\tb', false),
    ('leap.line', E'a\nb', false),
    ('leap.line', U&'a\007Fb', false),
    ('leap.line', U&'a\009Fb', false),
    ('leap.line', U&'a\FFFEb', false),
    ('leap.line', U&'a\FFFFb', false),
    ('leap.line', U&'\00A0', true),
    ('leap.line', U&'\+01F600', true),
    ('leap.block', E'two\r\n\tlines', true),
    ('leap.block', U&'a\0085b', true),
    ('leap.block', E'\nline', false),
    ('leap.block', E'line\r', false),
    ('leap.block', E'a\x01b', false),
    ('leap.block', E'a\x0bb', false),
    ('leap.block', U&'a\FFFFb', false),
    ('leap.block', '', false),
    ('leap.name', repeat(U&'\+01F600', 100), true),
    ('leap.name', repeat('n', 101), false),
    ('leap.email', 'a@b', true),
    ('leap.email', 'John.O''Neil+x@Example.ORG', true),
    ('leap.email', 'a@' || repeat('b', 63) || '.org', true),
    ('leap.email', 'a@' || repeat('b', 64) || '.org', false),
    ('leap.email', repeat('a', 242) || '@example.org', true),
    ('leap.email', repeat('a', 243) || '@example.org', false),
    ('leap.email', 'a', false),
    ('leap.email', '@b', false),
    ('leap.email', 'a@b@c', false),
    ('leap.email', 'a b@c', false),
    ('leap.email', 'a@b.', false),
    ('leap.email', 'a@-b', false),
    ('leap.email', 'é@b', false),
    ('leap.email', E'a@b\n', false),
    ('leap.extid', 'x/change-login', true),
    ('leap.extid', '...', true),
    ('leap.extid', repeat('é', 64), true),
    ('leap.extid', repeat('x', 65), false),
    ('leap.extid', '.', false),
    ('leap.extid', '..', false),
    ('leap.extid', 'a/../b', false),
    ('leap.extid', 'a/.', false),
    ('leap.extid', '', false),
    ('leap.phone', '+61 (3) 9999 0000', true),
    ('leap.phone', 'none', false),
    ('leap.phone', repeat('1', 41), false),
    ('leap.street_address', E'Level 2\n1 Main St', true),
    ('leap.street_address', repeat('s', 256), false),
    ('leap.postal_code', repeat('9', 20), true),
    ('leap.postal_code', repeat('9', 21), false),
    ('leap.country_code', 'AU', true),
    ('leap.country_code', 'au', false),
    ('leap.gender', 'FEMALE', true),
    ('leap.gender', 'female', false),
    ('leap.birthday', '1870-01-01', true),
    ('leap.birthday', '1869-12-31', false),
    ('leap.birthday', 'infinity', false),
    ('leap.birthday', '1974-02-30', false),
    ('leap.field_value', repeat('v', 1000), true),
    ('leap.field_value', repeat('v', 1001), false),
    ('leap.comment', repeat('c', 10000), true),
    ('leap.comment', repeat('c', 10001), false),
    ('leap.account_status', 'Active', true),
    ('leap.account_status', 'Suspended', false),
    ('leap.company_status', 'Suspended', true),
    ('leap.company_status', 'active', false),
    ('leap.permission', 'read-acknowledge', true),
    ('leap.permission', 'write', false),
    ('leap.password_hash', '$scrypt$ln=14,r=8,p=5$c2FsdA$aGFzaA', true),
    ('leap.password_hash', '$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA', true),
    ('leap.password_hash', 'newpassword', false),
    ('leap.password_hash', '$scrypt$ln=14,r=8,p=5$c2FsdA', false),
    ('leap.password_hash', E'$scrypt$ln=14,r=8,p=5$c2FsdA$aGFzaA\n', false),
    ('leap.field_values', '{}', true),
    ('leap.field_values', '{"shoe-size": "42"}', true),
    ('leap.field_values', '{"shoe-size": 42}', false),
    ('leap.field_values', '{"shoe-size": null}', false),
    ('leap.field_values', '{"shoe-size": ""}', false),
    ('leap.field_values', '{"shoe size": "42"}', false),
    ('leap.field_values', '["42"]', false),
    ('leap.field_values', 'null', false);

SELECT pg_temp.begin_tests((SELECT count(*) FROM sample)::int);

SELECT is(pg_temp.takes(value, domain), taken,
          format('%s %s %s', domain, CASE WHEN taken THEN 'takes' ELSE 'refuses' END,
                 to_json(left(value, 20))))
FROM sample;

SELECT * FROM finish();
ROLLBACK;
