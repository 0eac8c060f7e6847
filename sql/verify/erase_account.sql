-- Verify leap-ws:erase_account on pg

DO $$
BEGIN
    ASSERT has_function_privilege('leap_dba', 'leap.erase_account(text, bigint)', 'EXECUTE'),
        'leap_dba cannot call leap.erase_account';
    ASSERT NOT has_function_privilege('leap_api', 'leap.erase_account(text, bigint)', 'EXECUTE'),
        'leap_api can call leap.erase_account';
    ASSERT (SELECT 'leap.operation=erase' = ANY (proconfig) FROM pg_proc
            WHERE oid = 'leap.erase_account(text, bigint)'::regprocedure),
        'history will not name the operation of leap.erase_account';
    ASSERT (SELECT attstattarget = 0 FROM pg_attribute
            WHERE attrelid = 'leap.account'::regclass AND attname = 'email'),
        'statistics are kept of e-mail addresses';
END
$$;
