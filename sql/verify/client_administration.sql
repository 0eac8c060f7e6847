-- Verify leap-ws:client_administration on pg

DO $$
BEGIN
    ASSERT has_function_privilege('leap_dba',
        'leap.create_api_client(text, text, text, timestamptz)', 'EXECUTE'),
        'leap_dba cannot call leap.create_api_client';
    ASSERT has_function_privilege('leap_dba',
        'leap.set_api_client_permission(text, text, text)', 'EXECUTE'),
        'leap_dba cannot call leap.set_api_client_permission';
    ASSERT has_function_privilege('leap_dba',
        'leap.rotate_api_client(text, text, interval)', 'EXECUTE'),
        'leap_dba cannot call leap.rotate_api_client';
    ASSERT has_function_privilege('leap_dba', 'leap.revoke_api_client(text, text)', 'EXECUTE'),
        'leap_dba cannot call leap.revoke_api_client';
    ASSERT NOT has_function_privilege('leap_api',
        'leap.rotate_api_client(text, text, interval)', 'EXECUTE'),
        'leap_api can give itself a secret';
END
$$;
