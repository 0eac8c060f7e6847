-- Acknowledges accounts, all or none: a row for each entry whose account does not exist, and then nothing is to be committed.
-- $1 company_id
-- $2 entries as JSON: [[identifier, version or null], …]
SELECT position
FROM leap.acknowledge_accounts($1, $2);
