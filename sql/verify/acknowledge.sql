-- Verify leap-ws:acknowledge on pg

DO $$
BEGIN
    ASSERT has_function_privilege('leap_api', 'leap.acknowledge_accounts(int, jsonb)', 'EXECUTE'),
        'leap_api cannot call leap.acknowledge_accounts';
    ASSERT has_function_privilege('leap_api', 'leap.acknowledge_accounts_by_extid(int, jsonb)', 'EXECUTE'),
        'leap_api cannot call leap.acknowledge_accounts_by_extid';
END
$$;
