-- Verify leap-ws:api_functions on pg

DO $$
BEGIN
    ASSERT has_function_privilege('leap_api',
        'leap.account_conflicts(int, bigint, text, text[], text)', 'EXECUTE'),
        'leap_api cannot call leap.account_conflicts';
    ASSERT has_function_privilege('leap_api', 'leap.create_account(int, jsonb, text)', 'EXECUTE'),
        'leap_api cannot call leap.create_account';
    ASSERT has_function_privilege('leap_api',
        'leap.update_account(int, bigint, jsonb, bigint, text)', 'EXECUTE'),
        'leap_api cannot call leap.update_account';
END
$$;
