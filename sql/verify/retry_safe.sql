-- Verify leap-ws:retry_safe on pg

DO $$
BEGIN
    ASSERT has_function_privilege('leap_api',
        'leap.create_account_once(int, jsonb, text, text, bytea, bytea)', 'EXECUTE'),
        'leap_api cannot call leap.create_account_once';
    ASSERT has_function_privilege('leap_api',
        'leap.add_comment_once(int, bigint, text, text, bytea, bytea)', 'EXECUTE'),
        'leap_api cannot call leap.add_comment_once';
END
$$;
