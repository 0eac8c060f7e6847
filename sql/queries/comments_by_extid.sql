-- The same of an account by its external identifier.
-- $1 company_id
-- $2 extid
-- $3 identifier of the comment that the page begins before
-- $4 limit
SELECT identifier, author, creation_time, comment
FROM leap.account_comment
WHERE company_id = $1
  AND account_identifier = (SELECT a.identifier FROM leap.account a WHERE a.company_id = $1 AND a.extid = $2)
  AND identifier < $3
ORDER BY identifier DESC
LIMIT $4;
