-- Verify leap-ws:roles on pg

DO $$
BEGIN
    ASSERT (SELECT count(*) FROM pg_roles
            WHERE rolname IN ('leap_api', 'leap_dba', 'leap_backup', 'leap_login')
              AND rolcanlogin AND NOT rolsuper AND rolbypassrls = (rolname = 'leap_backup')) = 4,
        'a role is missing or has other rights';
    ASSERT (SELECT NOT rolcanlogin AND NOT rolsuper AND NOT rolbypassrls FROM pg_roles
            WHERE rolname = 'leap_owner'),
        'leap_owner is missing or has other rights';
    ASSERT pg_has_role('leap_backup', 'pg_read_all_data', 'USAGE'), 'leap_backup cannot read';
    ASSERT (SELECT setconfig @> ARRAY['lock_timeout=2s', 'statement_timeout=3s',
                                      'log_parameter_max_length=0', 'log_parameter_max_length_on_error=0',
                                      'log_error_verbosity=terse', 'search_path=pg_catalog']
            FROM pg_db_role_setting WHERE setrole = 'leap_api'::regrole AND setdatabase = 0),
        'leap_api lacks a setting';
END
$$;
