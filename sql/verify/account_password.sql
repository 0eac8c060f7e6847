-- Verify leap-ws:account_password on pg

SELECT company_id, identifier, password_hash, changed_at FROM leap.account_password WHERE false;

DO $$
BEGIN
    ASSERT (SELECT relrowsecurity AND relforcerowsecurity FROM pg_class
            WHERE oid = 'leap.account_password'::regclass),
        'leap.account_password is not walled';
    ASSERT NOT has_any_column_privilege('leap_api', 'leap.account_password', 'SELECT, UPDATE'),
        'leap_api can do more than insert password hashes';
    ASSERT has_column_privilege('leap_api', 'leap.account_password', 'password_hash', 'INSERT'),
        'leap_api cannot insert password hashes';
    ASSERT has_table_privilege('leap_login', 'leap.account_password', 'SELECT'),
        'leap_login cannot read password hashes';
END
$$;
