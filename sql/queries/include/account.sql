-- What an account document needs of an account, `a`, of company $1.
SELECT a.*,
       (SELECT json_agg(json_build_array(r.identifier, r.unacked_since::text) ORDER BY r.identifier)
        FROM leap.property_relationship r
        WHERE r.company_id = $1 AND r.account_identifier = a.identifier) AS property_relationships
FROM leap.account a
