-- A page of the accounts with nothing to acknowledge, by identifier.
-- $1 company_id
-- $2 identifier that the page begins after
-- $3 limit
-- $4 offset
\ir include/account.sql
WHERE a.company_id = $1
  AND a.unacked_since IS NULL
  AND a.identifier >= (SELECT p.identifier
                       FROM leap.account p
                       WHERE p.company_id = $1 AND p.identifier > $2 AND p.unacked_since IS NULL
                       ORDER BY p.identifier
                       LIMIT 1 OFFSET $4)
ORDER BY a.identifier
LIMIT $3;
