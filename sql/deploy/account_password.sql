-- Deploy leap-ws:account_password to pg
-- The web service writes hashes and can read none; the platform's login reads them.

BEGIN;

SET LOCAL ROLE leap_owner;

CREATE TABLE leap.account_password (
    company_id int,
    identifier bigint,
    password_hash leap.password_hash NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (company_id, identifier),
    FOREIGN KEY (company_id, identifier) REFERENCES leap.account ON DELETE CASCADE
);
COMMENT ON TABLE leap.account_password IS 'Password hashes of accounts.';
COMMENT ON COLUMN leap.account_password.company_id IS 'The company.';
COMMENT ON COLUMN leap.account_password.identifier IS 'The account.';
COMMENT ON COLUMN leap.account_password.password_hash IS 'The hash as a PHC string.';
COMMENT ON COLUMN leap.account_password.changed_at IS 'When the hash was set.';

ALTER TABLE leap.account_password ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON leap.account_password FOR INSERT TO leap_api
    WITH CHECK (company_id = nullif(current_setting('leap.company_id', true), '')::int);
CREATE POLICY login ON leap.account_password FOR SELECT TO leap_login USING (true);
CREATE POLICY administration ON leap.account_password TO leap_owner, leap_dba USING (true);
GRANT INSERT (company_id, identifier, password_hash) ON leap.account_password TO leap_api;
GRANT SELECT ON leap.account_password TO leap_login;
GRANT SELECT, INSERT, UPDATE, DELETE ON leap.account_password TO leap_dba;

COMMIT;
