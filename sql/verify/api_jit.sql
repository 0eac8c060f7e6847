-- Verify leap-ws:api_jit on pg

DO $$
BEGIN
    ASSERT (SELECT 'jit=off' = ANY (setconfig)
            FROM pg_db_role_setting WHERE setrole = 'leap_api'::regrole AND setdatabase = 0),
        'the web service''s statements may be compiled';
END
$$;
