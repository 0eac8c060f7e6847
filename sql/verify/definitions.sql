-- Verify leap-ws:definitions on pg

SELECT company_id, community FROM leap.community WHERE false;
SELECT company_id, key, label, position FROM leap.additional_field WHERE false;

DO $$
BEGIN
    ASSERT (SELECT bool_and(relrowsecurity AND relforcerowsecurity) FROM pg_class
            WHERE oid IN ('leap.community'::regclass, 'leap.additional_field'::regclass)),
        'a table is not walled';
END
$$;
