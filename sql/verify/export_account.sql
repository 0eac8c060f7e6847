-- Verify leap-ws:export_account on pg

DO $$
BEGIN
    ASSERT has_function_privilege('leap_dba', 'leap.export_account(text, bigint)', 'EXECUTE'),
        'leap_dba cannot call leap.export_account';
    ASSERT NOT has_function_privilege('leap_api', 'leap.export_account(text, bigint)', 'EXECUTE'),
        'leap_api can call leap.export_account';
END
$$;
