-- Verify leap-ws:company_administration on pg

DO $$
BEGIN
    ASSERT has_function_privilege('leap_dba', 'leap.add_hostname(text, text)', 'EXECUTE'),
        'leap_dba cannot call leap.add_hostname';
    ASSERT has_function_privilege('leap_dba', 'leap.remove_hostname(text, text)', 'EXECUTE'),
        'leap_dba cannot call leap.remove_hostname';
    ASSERT has_function_privilege('leap_dba', 'leap.create_company(text, text, text)', 'EXECUTE'),
        'leap_dba cannot call leap.create_company';
    ASSERT has_function_privilege('leap_dba', 'leap.set_company_status(text, text)', 'EXECUTE'),
        'leap_dba cannot call leap.set_company_status';
    ASSERT has_function_privilege('leap_dba', 'leap.set_password_score(text, int)', 'EXECUTE'),
        'leap_dba cannot call leap.set_password_score';
    ASSERT has_function_privilege('leap_dba', 'leap.create_community(text, text)', 'EXECUTE'),
        'leap_dba cannot call leap.create_community';
    ASSERT has_function_privilege('leap_dba', 'leap.define_field(text, text, text)', 'EXECUTE'),
        'leap_dba cannot call leap.define_field';
    ASSERT has_function_privilege('leap_dba', 'leap.remove_field(text, text)', 'EXECUTE'),
        'leap_dba cannot call leap.remove_field';
    ASSERT has_function_privilege('leap_dba', 'leap.set_account_limit(text, bigint)', 'EXECUTE'),
        'leap_dba cannot call leap.set_account_limit';
    ASSERT NOT has_function_privilege('leap_api',
        'leap.create_company(text, text, text)', 'EXECUTE'),
        'leap_api can create companies';
END
$$;
