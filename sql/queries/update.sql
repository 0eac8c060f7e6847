-- Changes an account; outcome 'updated', 'unknown', 'inactive', 'precondition' or 'conflict'.
-- $1 company_id
-- $2 identifier
-- $3 what changes, as JSON by the names of columns: what is absent stays, what is null is cleared
-- $4 version that the account must have; null: any
-- $5 operation, for the history
SELECT outcome, identifier, extid, version, email_taken
FROM leap.update_account($1, $2, $3, $4, $5);
