-- Verify leap-ws:schema on pg

DO $$
BEGIN
    ASSERT leap.schema_version() >= 1, 'the schema has another version';
    ASSERT (SELECT nspowner = 'leap_owner'::regrole FROM pg_namespace WHERE nspname = 'leap'),
        'leap has another owner';
    ASSERT has_schema_privilege('leap_api', 'leap', 'USAGE')
       AND has_schema_privilege('leap_dba', 'leap', 'USAGE')
       AND has_schema_privilege('leap_login', 'leap', 'USAGE'), 'a role cannot use the schema';
    ASSERT NOT has_schema_privilege('public', 'leap', 'USAGE'), 'everybody can use the schema';
    ASSERT NOT has_function_privilege('leap_api', 'leap.gen_random_bytes(int)', 'EXECUTE')
       AND has_function_privilege('leap_owner', 'leap.gen_random_bytes(int)', 'EXECUTE'),
        'pgcrypto is granted to others than leap_owner';
END
$$;
