-- A page of the accounts whose additional field has a value, by identifier.
-- $1 company_id
-- $2 identifier that the page begins after
-- $3 limit
-- $4 offset
-- $5 key of the field
-- $6 value
\ir include/account.sql
WHERE a.company_id = $1
  AND a.identifier = ANY (ARRAY(SELECT p.identifier
                                FROM leap.account_field_key p
                                WHERE p.company_id = $1 AND p.field = $5
                                  AND p.value_digest = sha256(convert_to($6, 'UTF8')) AND p.identifier > $2
                                ORDER BY p.identifier
                                LIMIT $3 OFFSET $4))
ORDER BY a.identifier;
