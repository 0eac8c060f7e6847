-- Verify leap-ws:retry_key on pg

SELECT company_id, client, key, secret_digest, request_digest, status, account_identifier, extid, version,
       created
FROM leap.retry_key
WHERE false;

DO $$
BEGIN
    ASSERT (SELECT relrowsecurity AND relforcerowsecurity FROM pg_class
            WHERE oid = 'leap.retry_key'::regclass),
        'leap.retry_key is not walled';
    ASSERT has_table_privilege('leap_api', 'leap.retry_key', 'SELECT, INSERT, DELETE'),
        'leap_api cannot keep replies';
END
$$;
