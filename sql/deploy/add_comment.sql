-- Deploy leap-ws:add_comment to pg

BEGIN;

SET LOCAL ROLE leap_owner;

CREATE FUNCTION leap.add_comment(tenant int, account bigint, text text)
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
GRANT EXECUTE ON FUNCTION leap.add_comment(int, bigint, text) TO leap_api;

COMMIT;
