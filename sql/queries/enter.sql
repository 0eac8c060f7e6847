-- Proves who sends the request and, only then, sets the tenant and the author. Always one row:
-- company null: not served at this host name; client null: no such live client and secret.
-- $1 company_id that the host name had when it was last asked for
-- $2 host name
-- $3 client
-- $4 SHA-256 of the secret
SELECT c.company,
       c.company_status <> 'Active' AS suspended,
       k.client,
       k.permission,
       CASE WHEN k.client IS NOT NULL AND c.company_status = 'Active'
            THEN set_config('leap.company_id', $1, true) || set_config('leap.client', k.client, true)
       END AS tenant,
       k.access_epoch
FROM (VALUES (1)) AS always (one)
LEFT JOIN leap.host_name h ON h.hostname = $2 AND h.company_id = $1::text::int
LEFT JOIN leap.company c ON c.company_id = h.company_id
LEFT JOIN leap.api_client k
       ON k.company_id = h.company_id
      AND k.client = $3
      AND (k.secret_digest = $4::bytea OR (k.previous_digest = $4::bytea AND k.previous_expires > now()))
      AND (k.expires IS NULL OR k.expires > now())
      AND k.revoked IS NULL;
