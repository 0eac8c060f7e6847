-- Verify leap-ws:account_community on pg

SELECT company_id, identifier, community, email_key FROM leap.account_community WHERE false;

DO $$
BEGIN
    ASSERT (SELECT relrowsecurity AND relforcerowsecurity FROM pg_class
            WHERE oid = 'leap.account_community'::regclass),
        'leap.account_community is not walled';
    ASSERT (SELECT count(*) FROM pg_trigger
            WHERE tgrelid = 'leap.account'::regclass AND tgenabled = 'O'
              AND tgname IN ('account_new_to_communities', 'account_changed_to_communities',
                             'account_email_to_communities', 'account_has_community')) = 4,
        'leap.account lacks a trigger';
    ASSERT (SELECT count(*) FROM pg_trigger
            WHERE tgrelid = 'leap.account_community'::regclass AND tgenabled = 'O'
              AND tgname IN ('account_community_keeps_account', 'account_community_copy_email',
                             'account_community_to_account', 'account_community_changed_to_account')) = 4,
        'leap.account_community lacks a trigger';
END
$$;
