-- A page of the accounts that changed after a cursor, in the order of their last changes. The cursor of the next page is
-- (generation, changed_in, identifier) of the last row; without a row it is the cursor that was given.
-- $1 company_id
-- $2 generation of the cursor; null: from the beginning
-- $3 changed_in of the cursor
-- $4 identifier of the cursor
-- $5 limit
SELECT page.*,
       (SELECT leap.feed_generation()) AS generation
FROM (
\ir include/account.sql
WHERE a.company_id = $1
  AND (a.changed_in, a.identifier) > ((SELECT leap.feed_start($2, $3)), $4)
  AND a.changed_in < (SELECT leap.feed_end())
ORDER BY a.changed_in, a.identifier
LIMIT $5
) AS page
ORDER BY page.changed_in, page.identifier;
