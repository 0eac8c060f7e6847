-- Leaves a comment on an account, in the name of the API client; outcome 'added' or 'unknown'.
-- $1 company_id
-- $2 identifier
-- $3 comment
SELECT outcome, identifier, extid, version
FROM leap.add_comment($1, $2, $3);
