-- Deploy leap-ws:erase_account to pg

BEGIN;

SET LOCAL ROLE leap_owner;

-- Statistics hold samples of values: none are kept of what people's data are in, so that nothing of an erased account
-- outlives it there. No statement of the program is planned by them.
ALTER TABLE leap.account
    ALTER COLUMN extid SET STATISTICS 0,
    ALTER COLUMN email SET STATISTICS 0,
    ALTER COLUMN email_key SET STATISTICS 0,
    ALTER COLUMN given_name SET STATISTICS 0,
    ALTER COLUMN family_name SET STATISTICS 0,
    ALTER COLUMN additional_names SET STATISTICS 0,
    ALTER COLUMN honorific_prefixes SET STATISTICS 0,
    ALTER COLUMN bday SET STATISTICS 0,
    ALTER COLUMN gender SET STATISTICS 0,
    ALTER COLUMN nationality SET STATISTICS 0,
    ALTER COLUMN tel_pref SET STATISTICS 0,
    ALTER COLUMN tel_voice SET STATISTICS 0,
    ALTER COLUMN residential_street_address SET STATISTICS 0,
    ALTER COLUMN residential_region SET STATISTICS 0,
    ALTER COLUMN residential_postal_code SET STATISTICS 0,
    ALTER COLUMN residential_country SET STATISTICS 0,
    ALTER COLUMN billing_street_address SET STATISTICS 0,
    ALTER COLUMN billing_region SET STATISTICS 0,
    ALTER COLUMN billing_postal_code SET STATISTICS 0,
    ALTER COLUMN billing_country SET STATISTICS 0,
    ALTER COLUMN additional_fields SET STATISTICS 0;
ALTER TABLE leap.account_community ALTER COLUMN email_key SET STATISTICS 0;
ALTER TABLE leap.account_field_key ALTER COLUMN value_digest SET STATISTICS 0;
ALTER TABLE leap.account_change
    ALTER COLUMN old_values SET STATISTICS 0,
    ALTER COLUMN new_values SET STATISTICS 0;
ALTER TABLE leap.account_comment ALTER COLUMN comment SET STATISTICS 0;
ALTER TABLE leap.account_password ALTER COLUMN password_hash SET STATISTICS 0;
ALTER TABLE leap.retry_key
    ALTER COLUMN key SET STATISTICS 0,
    ALTER COLUMN extid SET STATISTICS 0;

CREATE FUNCTION leap.without_values(history jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (SELECT coalesce(jsonb_object_agg(column_name, CASE
                   WHEN column_name IN ('account_status', 'communities', 'unacked_since') THEN value
                   ELSE 'null' END), '{}')
        FROM jsonb_each(history) AS entry (column_name, value));
COMMENT ON FUNCTION leap.without_values(jsonb) IS
    'Values of history by column, the personal ones replaced by null.';

CREATE FUNCTION leap.erase_account(company text, identifier bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    tenant int := leap.require_company(company);
BEGIN
    -- Also waits for those who add to the account, such as a comment.
    PERFORM FROM leap.account a
    WHERE a.company_id = tenant AND a.identifier = erase_account.identifier
    FOR UPDATE;
    PERFORM leap.require_account(tenant, identifier);

    DELETE FROM leap.retry_key k
    WHERE k.company_id = tenant AND k.account_identifier = erase_account.identifier;
    DELETE FROM leap.account_comment c
    WHERE c.company_id = tenant AND c.account_identifier = erase_account.identifier;
    DELETE FROM leap.account_password p
    WHERE p.company_id = tenant AND p.identifier = erase_account.identifier;

    UPDATE leap.account a
    SET erased = true,
        account_status = 'Inactive',
        extid = NULL,
        email = NULL,
        given_name = NULL,
        family_name = NULL,
        additional_names = NULL,
        honorific_prefixes = NULL,
        bday = NULL,
        gender = NULL,
        nationality = NULL,
        tel_pref = NULL,
        tel_voice = NULL,
        residential_street_address = NULL,
        residential_region = NULL,
        residential_postal_code = NULL,
        residential_country = NULL,
        billing_street_address = NULL,
        billing_region = NULL,
        billing_postal_code = NULL,
        billing_country = NULL,
        additional_fields = '{}'
    WHERE a.company_id = tenant AND a.identifier = erase_account.identifier;

    UPDATE leap.account_change h
    SET old_values = leap.without_values(h.old_values),
        new_values = leap.without_values(h.new_values)
    WHERE h.company_id = tenant AND h.identifier = erase_account.identifier;
END
$$;
COMMENT ON FUNCTION leap.erase_account(text, bigint) IS
    'Erases a person: every personal value, e-mail address and external identifier are gone from the account and its '
    'history, where who, when and which columns stay; comments, password and retry keys are deleted. The account is '
    'Inactive for good; its identifier, communities and relationships stay, its flag is raised and the change feed '
    'shows it. What PostgreSQL keeps longer: the tables'' files until VACUUM FULL (a plain VACUUM only frees the room '
    'for other rows); write-ahead log in pg_wal until it is recycled, after a checkpoint or two, or as long as '
    'wal_keep_size or a replication slot holds it; a standby until it has replayed the erasure and was vacuumed with '
    'the primary; archives of the log, base backups and dumps as long as they are kept: after restoring one, erase '
    'again whom it brought back.';
GRANT EXECUTE ON FUNCTION leap.erase_account(text, bigint) TO leap_dba;

-- What concerns a person is not added to an erased account again: it is as unknown.

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
    WHERE a.company_id = tenant AND a.identifier = account AND NOT a.erased
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
    'Sets the external identifier of an account, active or not; null removes it. Outcome "set", "unknown" (or erased) or '
    '"taken" (another account has it).';

CREATE OR REPLACE FUNCTION leap.add_comment(tenant int, account bigint, text text)
RETURNS TABLE (outcome text, identifier bigint, extid text, version bigint)
LANGUAGE plpgsql AS $$
BEGIN
    SELECT a.identifier, a.extid, a.version
    INTO add_comment.identifier, add_comment.extid, add_comment.version
    FROM leap.account a
    WHERE a.company_id = tenant AND a.identifier = account AND NOT a.erased
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
    'Adds a comment of the API client to an account, active or not; no row where there is no such account or it is erased.';

-- As for leap.set_account_status.
RESET ROLE;
ALTER FUNCTION leap.erase_account(text, bigint) SET leap.operation = 'erase';

COMMIT;
