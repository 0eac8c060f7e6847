-- One account by its external identifier.
-- $1 company_id
-- $2 extid
\ir include/account.sql
WHERE a.company_id = $1 AND a.extid = $2;
