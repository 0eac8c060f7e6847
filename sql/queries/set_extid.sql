-- Sets or removes an external identifier; outcome 'set', 'unknown' or 'taken'.
-- $1 company_id
-- $2 identifier
-- $3 extid; null: none
SELECT outcome, identifier, extid, version
FROM leap.set_extid($1, $2, $3);
