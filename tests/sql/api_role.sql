-- All that the API's role may do: each privilege that it holds, itself or with everybody, is on one of these lists, so that a new
-- one is seen here. What its policies let it do is in walls.sql.
--
-- On purpose it reads the SHA-256 of the clients' secrets, and of those that retry keys came with: a statement compares them. And
-- everybody may use the schema public, in which there is nothing, and make temporary tables.

\ir include/fixture.psql

-- The SQLSTATE of a statement that fails, 'done' of one that does not; it is taken back.
CREATE FUNCTION pg_temp.outcome(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE statement;
    RAISE EXCEPTION USING ERRCODE = 'LEA99';
EXCEPTION
    WHEN SQLSTATE 'LEA99' THEN RETURN 'done';
    WHEN OTHERS THEN RETURN SQLSTATE;
END
$$;

-- How many rows of a table the present role is shown.
CREATE FUNCTION pg_temp.rows_of(name text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    found bigint;
BEGIN
    EXECUTE format('SELECT count(company_id) FROM leap.%I', name) INTO found;
    RETURN found;
END
$$;

-- The tables of company data that the present role may read, and that show it a row.
CREATE FUNCTION pg_temp.tables_that_show_rows() RETURNS SETOF name LANGUAGE sql AS $$
    SELECT relname FROM pg_class
    WHERE relnamespace = 'leap'::regnamespace AND relrowsecurity AND has_any_column_privilege(oid, 'SELECT')
      AND pg_temp.rows_of(relname) > 0
$$;

SELECT pg_temp.begin_tests(27);
SELECT pg_temp.new_account('tap-one', 'one@example.org') \g /dev/null

-- The role itself

SELECT results_eq(
    $$SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication FROM pg_roles
      WHERE rolname = 'leap_api'$$,
    ARRAY[false], 'it is no superuser, passes no policy, makes no roles, databases or copies');
SELECT is_empty(
    $$SELECT FROM pg_auth_members WHERE 'leap_api'::regrole IN (member, roleid)$$,
    'it is a member of no role, and has none');
SELECT is_empty(
    $$SELECT rolname FROM pg_roles WHERE rolname <> 'leap_api' AND pg_has_role('leap_api', oid, 'MEMBER')$$,
    'it can become no other role');
SELECT is_empty(
    $$SELECT classid::regclass, objid FROM pg_shdepend WHERE refobjid = 'leap_api'::regrole AND deptype = 'o'$$,
    'it owns nothing, in any database');
SELECT is_empty(
    $$SELECT grantee FROM (SELECT relacl FROM pg_class UNION ALL SELECT attacl FROM pg_attribute
                           UNION ALL SELECT proacl FROM pg_proc UNION ALL SELECT nspacl FROM pg_namespace
                           UNION ALL SELECT datacl FROM pg_database UNION ALL SELECT typacl FROM pg_type
                           UNION ALL SELECT lanacl FROM pg_language) AS acls (acl), aclexplode(acl)
      WHERE is_grantable AND grantee IN (0, 'leap_api'::regrole)$$,
    'it can hand on no privilege');
SELECT is_empty(
    $$SELECT defaclrole::regrole FROM pg_default_acl, aclexplode(defaclacl)
      WHERE grantee IN (0, 'leap_api'::regrole)$$,
    'what is made later is granted neither to it nor to everybody');

-- What it may use

SELECT set_eq(
    $$SELECT nspname FROM pg_namespace
      WHERE has_schema_privilege('leap_api', oid, 'USAGE') AND nspname !~ '^pg_(toast_)?temp_'$$,
    ARRAY['leap', 'pg_catalog', 'information_schema', 'public']::name[], 'it sees no schema but these');
SELECT is_empty(
    $$SELECT nspname FROM pg_namespace
      WHERE has_schema_privilege('leap_api', oid, 'CREATE') AND nspname !~ '^pg_(toast_)?temp_'$$,
    'it makes nothing in any schema');
SELECT ok(NOT has_database_privilege('leap_api', current_database(), 'CREATE'), 'it makes no schema');
SELECT set_eq(
    $$SELECT format('%s %s', c.relname, string_agg(a.privilege_type, ', ' ORDER BY a.privilege_type))
      FROM pg_class c, aclexplode(c.relacl) a
      WHERE a.grantee IN (0, 'leap_api'::regrole) AND c.relpersistence <> 't'
        AND c.relnamespace <> ALL ('{pg_catalog,information_schema,public}'::regnamespace[])
      GROUP BY c.relname$$,
    $$VALUES
        ('account INSERT, SELECT, UPDATE'),
        ('account_comment SELECT'),
        ('account_comment_identifier USAGE'),
        ('account_community SELECT'),
        ('account_field_key SELECT'),
        ('account_identifier SELECT, USAGE'),
        ('additional_field SELECT'),
        ('community SELECT'),
        ('feed_generation SELECT'),
        ('latest_generation SELECT'),
        ('property_relationship SELECT'),
        ('retry_key DELETE, INSERT, SELECT')$$,
    'its privileges on whole tables, views and sequences are these');
SELECT set_eq(
    $$SELECT format('%s %s (%s)', relname, privilege_type, string_agg(attname, ', ' ORDER BY attname COLLATE "C"))
      FROM (SELECT c.relname, t.attname, a.privilege_type
            FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid, aclexplode(t.attacl) a
            WHERE a.grantee IN (0, 'leap_api'::regrole) AND c.relnamespace <> 'pg_catalog'::regnamespace) AS columns
      GROUP BY relname, privilege_type$$,
    $$VALUES
        ('account_change SELECT (at, change_id, company_id, identifier, version)'),
        ('account_comment INSERT (account_identifier, author, comment, company_id)'),
        ('account_password INSERT (company_id, identifier, password_hash)'),
        ('api_client SELECT (access_epoch, client, company_id, expires, permission, previous_digest, previous_expires, revoked, secret_digest)'),
        ('company SELECT (company, company_id, company_status, password_score)'),
        ('country SELECT (code)'),
        ('host_name SELECT (company_id, hostname)'),
        ('retry_key UPDATE (created)')$$,
    'its privileges on columns are these');
SELECT set_eq(
    $$SELECT oid::regprocedure::text FROM pg_proc
      WHERE pronamespace <> ALL ('{pg_catalog,information_schema,public}'::regnamespace[])
        AND pronamespace <> pg_my_temp_schema() AND has_function_privilege('leap_api', oid, 'EXECUTE')$$,
    $$VALUES
        ('leap.account_conflicts(integer,bigint,text,text[],text)'),
        ('leap.acknowledge_accounts(integer,jsonb)'),
        ('leap.acknowledge_accounts_by_extid(integer,jsonb)'),
        ('leap.acknowledge_found(integer,bigint[],bigint[])'),
        ('leap.add_comment(integer,bigint,text)'),
        ('leap.add_comment_once(integer,bigint,text,text,bytea,bytea)'),
        ('leap.are_field_values(jsonb)'),
        ('leap.begin_generation()'),
        ('leap.create_account(integer,jsonb,text)'),
        ('leap.create_account_once(integer,jsonb,text,text,bytea,bytea)'),
        ('leap.current_change()'),
        ('leap.current_timeline()'),
        ('leap.expire_retry_keys(integer)'),
        ('leap.feed_end()'),
        ('leap.feed_generation()'),
        ('leap.feed_start(uuid,bigint)'),
        ('leap.keep_reply(integer,text,bytea,bytea,bigint,text,bigint)'),
        ('leap.kept_reply(integer,text)'),
        ('leap.lock_retry_key(integer,text)'),
        ('leap.oldest_write_age()'),
        ('leap.retry_key_lifetime()'),
        ('leap.schema_version()'),
        ('leap.set_extid(integer,bigint,text)'),
        ('leap.update_account(integer,bigint,jsonb,bigint,text)')$$,
    'the functions that it may call are these');
SELECT set_eq(
    $$SELECT oid::regprocedure::text FROM pg_proc
      WHERE pronamespace = 'leap'::regnamespace AND prosecdef AND has_function_privilege('leap_api', oid, 'EXECUTE')$$,
    ARRAY['leap.begin_generation()', 'leap.oldest_write_age()'],
    'with their owner''s rights it calls two, which take no argument');
SELECT is_empty(
    $$SELECT oid::regclass FROM pg_class
      WHERE relnamespace = 'sqitch'::regnamespace AND relkind IN ('r', 'v')
        AND has_any_column_privilege('leap_api', oid, 'SELECT, INSERT, UPDATE, REFERENCES')$$,
    'nothing of the deployment''s records is granted to it');
SELECT is_empty(
    $$SELECT lanname FROM pg_language
      WHERE NOT lanpltrusted AND lanname NOT IN ('c', 'internal') AND has_language_privilege('leap_api', oid, 'USAGE')$$,
    'nor a language that reaches the machine');
SELECT is_empty(
    $$SELECT file_function FROM unnest('{pg_read_file(text),pg_read_binary_file(text),pg_ls_dir(text),lo_import(text),
                                         "lo_export(oid,text)",pg_reload_conf(),pg_rotate_logfile()}'::text[]) AS file_function
      WHERE has_function_privilege('leap_api', file_function, 'EXECUTE')$$,
    'nor a file of the server''s');
SELECT is_empty(
    $$SELECT parname FROM pg_parameter_acl, aclexplode(paracl) WHERE grantee IN (0, 'leap_api'::regrole)$$,
    'nor a setting that not everybody may change');

-- Hashes and policies

SELECT is_empty(
    $$SELECT attrelid::regclass, attname FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
      WHERE c.relnamespace = 'leap'::regnamespace AND c.relkind IN ('r', 'v') AND attnum > 0
        AND attname ~ 'hash|phc|password' AND attname <> 'password_score'
        AND has_column_privilege('leap_api', attrelid, attnum, 'SELECT')$$,
    'it reads no column of password hashes');
SET LOCAL SESSION AUTHORIZATION leap_api;
SELECT throws_ok('SELECT count(*) FROM leap.account_password', '42501', NULL, 'it does not even count them');
SELECT throws_ok(
    $$INSERT INTO leap.account_password (company_id, identifier, password_hash)
      VALUES (1, 1, '$scrypt$ln=14,r=8,p=5$c2FsdA$aGFzaA') RETURNING password_hash$$,
    '42501', NULL, 'nor is shown the one that it puts in');
SELECT is_empty(
    $test$SELECT statement, outcome FROM unnest(ARRAY[
          'DROP POLICY tenant ON leap.account', 'ALTER POLICY tenant ON leap.account USING (true)',
          'CREATE POLICY everything ON leap.account USING (true)', 'ALTER TABLE leap.account DISABLE ROW LEVEL SECURITY',
          'ALTER TABLE leap.account NO FORCE ROW LEVEL SECURITY', 'ALTER TABLE leap.account OWNER TO leap_api',
          'GRANT SELECT ON leap.account_password TO leap_api', 'ALTER ROLE leap_api BYPASSRLS', 'GRANT leap_owner TO leap_api',
          'SET ROLE leap_owner', 'SET session_replication_role = replica',
          'TRUNCATE leap.account', 'CREATE TABLE leap.mine ()', 'CREATE TABLE public.mine ()', 'CREATE SCHEMA mine',
          'CREATE FUNCTION leap.mine() RETURNS int LANGUAGE sql RETURN 1', 'CREATE ROLE mine', 'CREATE EXTENSION dblink',
          'CREATE TRIGGER mine BEFORE UPDATE ON leap.account EXECUTE FUNCTION suppress_redundant_updates_trigger()',
          $$COPY leap.account TO '/tmp/mine'$$, $$COPY leap.country (code) TO PROGRAM 'true'$$,
          'LOCK TABLE leap.account_password IN ACCESS EXCLUSIVE MODE']) AS statement,
          pg_temp.outcome(statement) AS outcome
      WHERE outcome <> '42501'$test$,
    'it changes no policy, table or role, makes nothing, and becomes nobody');
SET LOCAL row_security = off;
SELECT throws_ok('SELECT identifier FROM leap.account', '42501', NULL, 'it is refused where it asks for no policies');
SET LOCAL row_security = on;

-- Without a company

SELECT is_empty('SELECT * FROM pg_temp.tables_that_show_rows()', 'without a company no table shows it a row');
SELECT set_config('leap.company_id', '', true) \g /dev/null
SELECT is_empty('SELECT * FROM pg_temp.tables_that_show_rows()', 'nor with an empty one');
SELECT set_config('leap.company_id', '2147483647', true) \g /dev/null
SELECT is_empty('SELECT * FROM pg_temp.tables_that_show_rows()', 'nor with one that does not exist');
SELECT pg_temp.enter('tap-two') \g /dev/null
SELECT set_eq('SELECT * FROM pg_temp.tables_that_show_rows()', ARRAY['community', 'additional_field']::name[],
              'with one that has no accounts only those of its definitions');
SELECT pg_temp.enter('tap-one') \g /dev/null
SELECT ok('account' = ANY (ARRAY(SELECT pg_temp.tables_that_show_rows())), 'and its accounts with one that has some');

RESET SESSION AUTHORIZATION;
SELECT * FROM finish();
ROLLBACK;
