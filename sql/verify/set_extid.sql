-- Verify leap-ws:set_extid on pg

DO $$
BEGIN
    ASSERT has_function_privilege('leap_api', 'leap.set_extid(int, bigint, text)', 'EXECUTE'),
        'leap_api cannot call leap.set_extid';
END
$$;
