-- Deploy leap-ws:export_account to pg

BEGIN;

SET LOCAL ROLE leap_owner;

-- One statement for each table that holds something of the person. Columns without a value are left out.
CREATE FUNCTION leap.export_account(company text, identifier bigint) RETURNS xml
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    tenant int := leap.require_company(company);
    account leap.account;
    parts xml[];
BEGIN
    SELECT a.* INTO account
    FROM leap.account a
    WHERE a.company_id = tenant AND a.identifier = export_account.identifier;
    PERFORM leap.require(FOUND, format('The company has no account %s.', quote_nullable(identifier)),
        'Give the account''s identifier.');

    parts[1] := xmlelement(name account, xmlforest(
        account.identifier AS identifier,
        account.extid AS extid,
        account.creation_time AS "creation-time",
        account.account_status AS "account-status",
        account.version AS version,
        account.unacked_since AS "unacked-since",
        account.family_name AS "family-name",
        account.given_name AS "given-name",
        account.additional_names AS "additional-names",
        account.honorific_prefixes AS "honorific-prefixes",
        account.bday AS bday,
        account.gender AS gender,
        account.nationality AS nationality,
        account.email AS email,
        account.tel_pref AS "tel-pref",
        account.tel_voice AS "tel-voice",
        account.residential_street_address AS "residential-street-address",
        account.residential_region AS "residential-region",
        account.residential_postal_code AS "residential-postal-code",
        account.residential_country AS "residential-country",
        account.billing_street_address AS "billing-street-address",
        account.billing_region AS "billing-region",
        account.billing_postal_code AS "billing-postal-code",
        account.billing_country AS "billing-country"));

    parts[2] := (SELECT xmlelement(name "additional-fields", xmlagg(
            xmlelement(name field, xmlattributes(f.key AS key, f.label AS label), given.value) ORDER BY f.position))
        FROM jsonb_each_text(account.additional_fields) AS given (key, value)
        JOIN leap.additional_field f ON f.company_id = tenant AND f.key = given.key);

    parts[3] := (SELECT xmlelement(name communities, xmlagg(xmlelement(name community, m.community) ORDER BY m.community))
        FROM leap.account_community m
        WHERE m.company_id = tenant AND m.identifier = account.identifier);

    -- The last two parts of a PHC string are salt and hash.
    parts[4] := (SELECT xmlagg(xmlelement(name password, xmlforest(
            p.changed_at AS "changed-at", regexp_replace(p.password_hash, '\$[^$]+\$[^$]+$', '') AS parameters)))
        FROM leap.account_password p
        WHERE p.company_id = tenant AND p.identifier = account.identifier);

    parts[5] := (SELECT xmlelement(name comments, xmlagg(xmlelement(name comment, xmlforest(
            c.identifier AS identifier, c.author AS author, c.creation_time AS "creation-time",
            c.comment AS text)) ORDER BY c.identifier))
        FROM leap.account_comment c
        WHERE c.company_id = tenant AND c.account_identifier = account.identifier);

    parts[6] := (SELECT xmlelement(name "property-relationships", xmlagg(xmlelement(name "property-relationship", xmlforest(
            r.identifier AS identifier, r.unacked_since AS "unacked-since")) ORDER BY r.identifier))
        FROM leap.property_relationship r
        WHERE r.company_id = tenant AND r.account_identifier = account.identifier);

    parts[7] := (SELECT xmlelement(name "retry-keys", xmlagg(xmlelement(name "retry-key", xmlforest(
            k.client AS client, k.key AS key, k.created AS created, k.status AS status, k.extid AS extid,
            k.version AS version)) ORDER BY k.created))
        FROM leap.retry_key k
        WHERE k.company_id = tenant AND k.account_identifier = account.identifier);

    parts[8] := (SELECT xmlelement(name history, xmlagg(xmlelement(name change, xmlforest(
            h.version AS version, h.at AS at, coalesce(h.client, h.role) AS author, h.operation AS operation,
            (SELECT xmlagg(xmlelement(name value, xmlattributes(changed.key AS "column"), xmlforest(
                     leap.history_text(h.old_values -> changed.key) AS old, leap.history_text(changed.value) AS new))
                 ORDER BY changed.key)
             FROM jsonb_each(h.new_values) AS changed) AS "values"))
            ORDER BY h.version, h.change_id))
        FROM leap.account_change h
        WHERE h.company_id = tenant AND h.identifier = account.identifier);

    RETURN xmlelement(name "account-export", xmlattributes(company AS company, now() AS exported),
        (SELECT xmlagg(part ORDER BY position) FROM unnest(parts) WITH ORDINALITY AS p (part, position)));
END
$$;
COMMENT ON FUNCTION leap.export_account(text, bigint) IS
    'All that is held of a person, as one well-formed XML document in UTF-8: account-export with account (an element '
    'for each column), additional-fields (each with its label), communities, password (when it was set and what it '
    'was hashed with, never the hash; absent: none), comments, property-relationships, retry-keys and history (each '
    'change with author, operation and old and new values). Times are UTC. psql -XAtc prints it; xmllint --format - '
    'indents it.';
GRANT EXECUTE ON FUNCTION leap.export_account(text, bigint) TO leap_dba;

COMMIT;
