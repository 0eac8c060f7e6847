-- The accounts that are named, by identifier; those that do not exist are left out. Each extid is looked up by itself: no
-- statistics of them are kept, and of several at once the planner expects so many rows that it may read the whole company.
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
                                FROM jsonb_array_elements_text($3) AS named (extid),
                                     LATERAL (SELECT o.identifier
                                              FROM leap.account o
                                              WHERE o.company_id = $1 AND o.extid = named.extid
                                              LIMIT 1) AS p))
ORDER BY a.identifier;
