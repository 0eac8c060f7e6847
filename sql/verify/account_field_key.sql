-- Verify leap-ws:account_field_key on pg

SELECT company_id, field, value_digest, identifier FROM leap.account_field_key WHERE false;

DO $$
BEGIN
    ASSERT (SELECT relrowsecurity AND relforcerowsecurity FROM pg_class
            WHERE oid = 'leap.account_field_key'::regclass),
        'leap.account_field_key is not walled';
    ASSERT (SELECT count(*) FROM pg_trigger
            WHERE tgrelid = 'leap.account'::regclass AND tgenabled = 'O'
              AND tgname IN ('account_new_to_field_keys', 'account_changed_to_field_keys')) = 2,
        'leap.account lacks a trigger';
    ASSERT NOT has_any_column_privilege('leap_dba', 'leap.account_field_key', 'INSERT, UPDATE'),
        'leap_dba can write what a trigger keeps';
END
$$;
