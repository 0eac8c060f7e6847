-- Deploy leap-ws:account_administration to pg
-- Functions for the DBA, and for the platform's login, that concern one account.

BEGIN;

SET LOCAL ROLE leap_owner;

CREATE FUNCTION leap.require_account(tenant int, account bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    is_erased boolean;
BEGIN
    SELECT a.erased INTO is_erased
    FROM leap.account a
    WHERE a.company_id = tenant AND a.identifier = account
    FOR NO KEY UPDATE;
    PERFORM leap.require(FOUND, format('The company has no account %s.', quote_nullable(account)),
        'Give the account''s identifier.');
    PERFORM leap.require(NOT is_erased, format('Account %s is erased.', account),
        'An erased account stays as it is for good.');
END
$$;
COMMENT ON FUNCTION leap.require_account(int, bigint) IS
    'Locks an account of the company; an error where there is none or it is erased.';

CREATE FUNCTION leap.set_account_status(company text, identifier bigint, status text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    tenant int := leap.require_company(company);
BEGIN
    PERFORM leap.require_account(tenant, identifier);
    PERFORM leap.require(leap.is_valid(status, 'leap.account_status'),
        format('%s is no status of an account.', quote_nullable(status)), 'It is Active or Inactive.');
    UPDATE leap.account a
    SET account_status = status
    WHERE a.company_id = tenant
      AND a.identifier = set_account_status.identifier
      AND a.account_status <> status;
END
$$;
COMMENT ON FUNCTION leap.set_account_status(text, bigint, text) IS
    'Deactivates or reactivates an account; reactivation is refused at the account limit.';

CREATE FUNCTION leap.set_password_hash(company text, identifier bigint, phc text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    tenant int := leap.require_company(company);
BEGIN
    PERFORM leap.require_account(tenant, identifier);
    PERFORM leap.require(leap.is_valid(phc, 'leap.password_hash'), 'The password hash is no PHC string.',
        'It looks like $scrypt$ln=14,r=8,p=5$salt$hash, with salt and hash in base64.');
    INSERT INTO leap.account_password AS p (company_id, identifier, password_hash)
    VALUES (tenant, set_password_hash.identifier, phc)
    ON CONFLICT ON CONSTRAINT account_password_pkey DO UPDATE
    SET password_hash = EXCLUDED.password_hash, changed_at = EXCLUDED.changed_at;
END
$$;
COMMENT ON FUNCTION leap.set_password_hash(text, bigint, text) IS
    'Replaces the password hash of an account, for the platform''s login.';

GRANT EXECUTE ON FUNCTION leap.set_account_status(text, bigint, text) TO leap_dba;
GRANT EXECUTE ON FUNCTION leap.set_password_hash(text, bigint, text) TO leap_dba, leap_login;

-- What history names the operation while the function runs. Only a superuser may tie a setting that
-- PostgreSQL does not know to a function.
RESET ROLE;
ALTER FUNCTION leap.set_account_status(text, bigint, text) SET leap.operation = 'status';

COMMIT;
