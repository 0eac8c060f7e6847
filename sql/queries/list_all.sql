-- A page of all accounts, by identifier.
-- $1 company_id
-- $2 identifier that the page begins after
-- $3 limit
-- $4 offset
\ir include/account.sql
WHERE a.company_id = $1
  AND a.identifier >= (SELECT p.identifier
                       FROM leap.account p
                       WHERE p.company_id = $1 AND p.identifier > $2
                       ORDER BY p.identifier
                       LIMIT 1 OFFSET $4)
ORDER BY a.identifier
LIMIT $3;
