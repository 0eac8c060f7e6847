-- Verify leap-ws:flag_times on pg

DO $$
BEGIN
    ASSERT (SELECT p.prosrc LIKE '%changed_at%' FROM pg_proc p WHERE p.oid = 'leap.record_change()'::regprocedure),
        'history does not have the time of the flag';
END
$$;
