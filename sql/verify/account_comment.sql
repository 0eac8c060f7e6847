-- Verify leap-ws:account_comment on pg

SELECT company_id, identifier, account_identifier, author, creation_time, comment
FROM leap.account_comment
WHERE false;

DO $$
BEGIN
    ASSERT (SELECT relrowsecurity AND relforcerowsecurity FROM pg_class
            WHERE oid = 'leap.account_comment'::regclass),
        'leap.account_comment is not walled';
    ASSERT has_sequence_privilege('leap_api', 'leap.account_comment_identifier', 'USAGE'),
        'leap_api cannot number comments';
END
$$;
