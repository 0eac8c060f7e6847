-- Verify leap-ws:import_accounts on pg

SELECT extid, creation_time, family_name, given_name, additional_names, honorific_prefixes, bday, gender, nationality, email,
       password_hash, tel_pref, tel_voice, residential_street_address, residential_region, residential_postal_code,
       residential_country, billing_street_address, billing_region, billing_postal_code, billing_country, additional_fields,
       communities, problems
FROM leap.account_import
WHERE false;

DO $$
BEGIN
    ASSERT has_function_privilege('leap_dba', 'leap.import_accounts(text, regclass, int)', 'EXECUTE'),
        'leap_dba cannot call leap.import_accounts';
    ASSERT NOT has_function_privilege('leap_api', 'leap.import_accounts(text, regclass, int)', 'EXECUTE'),
        'leap_api can call leap.import_accounts';
    ASSERT NOT has_table_privilege('leap_dba', 'leap.account_import', 'INSERT'),
        'leap_dba can fill the template';
END
$$;
