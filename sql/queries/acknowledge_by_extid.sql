-- The same by external identifiers.
-- $1 company_id
-- $2 entries as JSON: [[extid, version or null], …]
SELECT position
FROM leap.acknowledge_accounts_by_extid($1, $2);
