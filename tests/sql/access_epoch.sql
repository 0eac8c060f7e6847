-- What a worker remembers of a client: another epoch begins with each change of it, and with nothing else.

\ir include/fixture.psql

CREATE FUNCTION pg_temp.epoch(company text) RETURNS uuid LANGUAGE sql AS $$
    SELECT access_epoch FROM leap.api_client WHERE company_id = pg_temp.company(company) AND client = 'tap'
$$;

-- Whether a statement has begun an epoch for the one company, and for no other.
CREATE FUNCTION pg_temp.begins(statement text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    one uuid := pg_temp.epoch('tap-one');
    two uuid := pg_temp.epoch('tap-two');
BEGIN
    EXECUTE statement;
    IF two IS DISTINCT FROM pg_temp.epoch('tap-two') THEN
        RAISE EXCEPTION 'another company has begun an epoch';
    END IF;
    RETURN one IS DISTINCT FROM pg_temp.epoch('tap-one');
END
$$;

SELECT pg_temp.begin_tests(15);

SELECT leap.create_api_client('tap-one', 'tap') \g /dev/null
SELECT leap.create_api_client('tap-two', 'tap') \g /dev/null

SELECT isnt(pg_temp.epoch('tap-one'), pg_temp.epoch('tap-two'), 'no two clients have the same');
SELECT ok(pg_temp.begins(statement), description)
FROM (VALUES
    ('SELECT leap.define_field(''tap-one'', ''epoch'', ''Epoch'')', 'a new field'),
    ('SELECT leap.define_field(''tap-one'', ''epoch'', ''Age'')', 'another label'),
    ('UPDATE leap.additional_field SET label = ''Era'' WHERE key = ''epoch''', 'a label by a plain statement'),
    ('SELECT leap.remove_field(''tap-one'', ''epoch'')', 'a field that is gone'),
    ('SELECT leap.add_hostname(''tap-one'', ''epoch.example'')', 'a new host name'),
    ('UPDATE leap.host_name SET hostname = ''era.example'' WHERE hostname = ''epoch.example''', 'another host name'),
    ('SELECT leap.remove_hostname(''tap-one'', ''era.example'')', 'a host name that is gone'),
    ('SELECT leap.set_company_status(''tap-one'', ''Suspended'')', 'a suspended company'),
    ('SELECT leap.set_company_status(''tap-one'', ''Active'')', 'an active company')
) AS change (statement, description);
SELECT ok(NOT pg_temp.begins(statement), description)
FROM (VALUES
    ('SELECT leap.set_company_status(''tap-one'', ''Active'')', 'not what stays as it is'),
    ('SELECT leap.set_account_limit(''tap-one'', 5)', 'not what no worker remembers'),
    ('SELECT leap.rotate_api_client(''tap-one'', ''tap'')', 'not a secret, which is looked at each time'),
    ('SELECT leap.set_api_client_permission(''tap-one'', ''tap'', ''read-only'')', 'nor a permission'),
    ('SELECT pg_temp.new_account(''tap-one'', ''epoch@example.net'')', 'not an account')
) AS change (statement, description);

SELECT * FROM finish();
ROLLBACK;
