-- Verify leap-ws:feed_restart on pg

DO $$
BEGIN
    ASSERT leap.feed_start(gen_random_uuid(), 1) = 0, 'an unknown cursor does not start over';
END
$$;
