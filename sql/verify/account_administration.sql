-- Verify leap-ws:account_administration on pg

DO $$
BEGIN
    ASSERT has_function_privilege('leap_dba',
        'leap.set_account_status(text, bigint, text)', 'EXECUTE'),
        'leap_dba cannot call leap.set_account_status';
    ASSERT has_function_privilege('leap_dba',
        'leap.set_password_hash(text, bigint, text)', 'EXECUTE'),
        'leap_dba cannot call leap.set_password_hash';
    ASSERT has_function_privilege('leap_login',
        'leap.set_password_hash(text, bigint, text)', 'EXECUTE'),
        'leap_login cannot call leap.set_password_hash';
    ASSERT (SELECT 'leap.operation=status' = ANY (proconfig) FROM pg_proc
            WHERE oid = 'leap.set_account_status(text, bigint, text)'::regprocedure),
        'history will not name the operation of leap.set_account_status';
END
$$;
