-- Verify leap-ws:account on pg

SELECT company_id, identifier, extid, creation_time, account_status, email, email_key, given_name,
       family_name, additional_names, honorific_prefixes, bday, gender, nationality, tel_pref, tel_voice,
       residential_street_address, residential_region, residential_postal_code, residential_country,
       billing_street_address, billing_region, billing_postal_code, billing_country, additional_fields,
       communities, unacked_since, version, changed_in, erased
FROM leap.account
WHERE false;

DO $$
BEGIN
    ASSERT (SELECT relrowsecurity AND relforcerowsecurity FROM pg_class
            WHERE oid = 'leap.account'::regclass),
        'leap.account is not walled';
    ASSERT (SELECT count(*) FROM pg_trigger
            WHERE tgrelid = 'leap.account'::regclass AND tgenabled = 'O'
              AND tgname IN ('account_birthday_is_past', 'account_keeps_identity',
                             'account_erased_by_function', 'account_stays_erased',
                             'account_sort_communities', 'account_stamp_new', 'account_stamp_changed')) = 7,
        'leap.account lacks a trigger';
    ASSERT has_sequence_privilege('leap_api', 'leap.account_identifier', 'USAGE'),
        'leap_api cannot number accounts';
    ASSERT NOT has_table_privilege('leap_api', 'leap.account', 'DELETE'),
        'leap_api can delete accounts';
END
$$;
