-- The additional fields of a company, in the order of their definition.
-- $1 company_id
SELECT key, label
FROM leap.additional_field
WHERE company_id = $1
ORDER BY position;
