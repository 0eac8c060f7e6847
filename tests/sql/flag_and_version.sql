-- The flag (unacked_since) and the version, which the database keeps whoever writes.

\ir include/fixture.psql

CREATE FUNCTION pg_temp.flagged(account bigint) RETURNS boolean LANGUAGE sql AS $$
    SELECT unacked_since IS NOT NULL FROM leap.account WHERE identifier = $1
$$;
CREATE FUNCTION pg_temp.version(account bigint) RETURNS bigint LANGUAGE sql AS $$
    SELECT version FROM leap.account WHERE identifier = $1
$$;

-- Runs an assignment in a transaction of its own on the acknowledged account: does it raise flag and
-- version?
CREATE FUNCTION pg_temp.raises(account bigint, assignment text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    before bigint := pg_temp.version(account);
BEGIN
    PERFORM pg_temp.next_transaction();
    PERFORM pg_temp.acknowledge(account);
    EXECUTE format('UPDATE leap.account SET %s WHERE identifier = %s', assignment, account);
    IF pg_temp.flagged(account) <> (pg_temp.version(account) = before + 1) THEN
        RAISE 'flag and version differ after %', assignment;
    END IF;
    RETURN pg_temp.flagged(account);
END
$$;

SELECT pg_temp.begin_tests(49);

SELECT pg_temp.new_account('tap-one', 'one@example.org') AS one \gset

SELECT is(version, 1::bigint, 'an account starts at version 1') FROM leap.account WHERE identifier = :one;
SELECT is(unacked_since, creation_time, 'creation raises the flag') FROM leap.account WHERE identifier = :one;
SELECT is(creation_time, date_trunc('milliseconds', creation_time), 'times are cut to milliseconds')
FROM leap.account WHERE identifier = :one;

SELECT ok(pg_temp.raises(:one, assignment), assignment || ' is a change')
FROM (VALUES
    ('email = ''other@example.org'''), ('given_name = ''Augusta'''), ('family_name = ''King'''),
    ('additional_names = ''Byron'''), ('honorific_prefixes = ''Ms'''), ('bday = ''1974-09-08'''),
    ('gender = ''FEMALE'''), ('nationality = ''GB'''), ('tel_pref = ''1'''), ('tel_voice = ''2'''),
    ('residential_street_address = ''1 Main St'''), ('residential_region = ''VIC'''),
    ('residential_postal_code = ''3000'''), ('residential_country = ''AU'''),
    ('billing_street_address = ''2 Main St'''), ('billing_region = ''NSW'''),
    ('billing_postal_code = ''2000'''), ('billing_country = ''NZ'''),
    ('additional_fields = ''{"shoe-size": "42"}'''), ('communities = ''{original,second}'''),
    ('account_status = ''Inactive''')) AS sample (assignment);

SELECT ok(NOT pg_temp.raises(:one, assignment), assignment || ' is no change')
FROM (VALUES
    ('given_name = given_name'), ('given_name = ''Augusta'''), ('communities = ''{second,original}'''),
    ('communities = ''{second,original,second}'''), ('extid = ''CRM/1'''), ('version = 99'),
    ('changed_in = 0'), ('creation_time = ''2001-01-01'''), ('unacked_since = NULL')) AS sample (assignment);

SELECT is(pg_temp.version(:one), 22::bigint, 'a version for each change');
SELECT isnt(creation_time, '2001-01-01', 'the creation time stays') FROM leap.account WHERE identifier = :one;

-- The flag's time is that of the first change.
SELECT pg_temp.next_transaction() \g /dev/null
SELECT pg_temp.acknowledge(:one) \g /dev/null
UPDATE leap.account SET tel_pref = '10' WHERE identifier = :one;
SELECT unacked_since AS first_change, version AS first_version FROM leap.account WHERE identifier = :one \gset
UPDATE leap.account SET tel_pref = '11' WHERE identifier = :one;
SELECT is(pg_temp.version(:one), :first_version::bigint, 'two changes in one transaction are one version');
SELECT pg_temp.next_transaction() \g /dev/null
UPDATE leap.account SET tel_pref = '12' WHERE identifier = :one;
SELECT is(pg_temp.version(:one), :first_version::bigint + 1, 'the next transaction''s is another');
SELECT is(unacked_since, :'first_change', 'the flag keeps the time of the first change')
FROM leap.account WHERE identifier = :one;

SELECT pg_temp.next_transaction() \g /dev/null
UPDATE leap.account SET tel_pref = '13', unacked_since = NULL WHERE identifier = :one;
SELECT ok(pg_temp.flagged(:one), 'a change cannot acknowledge itself');
UPDATE leap.account SET unacked_since = '2020-01-01 00:00:00.0009Z' WHERE identifier = :one;
SELECT is(unacked_since, '2020-01-01 00:00:00Z', 'the flag can be moved, in milliseconds')
FROM leap.account WHERE identifier = :one;

-- Other tables.
SELECT pg_temp.next_transaction() \g /dev/null
SELECT pg_temp.acknowledge(:one) \g /dev/null
SELECT pg_temp.version(:one) AS version \gset
INSERT INTO leap.account_comment (company_id, account_identifier, author, comment)
VALUES (pg_temp.company('tap-one'), :one, 'tap', 'A comment.');
INSERT INTO leap.property_relationship (company_id, identifier, account_identifier, unacked_since)
VALUES (pg_temp.company('tap-one'), 1, :one, now());
SELECT leap.set_password_hash('tap-one', :one, '$scrypt$ln=14,r=8,p=5$c2FsdA$aGFzaA') \g /dev/null
SELECT leap.define_field('tap-one', 'shoe-size', 'Another label') \g /dev/null
SELECT ok(NOT pg_temp.flagged(:one), 'comments, relationships, passwords and labels are no changes');
SELECT is(pg_temp.version(:one), :version::bigint, 'and raise no version');

-- Whoever writes.
SELECT pg_temp.next_transaction() \g /dev/null
SET LOCAL SESSION AUTHORIZATION leap_dba;
UPDATE leap.account SET given_name = 'Ada' WHERE identifier = :one;
SELECT ok(pg_temp.flagged(:one), 'a DBA''s statement raises the flag');
SELECT is(pg_temp.version(:one), :version::bigint + 1, 'and the version');
RESET SESSION AUTHORIZATION;

SELECT pg_temp.next_transaction() \g /dev/null
SELECT pg_temp.acknowledge(:one) \g /dev/null
DELETE FROM leap.account_community WHERE identifier = :one AND community = 'second';
SELECT ok(pg_temp.flagged(:one), 'a row of leap.account_community raises the flag');
SELECT is(pg_temp.version(:one), :version::bigint + 2, 'and the version');

SELECT pg_temp.acknowledge(:one) \g /dev/null
SELECT leap.set_account_status('tap-one', :one, 'Inactive') \g /dev/null
SELECT ok(NOT pg_temp.flagged(:one), 'setting the status that it has raises nothing');
SELECT pg_temp.next_transaction() \g /dev/null
SELECT leap.set_account_status('tap-one', :one, 'Active') \g /dev/null
SELECT ok(pg_temp.flagged(:one), 'another status raises the flag');
SELECT is(changed_in, leap.current_change(), 'the change''s place in the order of changes is the transaction''s')
FROM leap.account WHERE identifier = :one;

SELECT * FROM finish();
ROLLBACK;
