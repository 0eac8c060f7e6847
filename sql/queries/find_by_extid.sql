-- What a reference to an account and a decision about it need, by its external identifier.
-- $1 company_id
-- $2 extid
SELECT identifier, extid, version, account_status, communities
FROM leap.account
WHERE company_id = $1 AND extid = $2;
