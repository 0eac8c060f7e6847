-- A community, or no row.
-- $1 company_id
-- $2 key of the community
SELECT community
FROM leap.community
WHERE company_id = $1 AND community = $2;
