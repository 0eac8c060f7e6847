-- Deploy leap-ws:access_epoch to pg
-- What a worker may remember of a client from one request to the next: whose company a host name is, whether that is
-- active, and what its additional fields are called. Each request proves by one comparison that nothing of it has changed.

BEGIN;

SET LOCAL ROLE leap_owner;

ALTER TABLE leap.api_client ADD COLUMN access_epoch uuid NOT NULL DEFAULT gen_random_uuid();
COMMENT ON COLUMN leap.api_client.access_epoch IS
    'Another with each change of the company''s key, status, host names and additional fields; kept by trigger.';
GRANT SELECT (access_epoch) ON leap.api_client TO leap_api;

-- Random, so that no value comes again, also where an old dump is restored.
CREATE FUNCTION leap.begin_access_epoch() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE leap.api_client k
    SET access_epoch = gen_random_uuid()
    WHERE k.company_id IN (OLD.company_id, NEW.company_id);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION leap.begin_access_epoch() IS
    'Trigger: what the web service remembers of the company''s clients no longer holds.';

CREATE TRIGGER company_access_epoch AFTER UPDATE ON leap.company
FOR EACH ROW WHEN ((NEW.company_id, NEW.company, NEW.company_status)
                   IS DISTINCT FROM (OLD.company_id, OLD.company, OLD.company_status))
EXECUTE FUNCTION leap.begin_access_epoch();

CREATE TRIGGER host_name_access_epoch AFTER INSERT OR UPDATE OR DELETE ON leap.host_name
FOR EACH ROW EXECUTE FUNCTION leap.begin_access_epoch();

CREATE TRIGGER additional_field_access_epoch AFTER INSERT OR UPDATE OR DELETE ON leap.additional_field
FOR EACH ROW EXECUTE FUNCTION leap.begin_access_epoch();

-- A program that compares epochs cannot do without.
CREATE OR REPLACE FUNCTION leap.schema_version() RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 2;

COMMIT;
