-- A page of the comments on an account, newest first.
-- $1 company_id
-- $2 identifier
-- $3 identifier of the comment that the page begins before
-- $4 limit
SELECT identifier, author, creation_time, comment
FROM leap.account_comment
WHERE company_id = $1 AND account_identifier = $2 AND identifier < $3
ORDER BY identifier DESC
LIMIT $4;
