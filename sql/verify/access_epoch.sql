-- Verify leap-ws:access_epoch on pg

SELECT access_epoch FROM leap.api_client WHERE false;

DO $$
BEGIN
    ASSERT leap.schema_version() >= 2, 'the schema has another version';
    ASSERT has_column_privilege('leap_api', 'leap.api_client', 'access_epoch', 'SELECT'), 'leap_api cannot see epochs';
    ASSERT (SELECT count(*) = 3 FROM pg_trigger
            WHERE tgname IN ('company_access_epoch', 'host_name_access_epoch', 'additional_field_access_epoch')
              AND tgenabled = 'O'),
        'changes begin no epoch';
END
$$;
