-- The account of an e-mail address within a community, ASCII letters folded.
-- $1 company_id
-- $2 community
-- $3 e-mail address
\ir include/account.sql
WHERE a.company_id = $1
  AND a.identifier = ANY (ARRAY(SELECT p.identifier
                                FROM leap.account_community p
                                WHERE p.company_id = $1 AND p.community = $2
                                  AND p.email_key = lower($3 COLLATE "C")))
ORDER BY a.identifier;
