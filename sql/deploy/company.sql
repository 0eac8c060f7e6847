-- Deploy leap-ws:company to pg
-- Who is served, where, and who may ask. These tables are not walled: they decide which company a request
-- belongs to. The API's role reads just the columns that this takes.

BEGIN;

SET LOCAL ROLE leap_owner;

CREATE SEQUENCE leap.company_id AS int;
COMMENT ON SEQUENCE leap.company_id IS 'Numbers of companies.';
GRANT USAGE ON SEQUENCE leap.company_id TO leap_dba;

CREATE TABLE leap.company (
    company_id int DEFAULT nextval('leap.company_id') PRIMARY KEY,
    company leap.key NOT NULL UNIQUE,
    name leap.name NOT NULL,
    company_status leap.company_status NOT NULL DEFAULT 'Active',
    password_score smallint NOT NULL DEFAULT 3
        CONSTRAINT password_score_range CHECK (password_score BETWEEN 0 AND 4)
);
ALTER SEQUENCE leap.company_id OWNED BY leap.company.company_id;
COMMENT ON TABLE leap.company IS 'Companies, each with accounts of its own.';
COMMENT ON COLUMN leap.company.company_id IS 'Number of the company in every other table.';
COMMENT ON COLUMN leap.company.company IS 'Key of the company, as the administration functions take it.';
COMMENT ON COLUMN leap.company.name IS 'Name for people.';
COMMENT ON COLUMN leap.company.company_status IS 'Active, or Suspended: every request is refused.';
COMMENT ON COLUMN leap.company.password_score IS
    'Least strength of a new password, 0 to 4, over 10^3, 10^6, 10^8 and 10^10 guesses from 1 on.';
GRANT SELECT (company_id, company, company_status, password_score) ON leap.company TO leap_api;
GRANT SELECT, INSERT, UPDATE ON leap.company TO leap_dba;

CREATE TABLE leap.host_name (
    hostname leap.hostname PRIMARY KEY,
    company_id int NOT NULL REFERENCES leap.company
);
CREATE INDEX host_name_company ON leap.host_name (company_id);
COMMENT ON TABLE leap.host_name IS 'Host names at which companies are served.';
COMMENT ON COLUMN leap.host_name.hostname IS 'Host name in lower case, without trailing dot and port.';
COMMENT ON COLUMN leap.host_name.company_id IS 'The company that is served there.';
GRANT SELECT (hostname, company_id) ON leap.host_name TO leap_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON leap.host_name TO leap_dba;

CREATE TABLE leap.api_client (
    company_id int REFERENCES leap.company,
    client leap.key,
    permission leap.permission NOT NULL DEFAULT 'read-write',
    secret_digest leap.digest NOT NULL,
    previous_digest leap.digest,
    previous_expires timestamptz,
    expires timestamptz,
    revoked timestamptz,
    PRIMARY KEY (company_id, client),
    CONSTRAINT previous_secret_expires CHECK ((previous_digest IS NULL) = (previous_expires IS NULL))
);
COMMENT ON TABLE leap.api_client IS 'Programs that may use the API of a company.';
COMMENT ON COLUMN leap.api_client.company_id IS 'The company whose accounts the client reaches.';
COMMENT ON COLUMN leap.api_client.client IS 'Name of the client, its user name in HTTP Basic.';
COMMENT ON COLUMN leap.api_client.permission IS 'read-only, read-acknowledge or read-write.';
COMMENT ON COLUMN leap.api_client.secret_digest IS 'SHA-256 of the secret, which is stored nowhere.';
COMMENT ON COLUMN leap.api_client.previous_digest IS 'SHA-256 of the secret before the last rotation.';
COMMENT ON COLUMN leap.api_client.previous_expires IS 'When the previous secret ends.';
COMMENT ON COLUMN leap.api_client.expires IS 'When the client ends; null: never.';
COMMENT ON COLUMN leap.api_client.revoked IS 'Since when the client is revoked; null: it is not.';
GRANT SELECT (company_id, client, permission, secret_digest, previous_digest, previous_expires, expires,
              revoked) ON leap.api_client TO leap_api;
GRANT SELECT, INSERT, UPDATE ON leap.api_client TO leap_dba;

COMMIT;
