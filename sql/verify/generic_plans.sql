-- Verify leap-ws:generic_plans on pg

DO $$
BEGIN
    ASSERT EXISTS (SELECT FROM pg_db_role_setting
                   WHERE setrole = 'leap_api'::regrole AND setdatabase = 0
                     AND 'plan_cache_mode=force_generic_plan' = ANY (setconfig)),
        'the web service''s statements may be planned anew each time';
END
$$;
