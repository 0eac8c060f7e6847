-- Verify leap-ws:change_feed on pg

SELECT generation, system_identifier, timeline, database, began_after, change_offset, began
FROM leap.feed_generation
WHERE false;

DO $$
DECLARE
    name text;
BEGIN
    ASSERT has_table_privilege('leap_api', 'leap.latest_generation', 'SELECT'),
        'leap_api cannot tell the generation';
    ASSERT NOT has_table_privilege('leap_api', 'leap.feed_generation', 'INSERT, UPDATE, DELETE'),
        'leap_api can write generations';
    FOREACH name IN ARRAY ARRAY['leap.current_change()', 'leap.begin_generation()', 'leap.feed_generation()',
                                'leap.feed_start(uuid, bigint)', 'leap.feed_end()'] LOOP
        ASSERT has_function_privilege('leap_api', name, 'EXECUTE'), 'leap_api cannot call ' || name;
    END LOOP;
END
$$;
