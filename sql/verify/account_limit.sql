-- Verify leap-ws:account_limit on pg

SELECT company_id, account_limit, active_accounts FROM leap.company_usage WHERE false;

DO $$
BEGIN
    ASSERT (SELECT relrowsecurity AND relforcerowsecurity FROM pg_class
            WHERE oid = 'leap.company_usage'::regclass),
        'leap.company_usage is not walled';
    ASSERT (SELECT count(*) FROM pg_trigger
            WHERE tgrelid = 'leap.account'::regclass AND tgenabled = 'O'
              AND tgname IN ('account_count_new', 'account_count_changed', 'account_count_deleted')) = 3,
        'leap.account lacks a trigger';
END
$$;
