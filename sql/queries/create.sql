-- Creates an account; outcome 'created' or 'conflict', or with a key also 'replay' (the kept reply) or 'in-progress'.
-- $1 company_id
-- $2 the account as JSON, by the names of columns
-- $3 the password's hash (PHC string)
-- $4 Idempotency-Key; null: none
-- $5 SHA-256 of the secret
-- $6 digest of the request; not looked at without a key
SELECT outcome, identifier, extid, version, email_taken, extid_taken, request_digest, secret_digest
FROM leap.create_account_once($1, $2, $3, $4, $5, $6);
