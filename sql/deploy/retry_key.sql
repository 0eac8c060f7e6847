-- Deploy leap-ws:retry_key to pg
-- The reply to a request that was sent with an Idempotency-Key, kept in the transaction of its write.

BEGIN;

SET LOCAL ROLE leap_owner;

CREATE TABLE leap.retry_key (
    company_id int,
    client leap.key,
    key text COLLATE "C" CONSTRAINT retry_key_form CHECK (key ~ '^[!-~]{1,255}$'),
    secret_digest leap.digest NOT NULL,
    request_digest leap.digest NOT NULL,
    status smallint NOT NULL,
    account_identifier bigint NOT NULL,
    extid leap.extid,
    version bigint NOT NULL,
    created timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (company_id, client, key),
    FOREIGN KEY (company_id, client) REFERENCES leap.api_client,
    FOREIGN KEY (company_id, account_identifier) REFERENCES leap.account
);
CREATE INDEX retry_key_account ON leap.retry_key (company_id, account_identifier);
CREATE INDEX retry_key_created ON leap.retry_key (company_id, created);
COMMENT ON TABLE leap.retry_key IS 'Replies to requests with an Idempotency-Key, for their repeats.';
COMMENT ON COLUMN leap.retry_key.company_id IS 'The company.';
COMMENT ON COLUMN leap.retry_key.client IS 'The API client: a key means nothing to another client.';
COMMENT ON COLUMN leap.retry_key.key IS 'The key as the client sent it, without quotes around it.';
COMMENT ON COLUMN leap.retry_key.secret_digest IS
    'SHA-256 of the client''s secret that request_digest is keyed from.';
COMMENT ON COLUMN leap.retry_key.request_digest IS
    'HMAC-SHA-256 of method, path and body, so that a dump tells nothing of the request.';
COMMENT ON COLUMN leap.retry_key.status IS 'HTTP status of the reply.';
COMMENT ON COLUMN leap.retry_key.account_identifier IS 'The account that the reply names.';
COMMENT ON COLUMN leap.retry_key.extid IS 'Its external identifier in the reply.';
COMMENT ON COLUMN leap.retry_key.version IS 'Its version in the reply.';
COMMENT ON COLUMN leap.retry_key.created IS 'When; a key lives 24 hours.';

ALTER TABLE leap.retry_key ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON leap.retry_key TO leap_api
    USING (company_id = nullif(current_setting('leap.company_id', true), '')::int);
CREATE POLICY administration ON leap.retry_key TO leap_owner, leap_dba USING (true);
GRANT SELECT, INSERT, DELETE ON leap.retry_key TO leap_api;
GRANT SELECT, DELETE ON leap.retry_key TO leap_dba;

COMMIT;
