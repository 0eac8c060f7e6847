-- Verify leap-ws:company on pg

SELECT company_id, company, name, company_status, password_score FROM leap.company WHERE false;
SELECT hostname, company_id FROM leap.host_name WHERE false;
SELECT company_id, client, permission, secret_digest, previous_digest, previous_expires, expires, revoked
FROM leap.api_client
WHERE false;

DO $$
BEGIN
    ASSERT has_column_privilege('leap_api', 'leap.api_client', 'secret_digest', 'SELECT'),
        'leap_api cannot check secrets';
    ASSERT NOT has_any_column_privilege('leap_api', 'leap.api_client', 'INSERT, UPDATE'),
        'leap_api can change clients';
    ASSERT has_sequence_privilege('leap_dba', 'leap.company_id', 'USAGE'),
        'leap_dba cannot number companies';
END
$$;
