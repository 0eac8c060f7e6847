-- Revert leap-ws:access_epoch from pg

BEGIN;

CREATE OR REPLACE FUNCTION leap.schema_version() RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 1;

DROP TRIGGER additional_field_access_epoch ON leap.additional_field;
DROP TRIGGER host_name_access_epoch ON leap.host_name;
DROP TRIGGER company_access_epoch ON leap.company;
DROP FUNCTION leap.begin_access_epoch();
ALTER TABLE leap.api_client DROP COLUMN access_epoch;

COMMIT;
