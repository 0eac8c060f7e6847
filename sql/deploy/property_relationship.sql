-- Deploy leap-ws:property_relationship to pg
-- Another web service of the platform writes this table; accounts only show what is in it.

BEGIN;

SET LOCAL ROLE leap_owner;

CREATE TABLE leap.property_relationship (
    company_id int,
    identifier bigint
        CONSTRAINT relationship_identifier_range CHECK (identifier BETWEEN 1 AND 999999999999999999),
    account_identifier bigint NOT NULL,
    unacked_since timestamptz,
    PRIMARY KEY (company_id, identifier),
    FOREIGN KEY (company_id, account_identifier) REFERENCES leap.account
);
CREATE INDEX property_relationship_account
    ON leap.property_relationship (company_id, account_identifier, identifier);
COMMENT ON TABLE leap.property_relationship IS 'Relationships of accounts to properties.';
COMMENT ON COLUMN leap.property_relationship.company_id IS 'The company.';
COMMENT ON COLUMN leap.property_relationship.identifier IS 'Identifier of the relationship.';
COMMENT ON COLUMN leap.property_relationship.account_identifier IS 'The account.';
COMMENT ON COLUMN leap.property_relationship.unacked_since IS
    'First change of the relationship since its last acknowledgement; null: nothing to acknowledge.';

ALTER TABLE leap.property_relationship ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON leap.property_relationship TO leap_api
    USING (company_id = nullif(current_setting('leap.company_id', true), '')::int);
CREATE POLICY administration ON leap.property_relationship TO leap_owner, leap_dba USING (true);
GRANT SELECT ON leap.property_relationship TO leap_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON leap.property_relationship TO leap_dba;

COMMIT;
