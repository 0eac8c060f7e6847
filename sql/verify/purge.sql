-- Verify leap-ws:purge on pg

DO $$
BEGIN
    ASSERT has_function_privilege('leap_dba', 'leap.purge_history(text, interval)', 'EXECUTE'),
        'leap_dba cannot call leap.purge_history';
    ASSERT has_function_privilege('leap_dba', 'leap.purge_retry_keys()', 'EXECUTE'),
        'leap_dba cannot call leap.purge_retry_keys';
    ASSERT has_function_privilege('leap_api', 'leap.expire_retry_keys(int)', 'EXECUTE'),
        'leap_api cannot call leap.expire_retry_keys';
    ASSERT has_column_privilege('leap_api', 'leap.retry_key', 'created', 'UPDATE'),
        'leap_api cannot lock expired keys';
    ASSERT NOT has_column_privilege('leap_api', 'leap.retry_key', 'version', 'UPDATE'),
        'leap_api can change what is kept';
END
$$;
