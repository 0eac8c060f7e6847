-- Deploy leap-ws:definitions to pg
-- What a company defines for its accounts: communities and additional fields.

BEGIN;

SET LOCAL ROLE leap_owner;

CREATE TABLE leap.community (
    company_id int REFERENCES leap.company,
    community leap.key,
    PRIMARY KEY (company_id, community)
);
COMMENT ON TABLE leap.community IS
    'Communities (stores) of a company; an e-mail address is unique within one.';
COMMENT ON COLUMN leap.community.company_id IS 'The company.';
COMMENT ON COLUMN leap.community.community IS 'Key of the community.';

CREATE SEQUENCE leap.additional_field_position AS int;
COMMENT ON SEQUENCE leap.additional_field_position IS 'Order in which additional fields were defined.';
GRANT USAGE ON SEQUENCE leap.additional_field_position TO leap_dba;

CREATE TABLE leap.additional_field (
    company_id int REFERENCES leap.company,
    key leap.key,
    label leap.name NOT NULL,
    position int NOT NULL DEFAULT nextval('leap.additional_field_position'),
    PRIMARY KEY (company_id, key)
);
ALTER SEQUENCE leap.additional_field_position OWNED BY leap.additional_field.position;
COMMENT ON TABLE leap.additional_field IS 'Additional fields that accounts of a company can have.';
COMMENT ON COLUMN leap.additional_field.company_id IS 'The company.';
COMMENT ON COLUMN leap.additional_field.key IS 'Key of the field.';
COMMENT ON COLUMN leap.additional_field.label IS 'What people call the field.';
COMMENT ON COLUMN leap.additional_field.position IS 'Fields are shown in this order.';

ALTER TABLE leap.community ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON leap.community TO leap_api
    USING (company_id = nullif(current_setting('leap.company_id', true), '')::int);
CREATE POLICY administration ON leap.community TO leap_owner, leap_dba USING (true);
GRANT SELECT ON leap.community TO leap_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON leap.community TO leap_dba;

ALTER TABLE leap.additional_field ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON leap.additional_field TO leap_api
    USING (company_id = nullif(current_setting('leap.company_id', true), '')::int);
CREATE POLICY administration ON leap.additional_field TO leap_owner, leap_dba USING (true);
GRANT SELECT ON leap.additional_field TO leap_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON leap.additional_field TO leap_dba;

COMMIT;
