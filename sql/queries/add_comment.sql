-- Leaves a comment on an account, in the name of the API client; outcome 'added', or with a key also 'replay' (the kept reply)
-- or 'in-progress'; no row where there is no such account.
-- $1 company_id
-- $2 identifier
-- $3 comment
-- $4 Idempotency-Key; null: none
-- $5 SHA-256 of the secret
-- $6 digest of the request; not looked at without a key
SELECT outcome, identifier, extid, version, request_digest, secret_digest
FROM leap.add_comment_once($1, $2, $3, $4, $5, $6);
