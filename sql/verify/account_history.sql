-- Verify leap-ws:account_history on pg

SELECT company_id, identifier, version, change_id, at, client, role, operation, old_values, new_values
FROM leap.account_change
WHERE false;
SELECT company, identifier, at, author, operation, version, column_name, old_value, new_value
FROM leap.account_history
WHERE false;

DO $$
BEGIN
    ASSERT (SELECT relrowsecurity AND relforcerowsecurity FROM pg_class
            WHERE oid = 'leap.account_change'::regclass),
        'leap.account_change is not walled';
    ASSERT (SELECT count(*) FROM pg_trigger
            WHERE tgrelid = 'leap.account'::regclass AND tgenabled = 'O'
              AND tgname IN ('account_record_new', 'account_record_changed')) = 2,
        'leap.account lacks a trigger';
    ASSERT NOT has_any_column_privilege('leap_dba', 'leap.account_change', 'INSERT, UPDATE'),
        'leap_dba can write history';
END
$$;
