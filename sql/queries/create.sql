-- Creates an account; outcome 'created' or 'conflict'.
-- $1 company_id
-- $2 the account as JSON, by the names of columns
-- $3 the password's hash (PHC string)
SELECT outcome, identifier, extid, version, email_taken, extid_taken
FROM leap.create_account($1, $2, $3);
