-- The accounts that are named, by identifier; those that do not exist are left out.
-- $1 company_id
-- $2 identifiers, as a JSON array
-- $3 extids, as a JSON array
\ir include/account.sql
WHERE a.company_id = $1
  AND a.identifier = ANY (ARRAY(SELECT p.identifier
                                FROM leap.account p
                                WHERE p.company_id = $1
                                  AND p.identifier = ANY (ARRAY(SELECT jsonb_array_elements_text($2)::bigint))
                                UNION
                                SELECT p.identifier
                                FROM leap.account p
                                WHERE p.company_id = $1
                                  AND p.extid = ANY (ARRAY(SELECT jsonb_array_elements_text($3)))))
ORDER BY a.identifier;
