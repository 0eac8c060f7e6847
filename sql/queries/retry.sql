-- The reply that was kept for an Idempotency-Key of this client, or no row.
-- $1 company_id
-- $2 key
SELECT identifier, extid, version, request_digest, secret_digest
FROM leap.kept_reply($1, $2);
