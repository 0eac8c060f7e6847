-- Deploy leap-ws:account_comment to pg

BEGIN;

SET LOCAL ROLE leap_owner;

CREATE SEQUENCE leap.account_comment_identifier AS bigint;
COMMENT ON SEQUENCE leap.account_comment_identifier IS 'Identifiers of comments, of all companies.';
GRANT USAGE ON SEQUENCE leap.account_comment_identifier TO leap_api, leap_dba;

CREATE TABLE leap.account_comment (
    company_id int,
    identifier bigint DEFAULT nextval('leap.account_comment_identifier'),
    account_identifier bigint NOT NULL,
    author leap.key NOT NULL,
    creation_time timestamptz NOT NULL DEFAULT date_trunc('milliseconds', clock_timestamp()),
    comment leap.comment NOT NULL,
    PRIMARY KEY (company_id, identifier),
    FOREIGN KEY (company_id, account_identifier) REFERENCES leap.account
);
ALTER SEQUENCE leap.account_comment_identifier OWNED BY leap.account_comment.identifier;
CREATE INDEX account_comment_account ON leap.account_comment (company_id, account_identifier, identifier);
COMMENT ON TABLE leap.account_comment IS 'Comments on accounts.';
COMMENT ON COLUMN leap.account_comment.company_id IS 'The company.';
COMMENT ON COLUMN leap.account_comment.identifier IS 'Identifier of the comment, from the sequence.';
COMMENT ON COLUMN leap.account_comment.account_identifier IS 'The account.';
COMMENT ON COLUMN leap.account_comment.author IS 'API client that wrote the comment.';
COMMENT ON COLUMN leap.account_comment.creation_time IS 'When the comment was written.';
COMMENT ON COLUMN leap.account_comment.comment IS 'The text.';

ALTER TABLE leap.account_comment ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON leap.account_comment TO leap_api
    USING (company_id = nullif(current_setting('leap.company_id', true), '')::int);
CREATE POLICY administration ON leap.account_comment TO leap_owner, leap_dba USING (true);
GRANT SELECT ON leap.account_comment TO leap_api;
GRANT INSERT (company_id, account_identifier, author, comment) ON leap.account_comment TO leap_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON leap.account_comment TO leap_dba;

COMMIT;
