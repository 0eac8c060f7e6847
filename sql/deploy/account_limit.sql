-- Deploy leap-ws:account_limit to pg
-- Where a company has a limit, its active accounts are counted in one row, which every transaction that
-- changes their number locks until it ends: so the limit holds exactly. Without a limit there is no row and
-- nothing to wait for. leap.set_account_limit makes and removes the row.

BEGIN;

SET LOCAL ROLE leap_owner;

CREATE TABLE leap.company_usage (
    company_id int PRIMARY KEY REFERENCES leap.company,
    account_limit bigint NOT NULL
        CONSTRAINT account_limit_not_negative CHECK (account_limit >= 0),
    active_accounts bigint NOT NULL
);
COMMENT ON TABLE leap.company_usage IS 'Companies with an account limit, set by leap.set_account_limit.';
COMMENT ON COLUMN leap.company_usage.company_id IS 'The company.';
COMMENT ON COLUMN leap.company_usage.account_limit IS 'How many active accounts the company may have.';
COMMENT ON COLUMN leap.company_usage.active_accounts IS 'How many it has; kept by trigger.';

ALTER TABLE leap.company_usage ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY administration ON leap.company_usage TO leap_owner, leap_dba USING (true);
GRANT SELECT ON leap.company_usage TO leap_dba;

CREATE FUNCTION leap.count_new_accounts() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM leap.add_active_accounts(company_id, count(*))
    FROM created
    WHERE account_status = 'Active'
    GROUP BY company_id
    ORDER BY company_id;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION leap.count_new_accounts() IS
    'Trigger: counts the active accounts that a statement created.';

CREATE FUNCTION leap.count_changed_account() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.account_status = 'Active' THEN
        PERFORM leap.add_active_accounts(NEW.company_id, 1);
    ELSE
        PERFORM leap.add_active_accounts(OLD.company_id, -1);
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION leap.count_changed_account() IS
    'Trigger: counts an account that became active, was deactivated, or was active and is deleted.';

CREATE FUNCTION leap.add_active_accounts(company int, number bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    exceeded boolean;
BEGIN
    UPDATE leap.company_usage u
    SET active_accounts = u.active_accounts + number
    WHERE u.company_id = company
    RETURNING number > 0 AND u.active_accounts > u.account_limit INTO exceeded;
    IF exceeded THEN
        RAISE EXCEPTION 'Account limit reached.' USING ERRCODE = 'LEA01';
    END IF;
END
$$;
COMMENT ON FUNCTION leap.add_active_accounts(int, bigint) IS
    'Adds to the number of active accounts where it is limited; an error (LEA01) over the limit.';

CREATE TRIGGER account_count_new AFTER INSERT ON leap.account
REFERENCING NEW TABLE AS created
FOR EACH STATEMENT EXECUTE FUNCTION leap.count_new_accounts();

CREATE TRIGGER account_count_changed AFTER UPDATE ON leap.account
FOR EACH ROW WHEN (NEW.account_status <> OLD.account_status)
EXECUTE FUNCTION leap.count_changed_account();

CREATE TRIGGER account_count_deleted AFTER DELETE ON leap.account
FOR EACH ROW WHEN (OLD.account_status = 'Active')
EXECUTE FUNCTION leap.count_changed_account();

COMMIT;
