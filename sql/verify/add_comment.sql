-- Verify leap-ws:add_comment on pg

DO $$
BEGIN
    ASSERT has_function_privilege('leap_api', 'leap.add_comment(int, bigint, text)', 'EXECUTE'),
        'leap_api cannot call leap.add_comment';
END
$$;
