-- Proves who sends the request, and that what is remembered of the client holds; only then sets the tenant and the author.
-- One row, or none: then `enter` tells more.
-- $1 company_id
-- $2 client
-- $3 SHA-256 of the secret
-- $4 access_epoch that the client had when it last entered
SELECT k.permission,
       set_config('leap.company_id', $1, true) || set_config('leap.client', k.client, true) AS tenant
FROM leap.api_client k
WHERE k.company_id = $1::text::int
  AND k.client = $2
  AND k.access_epoch = $4
  AND (k.secret_digest = $3::bytea OR (k.previous_digest = $3::bytea AND k.previous_expires > now()))
  AND (k.expires IS NULL OR k.expires > now())
  AND k.revoked IS NULL;
