-- One account by its identifier.
-- $1 company_id
-- $2 identifier
\ir include/account.sql
WHERE a.company_id = $1 AND a.identifier = $2;
