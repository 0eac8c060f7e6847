-- Deploy leap-ws:api_functions to pg
-- The writes that take several statements, for the web service. They run with the caller's rights, so that
-- the tenant wall holds inside; what only the write can decide comes back as data.

BEGIN;

SET LOCAL ROLE leap_owner;

CREATE FUNCTION leap.account_conflicts(tenant int, account bigint, email text, communities text[],
                                       extid text)
RETURNS TABLE (email_taken boolean, extid_taken boolean)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT EXISTS (SELECT FROM leap.account_community m
                   WHERE m.company_id = account_conflicts.tenant
                     AND m.community = ANY (account_conflicts.communities)
                     AND m.email_key = lower(account_conflicts.email COLLATE "C")
                     AND m.identifier IS DISTINCT FROM account_conflicts.account),
           EXISTS (SELECT FROM leap.account a
                   WHERE a.company_id = account_conflicts.tenant
                     AND a.extid = account_conflicts.extid
                     AND a.identifier IS DISTINCT FROM account_conflicts.account);
END;
COMMENT ON FUNCTION leap.account_conflicts(int, bigint, text, text[], text) IS
    'Whether e-mail address or external identifier are taken by another account than this (null: a new one).';
GRANT EXECUTE ON FUNCTION leap.account_conflicts(int, bigint, text, text[], text) TO leap_api, leap_dba;

CREATE FUNCTION leap.create_account(tenant int, account jsonb, password_hash text)
RETURNS TABLE (outcome text, identifier bigint, extid text, version bigint,
               email_taken boolean, extid_taken boolean)
LANGUAGE plpgsql AS $$
DECLARE
    -- Nulls are dropped: what is empty is the same as absent.
    wanted leap.account := jsonb_populate_record(
        NULL::leap.account, '{"additional_fields": {}}' || jsonb_strip_nulls(account));
BEGIN
    PERFORM set_config('leap.operation', 'create', true);
    extid := wanted.extid;

    -- Where an account that takes the address or identifier commits between this look and the insert, the
    -- insert fails with a unique violation. The caller then tries again, and finds it here.
    SELECT c.email_taken, c.extid_taken
    INTO create_account.email_taken, create_account.extid_taken
    FROM leap.account_conflicts(tenant, NULL, wanted.email, wanted.communities, wanted.extid) c;
    IF email_taken OR extid_taken THEN
        outcome := 'conflict';
        RETURN NEXT;
        RETURN;
    END IF;

    INSERT INTO leap.account AS a
        (company_id, extid, email, given_name, family_name, additional_names, honorific_prefixes,
         bday, gender, nationality, tel_pref, tel_voice,
         residential_street_address, residential_region, residential_postal_code, residential_country,
         billing_street_address, billing_region, billing_postal_code, billing_country,
         additional_fields, communities)
    VALUES
        (tenant, wanted.extid, wanted.email, wanted.given_name, wanted.family_name,
         wanted.additional_names, wanted.honorific_prefixes,
         wanted.bday, wanted.gender, wanted.nationality, wanted.tel_pref, wanted.tel_voice,
         wanted.residential_street_address, wanted.residential_region,
         wanted.residential_postal_code, wanted.residential_country,
         wanted.billing_street_address, wanted.billing_region,
         wanted.billing_postal_code, wanted.billing_country,
         wanted.additional_fields, wanted.communities)
    RETURNING a.identifier, a.version
    INTO create_account.identifier, create_account.version;

    INSERT INTO leap.account_password (company_id, identifier, password_hash)
    VALUES (tenant, create_account.identifier, create_account.password_hash);

    outcome := 'created';
    RETURN NEXT;
END
$$;
COMMENT ON FUNCTION leap.create_account(int, jsonb, text) IS
    'Creates an account from its columns as JSON and its password hash; outcome "created", or "conflict" '
    'where e-mail address or external identifier are another account''s.';
GRANT EXECUTE ON FUNCTION leap.create_account(int, jsonb, text) TO leap_api;

CREATE FUNCTION leap.update_account(tenant int, account bigint, patch jsonb, expected_version bigint,
                                    operation text)
RETURNS TABLE (outcome text, identifier bigint, extid text, version bigint, email_taken boolean)
LANGUAGE plpgsql AS $$
DECLARE
    present leap.account;
    wanted leap.account;
BEGIN
    PERFORM set_config('leap.operation', operation, true);
    email_taken := false;

    SELECT a.* INTO present
    FROM leap.account a
    WHERE a.company_id = tenant AND a.identifier = account
    FOR NO KEY UPDATE;
    identifier := present.identifier;
    extid := present.extid;
    version := present.version;
    outcome := CASE
        WHEN present.identifier IS NULL THEN 'unknown'
        WHEN present.account_status <> 'Active' THEN 'inactive'
        WHEN present.version <> expected_version THEN 'precondition'
    END;
    IF outcome IS NOT NULL THEN
        RETURN NEXT;
        RETURN;
    END IF;

    wanted := jsonb_populate_record(present, patch || jsonb_build_object('additional_fields',
        jsonb_strip_nulls(present.additional_fields || coalesce(patch -> 'additional_fields', '{}'))));
    IF wanted IS NOT DISTINCT FROM present THEN
        outcome := 'updated';
        RETURN NEXT;
        RETURN;
    END IF;

    -- A race for the address ends as in leap.create_account.
    SELECT c.email_taken INTO update_account.email_taken
    FROM leap.account_conflicts(tenant, account, wanted.email, wanted.communities, NULL) c;
    IF email_taken THEN
        outcome := 'conflict';
        RETURN NEXT;
        RETURN;
    END IF;

    UPDATE leap.account AS a
    SET email = wanted.email,
        given_name = wanted.given_name,
        family_name = wanted.family_name,
        additional_names = wanted.additional_names,
        honorific_prefixes = wanted.honorific_prefixes,
        bday = wanted.bday,
        gender = wanted.gender,
        nationality = wanted.nationality,
        tel_pref = wanted.tel_pref,
        tel_voice = wanted.tel_voice,
        residential_street_address = wanted.residential_street_address,
        residential_region = wanted.residential_region,
        residential_postal_code = wanted.residential_postal_code,
        residential_country = wanted.residential_country,
        billing_street_address = wanted.billing_street_address,
        billing_region = wanted.billing_region,
        billing_postal_code = wanted.billing_postal_code,
        billing_country = wanted.billing_country,
        additional_fields = wanted.additional_fields,
        communities = wanted.communities
    WHERE a.company_id = tenant AND a.identifier = account
    RETURNING a.version INTO update_account.version;

    outcome := 'updated';
    RETURN NEXT;
END
$$;
COMMENT ON FUNCTION leap.update_account(int, bigint, jsonb, bigint, text) IS
    'Changes what the patch, columns as JSON, gives of an active account: null clears, what is absent '
    'stays, additional fields are merged by key. Outcome "updated", "unknown", "inactive", "precondition" '
    '(not at the expected version) or "conflict" (e-mail address of another account).';
GRANT EXECUTE ON FUNCTION leap.update_account(int, bigint, jsonb, bigint, text) TO leap_api;

COMMIT;
