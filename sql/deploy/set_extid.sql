-- Deploy leap-ws:set_extid to pg

BEGIN;

SET LOCAL ROLE leap_owner;

CREATE FUNCTION leap.set_extid(tenant int, account bigint, new_extid text)
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
GRANT EXECUTE ON FUNCTION leap.set_extid(int, bigint, text) TO leap_api;

COMMIT;
