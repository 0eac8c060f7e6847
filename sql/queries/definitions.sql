-- What the values of an account are checked against: keys are separated by spaces, which none holds.
-- $1 company_id
SELECT c.password_score,
       (SELECT string_agg(f.key, ' ') FROM leap.additional_field f WHERE f.company_id = $1) AS fields,
       (SELECT string_agg(m.community, ' ') FROM leap.community m WHERE m.company_id = $1) AS communities,
       (SELECT string_agg(n.code, ' ') FROM leap.country n) AS countries
FROM leap.company c
WHERE c.company_id = $1;
