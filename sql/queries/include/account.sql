-- What an account document needs of an account, `a`, of company $1, in the document's order. A relationship is its
-- identifier and, where its flag is raised, a space and since when.
SELECT a.extid, a.creation_time, a.account_status, a.family_name, a.given_name, a.additional_names, a.honorific_prefixes,
       a.bday, a.gender, a.nationality, a.email, a.tel_pref, a.tel_voice,
       a.residential_street_address, a.residential_region, a.residential_postal_code, a.residential_country,
       a.billing_street_address, a.billing_region, a.billing_postal_code, a.billing_country,
       ARRAY(SELECT concat_ws(' ', r.identifier, r.unacked_since)
             FROM leap.property_relationship r
             WHERE r.company_id = $1 AND r.account_identifier = a.identifier
             ORDER BY r.identifier) AS property_relationships,
       a.additional_fields, a.communities, a.identifier, a.unacked_since, a.version, a.changed_in
FROM leap.account a
