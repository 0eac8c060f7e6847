-- Revert leap-ws:erase_account from pg

BEGIN;

SET LOCAL ROLE leap_owner;

CREATE OR REPLACE FUNCTION leap.add_comment(tenant int, account bigint, text text)
RETURNS TABLE (outcome text, identifier bigint, extid text, version bigint)
LANGUAGE plpgsql AS $$
BEGIN
    SELECT a.identifier, a.extid, a.version
    INTO add_comment.identifier, add_comment.extid, add_comment.version
    FROM leap.account a
    WHERE a.company_id = tenant AND a.identifier = account
    FOR KEY SHARE;
    IF FOUND THEN
        INSERT INTO leap.account_comment (company_id, account_identifier, author, comment)
        VALUES (tenant, account, current_setting('leap.client'), text);
        outcome := 'added';
        RETURN NEXT;
    END IF;
END
$$;
COMMENT ON FUNCTION leap.add_comment(int, bigint, text) IS
    'Adds a comment of the API client to an account, active or not; no row where there is no such account.';

CREATE OR REPLACE FUNCTION leap.set_extid(tenant int, account bigint, new_extid text)
RETURNS TABLE (outcome text, identifier bigint, extid text, version bigint)
LANGUAGE plpgsql AS $$
DECLARE
    taken boolean;
BEGIN
    PERFORM set_config('leap.operation', 'extid', true);

    SELECT a.identifier, a.extid, a.version
    INTO set_extid.identifier, set_extid.extid, set_extid.version
    FROM leap.account a
    WHERE a.company_id = tenant AND a.identifier = account
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        outcome := 'unknown';
        RETURN NEXT;
        RETURN;
    END IF;

    SELECT c.extid_taken INTO taken
    FROM leap.account_conflicts(tenant, account, NULL, NULL, new_extid) c;
    IF taken THEN
        outcome := 'taken';
        RETURN NEXT;
        RETURN;
    END IF;

    UPDATE leap.account a
    SET extid = new_extid
    WHERE a.company_id = tenant AND a.identifier = account AND a.extid IS DISTINCT FROM new_extid;
    outcome := 'set';
    extid := new_extid;
    RETURN NEXT;
END
$$;
COMMENT ON FUNCTION leap.set_extid(int, bigint, text) IS
    'Sets the external identifier of an account, active or not; null removes it. Outcome "set", "unknown" or '
    '"taken" (another account has it).';

DROP FUNCTION leap.erase_account(text, bigint);
DROP FUNCTION leap.without_values(jsonb);

ALTER TABLE leap.account
    ALTER COLUMN extid SET STATISTICS -1,
    ALTER COLUMN email SET STATISTICS -1,
    ALTER COLUMN email_key SET STATISTICS -1,
    ALTER COLUMN given_name SET STATISTICS -1,
    ALTER COLUMN family_name SET STATISTICS -1,
    ALTER COLUMN additional_names SET STATISTICS -1,
    ALTER COLUMN honorific_prefixes SET STATISTICS -1,
    ALTER COLUMN bday SET STATISTICS -1,
    ALTER COLUMN gender SET STATISTICS -1,
    ALTER COLUMN nationality SET STATISTICS -1,
    ALTER COLUMN tel_pref SET STATISTICS -1,
    ALTER COLUMN tel_voice SET STATISTICS -1,
    ALTER COLUMN residential_street_address SET STATISTICS -1,
    ALTER COLUMN residential_region SET STATISTICS -1,
    ALTER COLUMN residential_postal_code SET STATISTICS -1,
    ALTER COLUMN residential_country SET STATISTICS -1,
    ALTER COLUMN billing_street_address SET STATISTICS -1,
    ALTER COLUMN billing_region SET STATISTICS -1,
    ALTER COLUMN billing_postal_code SET STATISTICS -1,
    ALTER COLUMN billing_country SET STATISTICS -1,
    ALTER COLUMN additional_fields SET STATISTICS -1;
ALTER TABLE leap.account_community ALTER COLUMN email_key SET STATISTICS -1;
ALTER TABLE leap.account_field_key ALTER COLUMN value_digest SET STATISTICS -1;
ALTER TABLE leap.account_change
    ALTER COLUMN old_values SET STATISTICS -1,
    ALTER COLUMN new_values SET STATISTICS -1;
ALTER TABLE leap.account_comment ALTER COLUMN comment SET STATISTICS -1;
ALTER TABLE leap.account_password ALTER COLUMN password_hash SET STATISTICS -1;
ALTER TABLE leap.retry_key
    ALTER COLUMN key SET STATISTICS -1,
    ALTER COLUMN extid SET STATISTICS -1;

COMMIT;
