-- Deploy leap-ws:account_field_key to pg

BEGIN;

SET LOCAL ROLE leap_owner;

CREATE TABLE leap.account_field_key (
    company_id int,
    field leap.key,
    value_digest leap.digest,
    identifier bigint,
    PRIMARY KEY (company_id, field, value_digest, identifier),
    FOREIGN KEY (company_id, field) REFERENCES leap.additional_field,
    FOREIGN KEY (company_id, identifier) REFERENCES leap.account ON DELETE CASCADE
);
CREATE INDEX account_field_key_account ON leap.account_field_key (company_id, identifier);
COMMENT ON TABLE leap.account_field_key IS
    'What accounts are found by: each value of leap.account.additional_fields; kept by trigger.';
COMMENT ON COLUMN leap.account_field_key.company_id IS 'The company.';
COMMENT ON COLUMN leap.account_field_key.field IS 'Key of the additional field.';
COMMENT ON COLUMN leap.account_field_key.value_digest IS
    'SHA-256 of the value in UTF-8: sha256(convert_to(value, ''UTF8'')).';
COMMENT ON COLUMN leap.account_field_key.identifier IS 'The account.';

ALTER TABLE leap.account_field_key ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON leap.account_field_key TO leap_api
    USING (company_id = nullif(current_setting('leap.company_id', true), '')::int);
CREATE POLICY administration ON leap.account_field_key TO leap_owner, leap_dba USING (true);
GRANT SELECT ON leap.account_field_key TO leap_api, leap_dba;

CREATE FUNCTION leap.copy_fields_to_keys() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        DELETE FROM leap.account_field_key k
        USING jsonb_each_text(OLD.additional_fields) AS earlier (key, value)
        WHERE k.company_id = NEW.company_id
          AND k.identifier = NEW.identifier
          AND k.field = earlier.key
          AND NEW.additional_fields ->> earlier.key IS DISTINCT FROM earlier.value;
    END IF;

    INSERT INTO leap.account_field_key (company_id, field, value_digest, identifier)
    SELECT NEW.company_id, given.key, sha256(convert_to(given.value, 'UTF8')), NEW.identifier
    FROM jsonb_each_text(NEW.additional_fields) AS given (key, value)
    WHERE TG_OP = 'INSERT' OR OLD.additional_fields ->> given.key IS DISTINCT FROM given.value;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION leap.copy_fields_to_keys() IS
    'Trigger: the additional fields that changed change their rows of leap.account_field_key.';

CREATE TRIGGER account_new_to_field_keys AFTER INSERT ON leap.account
FOR EACH ROW WHEN (NEW.additional_fields <> '{}')
EXECUTE FUNCTION leap.copy_fields_to_keys();

CREATE TRIGGER account_changed_to_field_keys AFTER UPDATE ON leap.account
FOR EACH ROW WHEN (NEW.additional_fields IS DISTINCT FROM OLD.additional_fields)
EXECUTE FUNCTION leap.copy_fields_to_keys();

COMMIT;
