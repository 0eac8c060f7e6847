-- Verify leap-ws:property_relationship on pg

SELECT company_id, identifier, account_identifier, unacked_since
FROM leap.property_relationship
WHERE false;

DO $$
BEGIN
    ASSERT (SELECT relrowsecurity AND relforcerowsecurity FROM pg_class
            WHERE oid = 'leap.property_relationship'::regclass),
        'leap.property_relationship is not walled';
    ASSERT has_table_privilege('leap_api', 'leap.property_relationship', 'SELECT'),
        'leap_api cannot read the table';
END
$$;
