-- Whether the e-mail address or the external identifier is another account's.
-- $1 company_id
-- $2 identifier of the account itself, null for a new one
-- $3 e-mail address
-- $4 communities
-- $5 extid
SELECT email_taken, extid_taken
FROM leap.account_conflicts($1, $2, $3, $4, $5);
