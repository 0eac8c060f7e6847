-- Verify leap-ws:health on pg

DO $$
BEGIN
    ASSERT has_function_privilege('leap_api', 'leap.oldest_write_age()', 'EXECUTE'),
        'leap_api cannot call leap.oldest_write_age';
    ASSERT pg_has_role('leap_owner', 'pg_read_all_stats', 'USAGE'),
        'leap.oldest_write_age does not see the transactions of others';
END
$$;
