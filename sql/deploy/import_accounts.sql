-- Deploy leap-ws:import_accounts to pg
-- Accounts come from a table of texts, so that every row of a file can be loaded and what is wrong with it be told. The
-- rules are those of the domains and tables; the paths of problems are those of the API's account document.

BEGIN;

SET LOCAL ROLE leap_owner;

CREATE TABLE leap.account_import (
    extid text,
    creation_time text,
    family_name text,
    given_name text,
    additional_names text,
    honorific_prefixes text,
    bday text,
    gender text,
    nationality text,
    email text,
    password_hash text,
    tel_pref text,
    tel_voice text,
    residential_street_address text,
    residential_region text,
    residential_postal_code text,
    residential_country text,
    billing_street_address text,
    billing_region text,
    billing_postal_code text,
    billing_country text,
    additional_fields text DEFAULT '{}',
    communities text,
    problems jsonb
);
COMMENT ON TABLE leap.account_import IS
    'Always empty: what leap.import_accounts reads is a table like this one. CREATE TABLE new_accounts (LIKE '
    'leap.account_import INCLUDING DEFAULTS). White space around values counts for nothing, an empty value is none.';
COMMENT ON COLUMN leap.account_import.extid IS 'External identifier, or none.';
COMMENT ON COLUMN leap.account_import.creation_time IS 'When the account was created where it comes from; none: now.';
COMMENT ON COLUMN leap.account_import.family_name IS 'Family name.';
COMMENT ON COLUMN leap.account_import.given_name IS 'Given name.';
COMMENT ON COLUMN leap.account_import.additional_names IS 'Middle names, or none.';
COMMENT ON COLUMN leap.account_import.honorific_prefixes IS 'Title, or none.';
COMMENT ON COLUMN leap.account_import.bday IS 'Date of birth, YYYY-MM-DD, or none.';
COMMENT ON COLUMN leap.account_import.gender IS 'MALE, FEMALE or none.';
COMMENT ON COLUMN leap.account_import.nationality IS 'ISO 3166-1 alpha-2 code, or none.';
COMMENT ON COLUMN leap.account_import.email IS 'E-mail address.';
COMMENT ON COLUMN leap.account_import.password_hash IS
    'Password hash as a PHC string, or none: the account then has no password until the platform''s login sets one.';
COMMENT ON COLUMN leap.account_import.tel_pref IS 'Contact phone, or none.';
COMMENT ON COLUMN leap.account_import.tel_voice IS 'Other phone, or none.';
COMMENT ON COLUMN leap.account_import.residential_street_address IS 'Residential address: street, or none.';
COMMENT ON COLUMN leap.account_import.residential_region IS 'Residential address: region, or none.';
COMMENT ON COLUMN leap.account_import.residential_postal_code IS 'Residential address: postal code, or none.';
COMMENT ON COLUMN leap.account_import.residential_country IS 'Residential address: country code, or none.';
COMMENT ON COLUMN leap.account_import.billing_street_address IS 'Billing address: street, or none.';
COMMENT ON COLUMN leap.account_import.billing_region IS 'Billing address: region, or none.';
COMMENT ON COLUMN leap.account_import.billing_postal_code IS 'Billing address: postal code, or none.';
COMMENT ON COLUMN leap.account_import.billing_country IS 'Billing address: country code, or none.';
COMMENT ON COLUMN leap.account_import.additional_fields IS
    'Values of additional fields as a JSON object of strings: {"shoe-size": "42"}.';
COMMENT ON COLUMN leap.account_import.communities IS 'Key of the account''s community.';
COMMENT ON COLUMN leap.account_import.problems IS
    'Left by leap.import_accounts where a row is not imported: [{"path": "/account/owner/email", "hint": "invalid", "detail": "…"}, '
    '…] with the paths and hints of the API.';
GRANT SELECT ON leap.account_import TO leap_dba;

-- What cannot even be read as the type is not valid either.
CREATE OR REPLACE FUNCTION leap.is_valid(value text, domain regtype) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format('SELECT $1::%s', domain) USING value;
    RETURN value IS NOT NULL;
EXCEPTION
    WHEN check_violation OR data_exception THEN
        RETURN false;
END
$$;

GRANT EXECUTE ON FUNCTION leap.is_valid(text, regtype), leap.require(boolean, text, text), leap.require_company(text)
TO leap_dba;

-- An account that is imported keeps the time of its creation.
CREATE OR REPLACE FUNCTION leap.stamp_new_account() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    imported boolean := session_user <> 'leap_api' AND current_setting('leap.operation', true) = 'import';
BEGIN
    IF NEW.identifier > (SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END
                         FROM leap.account_identifier) THEN
        RAISE check_violation USING
            MESSAGE = format('The identifier %s is still to be given by the sequence.', NEW.identifier),
            HINT = 'Leave the column identifier out.';
    END IF;
    NEW.unacked_since := date_trunc('milliseconds', clock_timestamp());
    NEW.creation_time := coalesce(CASE WHEN imported THEN date_trunc('milliseconds', NEW.creation_time) END,
                                  NEW.unacked_since);
    NEW.version := 1;
    NEW.changed_in := leap.current_change();
    RETURN NEW;
END
$$;

CREATE FUNCTION leap.xpath_literal(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN value NOT LIKE '%''%' THEN '''' || value || ''''
    WHEN value NOT LIKE '%"%' THEN '"' || value || '"'
    ELSE 'concat(''' || replace(value, '''', ''', "''", ''') || ''')'
END;
COMMENT ON FUNCTION leap.xpath_literal(text) IS 'A text as XPath quotes it.';

-- What a row gives: white space around values counts for nothing, an empty value is none; a time zone after a date is
-- dropped; communities become an array, additional fields an object (null where they are none).
CREATE FUNCTION leap.normalize_import(staged jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    white_space constant text := E' \t\r\n';
    given jsonb := (SELECT coalesce(jsonb_object_agg(key, btrim(value, white_space)), '{}')
                    FROM jsonb_each_text(staged - 'problems') AS entry (key, value)
                    WHERE btrim(value, white_space) <> '');
    fields jsonb := 'null';
BEGIN
    BEGIN
        fields := coalesce(given ->> 'additional_fields', '{}');
        fields := CASE jsonb_typeof(fields) WHEN 'object' THEN (
            SELECT coalesce(jsonb_object_agg(key, CASE jsonb_typeof(value)
                       WHEN 'string' THEN to_jsonb(btrim(value #>> '{}', white_space))
                       ELSE value END), '{}')
            FROM jsonb_each(fields) AS field (key, value)
            WHERE value <> 'null' AND btrim(value #>> '{}', white_space) <> '') END;
    EXCEPTION WHEN data_exception THEN
        fields := 'null';
    END;
    RETURN given || jsonb_build_object(
        'bday', regexp_replace(given ->> 'bday', '^(\d{4}-\d{2}-\d{2})(Z|[+-]\d{2}:\d{2})$', '\1'),
        'additional_fields', fields,
        'communities', coalesce(
            regexp_split_to_array(nullif(btrim(given ->> 'communities', '{} '), ''), '[\s,]+'), '{}'));
END
$$;
COMMENT ON FUNCTION leap.normalize_import(jsonb) IS
    'What a row of a staging table gives, by its columns, values trimmed and those without one left out.';

CREATE FUNCTION leap.read_import(given jsonb, OUT account leap.account, OUT password_hash leap.password_hash,
                                 OUT unreadable text)
LANGUAGE plpgsql AS $$
BEGIN
    password_hash := given ->> 'password_hash';
    account := jsonb_populate_record(NULL::leap.account, given || jsonb_build_object(
        'additional_fields', coalesce(nullif(given -> 'additional_fields', 'null'), '{}')));
EXCEPTION WHEN check_violation OR data_exception THEN
    unreadable := SQLERRM;
END
$$;
COMMENT ON FUNCTION leap.read_import(jsonb) IS
    'The account and password hash that a normalized row gives, or why some value cannot be one.';

-- For a whole batch at once: to set this query up costs more than to check a row by it.
CREATE FUNCTION leap.import_problems(tenant int, given jsonb[], unreadable text[])
RETURNS TABLE (number bigint, problems jsonb)
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH rule (position, path, column_name, domain, required) AS (VALUES
        (1, '/account/@extid', 'extid', 'leap.extid'::regtype, false),
        (2, '/account/creation-time', 'creation_time', 'timestamptz', false),
        (3, '/account/owner/name/family-name', 'family_name', 'leap.name', true),
        (4, '/account/owner/name/given-name', 'given_name', 'leap.name', true),
        (5, '/account/owner/name/additional-names', 'additional_names', 'leap.name', false),
        (6, '/account/owner/name/honorific-prefixes', 'honorific_prefixes', 'leap.name', false),
        (7, '/account/owner/bday', 'bday', 'leap.birthday', false),
        (8, '/account/owner/gender', 'gender', 'leap.gender', false),
        (9, '/account/owner/nationality/@code', 'nationality', 'leap.country_code', false),
        (10, '/account/owner/email', 'email', 'leap.email', true),
        (11, '/account/owner/password', 'password_hash', 'leap.password_hash', false),
        (12, '/account/owner/tel[@type=''pref'']', 'tel_pref', 'leap.phone', false),
        (13, '/account/owner/tel[@type=''voice'']', 'tel_voice', 'leap.phone', false),
        (14, '/account/owner/residential-address/street-address',
         'residential_street_address', 'leap.street_address', false),
        (15, '/account/owner/residential-address/region', 'residential_region', 'leap.name', false),
        (16, '/account/owner/residential-address/postal-code',
         'residential_postal_code', 'leap.postal_code', false),
        (17, '/account/owner/residential-address/country-name/@code',
         'residential_country', 'leap.country_code', false),
        (18, '/account/billing-address/street-address', 'billing_street_address', 'leap.street_address', false),
        (19, '/account/billing-address/region', 'billing_region', 'leap.name', false),
        (20, '/account/billing-address/postal-code', 'billing_postal_code', 'leap.postal_code', false),
        (21, '/account/billing-address/country-name/@code', 'billing_country', 'leap.country_code', false)
    ), staged (given, unreadable, number) AS (
        SELECT * FROM unnest(import_problems.given, import_problems.unreadable) WITH ORDINALITY
    ), staged_value (number, unreadable, position, path, column_name, domain, required, value) AS (
        SELECT s.number, s.unreadable, r.position, r.path, r.column_name, r.domain, r.required, s.given ->> r.column_name
        FROM staged s
        CROSS JOIN rule r
    ), problem (number, position, entry, path, hint, detail) AS (
        SELECT v.number, v.position, 0::bigint, v.path, 'required', 'Give a value.'
        FROM staged_value v
        WHERE v.required AND v.value IS NULL
      UNION ALL
        SELECT v.number, v.position, 0, v.path, 'invalid', obj_description(v.domain, 'pg_type')
        FROM staged_value v
        WHERE v.value IS NOT NULL
          AND (v.unreadable IS NOT NULL AND NOT leap.is_valid(v.value, v.domain)
               OR v.domain = 'leap.country_code'::regtype
                  AND NOT EXISTS (SELECT FROM leap.country n WHERE n.code = v.value)
               OR v.column_name = 'bday'
                  AND (v.value !~ '^\d{4}-\d{2}-\d{2}$'
                       OR v.value > (clock_timestamp() AT TIME ZONE 'UTC')::date::text)
               OR v.column_name = 'creation_time' AND v.unreadable IS NULL
                  AND v.value::timestamptz NOT BETWEEN '1870-01-01' AND clock_timestamp())
      UNION ALL
        SELECT s.number, r.position, 0, r.path, 'duplicate', 'Another account has it.'
        FROM staged s
        CROSS JOIN LATERAL leap.account_conflicts(
            tenant, NULL, s.given ->> 'email', ARRAY(SELECT jsonb_array_elements_text(s.given -> 'communities')),
            s.given ->> 'extid') AS conflict
        JOIN rule r ON r.column_name = 'extid' AND conflict.extid_taken OR r.column_name = 'email' AND conflict.email_taken
      UNION ALL
        SELECT s.number, 22, 0, '/account/additional-fields', 'invalid', 'Give a JSON object: {"key": "value", …}.'
        FROM staged s
        WHERE s.given -> 'additional_fields' = 'null'
      UNION ALL
        SELECT s.number, 22, 0, format('/account/additional-fields/field[@key=%s]', leap.xpath_literal(field.key)), 'invalid',
               CASE WHEN defined.key IS NULL THEN 'The company has no field of this key.'
                    ELSE obj_description('leap.field_value'::regtype, 'pg_type') END
        FROM staged s
        CROSS JOIN LATERAL jsonb_each(nullif(s.given -> 'additional_fields', 'null')) AS field (key, value)
        LEFT JOIN leap.additional_field defined ON defined.company_id = tenant AND defined.key = field.key
        WHERE defined.key IS NULL
           OR jsonb_typeof(field.value) <> 'string'
           OR s.unreadable IS NOT NULL AND NOT leap.is_valid(field.value #>> '{}', 'leap.field_value')
      UNION ALL
        SELECT s.number, 23, 0, '/account/communities/community', 'required',
               'Give the community that the account belongs to.'
        FROM staged s
        WHERE s.given -> 'communities' = '[]'
      UNION ALL
        SELECT s.number, 23, wanted.entry,
               '/account/communities/community'
               || CASE WHEN jsonb_array_length(s.given -> 'communities') > 1 THEN format('[%s]', wanted.entry) ELSE '' END,
               'invalid',
               CASE WHEN wanted.entry > 1 THEN 'An account belongs to one community.'
                    ELSE 'The company has no community of this key.' END
        FROM staged s
        CROSS JOIN LATERAL jsonb_array_elements_text(s.given -> 'communities')
            WITH ORDINALITY AS wanted (community, entry)
        WHERE wanted.entry > 1
           OR NOT EXISTS (SELECT FROM leap.community m
                          WHERE m.company_id = tenant AND m.community = wanted.community)
    ), told (number, problems) AS (
        SELECT p.number, jsonb_agg(jsonb_build_object('path', p.path, 'hint', p.hint, 'detail', p.detail)
                                   ORDER BY p.position, p.entry, p.path)
        FROM problem p
        GROUP BY p.number
    )
    SELECT s.number,
           coalesce(t.problems, CASE WHEN s.unreadable IS NOT NULL THEN jsonb_build_array(
               jsonb_build_object('path', '/account', 'hint', 'invalid', 'detail', s.unreadable)) END)
    FROM staged s
    LEFT JOIN told t ON t.number = s.number;
END;
COMMENT ON FUNCTION leap.import_problems(int, jsonb[], text[]) IS
    'What is wrong with each of the normalized rows of a batch, by the paths and hints of the API; null: nothing. What a '
    'single value can break is looked at only where some value of the row is unreadable.';

-- The accounts of a batch are written by one statement: one for each would cost half as much again.
CREATE FUNCTION leap.import_batch(tenant int, staging regclass, places tid[]) RETURNS int
LANGUAGE plpgsql AS $$
DECLARE
    staged record;
    read record;
    checked record;
    account leap.account;
    found_places tid[] := '{}';
    given jsonb[] := '{}';
    unreadable text[] := '{}';
    found_accounts leap.account[] := '{}';
    found_hashes text[] := '{}';
    accounts leap.account[] := '{}';
    identifiers bigint[] := '{}';
    hashes text[] := '{}';
    imported tid[] := '{}';
BEGIN
    PERFORM set_config('leap.operation', 'import', true);

    FOR staged IN EXECUTE format('SELECT s.ctid AS place, leap.normalize_import(to_jsonb(s)) AS given FROM %s AS s '
                                 'WHERE s.ctid = ANY ($1) FOR UPDATE SKIP LOCKED', staging) USING places LOOP
        SELECT * INTO read FROM leap.read_import(staged.given);
        found_places := found_places || staged.place;
        given := given || staged.given;
        unreadable := unreadable || read.unreadable;
        found_accounts := found_accounts || read.account;
        found_hashes := found_hashes || read.password_hash::text;
    END LOOP;

    FOR checked IN SELECT p.number, p.problems FROM leap.import_problems(tenant, given, unreadable) p ORDER BY p.number LOOP
        IF checked.problems IS NULL THEN
            account := found_accounts[checked.number];
            account.identifier := nextval('leap.account_identifier');
            accounts := accounts || account;
            identifiers := identifiers || account.identifier;
            hashes := hashes || found_hashes[checked.number];
            imported := imported || found_places[checked.number];
        ELSE
            EXECUTE format('UPDATE %s SET problems = $1 WHERE ctid = $2', staging)
            USING checked.problems, found_places[checked.number];
        END IF;
    END LOOP;

    INSERT INTO leap.account
        (company_id, identifier, extid, creation_time, email, given_name, family_name, additional_names, honorific_prefixes,
         bday, gender, nationality, tel_pref, tel_voice,
         residential_street_address, residential_region, residential_postal_code, residential_country,
         billing_street_address, billing_region, billing_postal_code, billing_country,
         additional_fields, communities)
    SELECT tenant, a.identifier, a.extid, a.creation_time, a.email, a.given_name, a.family_name, a.additional_names,
           a.honorific_prefixes, a.bday, a.gender, a.nationality, a.tel_pref, a.tel_voice,
           a.residential_street_address, a.residential_region, a.residential_postal_code, a.residential_country,
           a.billing_street_address, a.billing_region, a.billing_postal_code, a.billing_country,
           a.additional_fields, a.communities
    FROM unnest(accounts) AS a;

    INSERT INTO leap.account_password (company_id, identifier, password_hash)
    SELECT tenant, given_hash.identifier, given_hash.password_hash
    FROM unnest(identifiers, hashes) AS given_hash (identifier, password_hash)
    WHERE given_hash.password_hash IS NOT NULL;

    EXECUTE format('DELETE FROM %s WHERE ctid = ANY ($1)', staging) USING imported;
    RETURN cardinality(imported);
END
$$;
COMMENT ON FUNCTION leap.import_batch(int, regclass, tid[]) IS
    'Imports some rows of a staging table: the good ones become accounts and leave it, the others get their problems. The '
    'number of those imported.';

-- Plans that a session made for a small table would read it whole when it has grown: statistics make it plan anew.
CREATE FUNCTION leap.analyze_accounts() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    ANALYZE leap.account, leap.account_community, leap.account_field_key, leap.account_password, leap.account_change;
END
$$;
COMMENT ON FUNCTION leap.analyze_accounts() IS 'Brings the statistics of the tables of accounts up to date.';

CREATE PROCEDURE leap.import_accounts(company text, staging regclass, batch int DEFAULT 1000)
LANGUAGE plpgsql AS $$
DECLARE
    tenant int := leap.require_company(company);
    places tid[];
    place tid;
    missing text := (SELECT string_agg(wanted.attname, ', ' ORDER BY wanted.attnum)
                     FROM pg_catalog.pg_attribute wanted
                     WHERE wanted.attrelid = 'leap.account_import'::regclass AND wanted.attnum > 0
                       AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute found
                                       WHERE found.attrelid = staging AND found.attname = wanted.attname));
    read bigint := 0;
    imported bigint := 0;
    analyzed bigint := 0;
BEGIN
    PERFORM leap.require(batch BETWEEN 1 AND 100000, format('%s is no number of rows.', coalesce(batch::text, 'NULL')),
        'Give how many rows one transaction takes, from 1 to 100000.');
    PERFORM leap.require(missing IS NULL, format('The table %s lacks columns: %s.', staging, missing),
        'Make it by CREATE TABLE new_accounts (LIKE leap.account_import INCLUDING DEFAULTS).');

    FOR places IN EXECUTE format('SELECT array_agg(s.ctid ORDER BY s.ctid) '
                                 'FROM (SELECT ctid, (row_number() OVER () - 1) / $1 AS batch FROM %s) AS s '
                                 'GROUP BY s.batch ORDER BY s.batch', staging) USING batch LOOP
        BEGIN
            imported := imported + leap.import_batch(tenant, staging, places);
        EXCEPTION WHEN unique_violation THEN
            -- Two rows of the batch have one address or identifier, or somebody took it meanwhile. One by one each is
            -- checked against those before it.
            FOREACH place IN ARRAY places LOOP
                imported := imported + leap.import_batch(tenant, staging, ARRAY[place]);
            END LOOP;
        END;
        read := read + cardinality(places);
        COMMIT;
        RAISE NOTICE '% rows read, % accounts imported', read, imported;
        IF imported >= 2 * analyzed THEN
            PERFORM leap.analyze_accounts();
            COMMIT;
            analyzed := imported;
        END IF;
    END LOOP;
END
$$;
COMMENT ON PROCEDURE leap.import_accounts(text, regclass, int) IS
    'Imports the rows of a table like leap.account_import. Each batch is a transaction of its own and reported when '
    'it has committed: good rows become accounts and leave the table, the others stay with their problems. Stopped or '
    'failed, it can be called again; so it can when problems were mended. Two sessions may share the work on one '
    'table. Where the account limit is reached it stops, keeping the batches before. A row whose e-mail address or '
    'external identifier an earlier row has is a duplicate. Drop the table afterwards: its file holds what it held.';

GRANT EXECUTE ON FUNCTION
    leap.xpath_literal(text),
    leap.normalize_import(jsonb),
    leap.read_import(jsonb),
    leap.import_problems(int, jsonb[], text[]),
    leap.import_batch(int, regclass, tid[]),
    leap.analyze_accounts()
TO leap_dba;
GRANT EXECUTE ON PROCEDURE leap.import_accounts(text, regclass, int) TO leap_dba;

-- Where the role makes such tables without saying where: the first place of its search path. Only a superuser may make a
-- schema.
RESET ROLE;
CREATE SCHEMA leap_dba AUTHORIZATION leap_dba;
COMMENT ON SCHEMA leap_dba IS 'Tables of the DBA''s own, such as those that accounts are imported from.';

COMMIT;
