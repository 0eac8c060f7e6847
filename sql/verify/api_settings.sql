-- Verify leap-ws:api_settings on pg

DO $$
BEGIN
    ASSERT (SELECT setconfig @> ARRAY['debug_print_parse=off', 'debug_print_rewritten=off', 'debug_print_plan=off',
                                      'auto_explain.log_min_duration=-1']
            FROM pg_db_role_setting WHERE setrole = 'leap_api'::regrole AND setdatabase = 0),
        'plans of leap_api''s statements can be logged';
    ASSERT (SELECT 'plan_cache_mode=force_generic_plan' = ANY (setconfig)
            FROM pg_db_role_setting WHERE setrole = 'leap_api'::regrole AND setdatabase = 0),
        'the web service''s statements may be planned anew each time';
END
$$;
