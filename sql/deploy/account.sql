-- Deploy leap-ws:account to pg

BEGIN;

SET LOCAL ROLE leap_owner;

CREATE SEQUENCE leap.account_identifier AS bigint START 10000001 MAXVALUE 999999999999999999;
COMMENT ON SEQUENCE leap.account_identifier IS 'Identifiers of accounts, of all companies.';
GRANT USAGE, SELECT ON SEQUENCE leap.account_identifier TO leap_api, leap_dba;

CREATE TABLE leap.account (
    company_id int REFERENCES leap.company,
    identifier bigint DEFAULT nextval('leap.account_identifier')
        CONSTRAINT identifier_range CHECK (identifier BETWEEN 1 AND 999999999999999999),
    extid leap.extid,
    creation_time timestamptz NOT NULL,
    account_status leap.account_status NOT NULL DEFAULT 'Active',
    email leap.email,
    email_key text COLLATE "C" GENERATED ALWAYS AS (lower(email COLLATE "C")) STORED,
    given_name leap.name,
    family_name leap.name,
    additional_names leap.name,
    honorific_prefixes leap.name,
    bday leap.birthday,
    gender leap.gender,
    nationality leap.country_code REFERENCES leap.country,
    tel_pref leap.phone,
    tel_voice leap.phone,
    residential_street_address leap.street_address,
    residential_region leap.name,
    residential_postal_code leap.postal_code,
    residential_country leap.country_code REFERENCES leap.country,
    billing_street_address leap.street_address,
    billing_region leap.name,
    billing_postal_code leap.postal_code,
    billing_country leap.country_code REFERENCES leap.country,
    additional_fields leap.field_values NOT NULL DEFAULT '{}',
    communities text[] COLLATE "C" NOT NULL DEFAULT '{}',
    unacked_since timestamptz,
    version bigint NOT NULL,
    changed_in bigint NOT NULL,
    erased boolean NOT NULL DEFAULT false,
    PRIMARY KEY (company_id, identifier),
    UNIQUE (company_id, extid),
    CONSTRAINT email_and_names_required CHECK (
        erased OR num_nulls(email, given_name, family_name) = 0),
    CONSTRAINT erased_account_is_empty CHECK (
        NOT erased
        OR (account_status = 'Inactive'
            AND additional_fields = '{}'
            AND num_nonnulls(extid, email, given_name, family_name, additional_names, honorific_prefixes,
                             bday, gender, nationality, tel_pref, tel_voice,
                             residential_street_address, residential_region, residential_postal_code,
                             residential_country, billing_street_address, billing_region,
                             billing_postal_code, billing_country) = 0))
);
ALTER SEQUENCE leap.account_identifier OWNED BY leap.account.identifier;

CREATE INDEX account_acked ON leap.account (company_id, identifier) WHERE unacked_since IS NULL;
CREATE INDEX account_unacked ON leap.account (company_id, identifier) WHERE unacked_since IS NOT NULL;
CREATE INDEX account_feed ON leap.account (company_id, changed_in, identifier);

COMMENT ON TABLE leap.account IS 'Customer accounts.';
COMMENT ON COLUMN leap.account.company_id IS 'The company whose customer this is.';
COMMENT ON COLUMN leap.account.identifier IS 'Identifier of the account, from the sequence.';
COMMENT ON COLUMN leap.account.extid IS 'Identifier that an external system gave the account.';
COMMENT ON COLUMN leap.account.creation_time IS 'When the account was created; kept by trigger.';
COMMENT ON COLUMN leap.account.account_status IS 'Active or Inactive.';
COMMENT ON COLUMN leap.account.email IS 'E-mail address, the login; unique within each community.';
COMMENT ON COLUMN leap.account.email_key IS 'E-mail address with ASCII letters folded, for comparing.';
COMMENT ON COLUMN leap.account.given_name IS 'Given name.';
COMMENT ON COLUMN leap.account.family_name IS 'Family name.';
COMMENT ON COLUMN leap.account.additional_names IS 'Middle names.';
COMMENT ON COLUMN leap.account.honorific_prefixes IS 'Title, such as Ms.';
COMMENT ON COLUMN leap.account.bday IS 'Date of birth.';
COMMENT ON COLUMN leap.account.gender IS 'MALE or FEMALE.';
COMMENT ON COLUMN leap.account.nationality IS 'Country of nationality.';
COMMENT ON COLUMN leap.account.tel_pref IS 'Contact phone.';
COMMENT ON COLUMN leap.account.tel_voice IS 'Other phone.';
COMMENT ON COLUMN leap.account.residential_street_address IS 'Residential address: street.';
COMMENT ON COLUMN leap.account.residential_region IS 'Residential address: region.';
COMMENT ON COLUMN leap.account.residential_postal_code IS 'Residential address: postal code.';
COMMENT ON COLUMN leap.account.residential_country IS 'Residential address: country.';
COMMENT ON COLUMN leap.account.billing_street_address IS 'Billing address: street.';
COMMENT ON COLUMN leap.account.billing_region IS 'Billing address: region.';
COMMENT ON COLUMN leap.account.billing_postal_code IS 'Billing address: postal code.';
COMMENT ON COLUMN leap.account.billing_country IS 'Billing address: country.';
COMMENT ON COLUMN leap.account.additional_fields IS
    'Values of the company''s additional fields: {"shoe-size": "42"}.';
COMMENT ON COLUMN leap.account.communities IS
    'Keys of the account''s communities, sorted; the same as its rows in leap.account_community.';
COMMENT ON COLUMN leap.account.unacked_since IS
    'First change since the last acknowledgement; null: nothing to acknowledge. Raised by trigger.';
COMMENT ON COLUMN leap.account.version IS
    'Counts the transactions that changed the account, from 1; kept by trigger.';
COMMENT ON COLUMN leap.account.changed_in IS
    'The account''s last change in the order of all changes; kept by trigger.';
COMMENT ON COLUMN leap.account.erased IS
    'Whether every personal value was erased for good.';

ALTER TABLE leap.account ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON leap.account TO leap_api
    USING (company_id = nullif(current_setting('leap.company_id', true), '')::int);
CREATE POLICY administration ON leap.account TO leap_owner, leap_dba USING (true);
GRANT SELECT, INSERT, UPDATE ON leap.account TO leap_api, leap_dba;

CREATE FUNCTION leap.refuse() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE check_violation USING MESSAGE = TG_ARGV[0], HINT = TG_ARGV[1];
END
$$;
COMMENT ON FUNCTION leap.refuse() IS
    'Trigger: refuses the row with the trigger''s message and hint; the trigger''s WHEN says which rows.';

CREATE TRIGGER account_birthday_is_past BEFORE INSERT OR UPDATE OF bday ON leap.account
FOR EACH ROW WHEN (NEW.bday > (clock_timestamp() AT TIME ZONE 'UTC')::date)
EXECUTE FUNCTION leap.refuse('A birthday lies in the future.', 'Correct the column bday.');

CREATE TRIGGER account_keeps_identity BEFORE UPDATE OF company_id, identifier ON leap.account
FOR EACH ROW WHEN ((NEW.company_id, NEW.identifier) IS DISTINCT FROM (OLD.company_id, OLD.identifier))
EXECUTE FUNCTION leap.refuse('An account keeps its company and identifier.',
                             'Create another account and deactivate this one.');

CREATE TRIGGER account_erased_by_function BEFORE INSERT OR UPDATE OF erased ON leap.account
FOR EACH ROW WHEN (NEW.erased AND current_user <> 'leap_owner')
EXECUTE FUNCTION leap.refuse('An account is erased only as a whole.', 'Use leap.erase_account.');

CREATE TRIGGER account_stays_erased BEFORE UPDATE OF erased ON leap.account
FOR EACH ROW WHEN (OLD.erased AND NOT NEW.erased)
EXECUTE FUNCTION leap.refuse('An erased account stays erased.', 'Create another account.');

CREATE FUNCTION leap.sort_communities() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.communities := ARRAY(
        SELECT DISTINCT community COLLATE "C"
        FROM unnest(NEW.communities) AS community
        WHERE community IS NOT NULL
        ORDER BY community COLLATE "C");
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION leap.sort_communities() IS
    'Trigger: sorts the keys of an account''s communities and drops those given twice.';

-- Triggers for one event run in the order of their names: communities are sorted before they are compared.
CREATE TRIGGER account_sort_communities BEFORE INSERT OR UPDATE OF communities ON leap.account
FOR EACH ROW EXECUTE FUNCTION leap.sort_communities();

CREATE FUNCTION leap.current_change() RETURNS bigint
LANGUAGE sql VOLATILE
RETURN pg_current_xact_id()::text::bigint;
COMMENT ON FUNCTION leap.current_change() IS
    'The running transaction''s place in the order of changes: its transaction id.';
GRANT EXECUTE ON FUNCTION leap.current_change() TO leap_api, leap_dba;

CREATE FUNCTION leap.stamp_new_account() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.identifier > (SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END
                         FROM leap.account_identifier) THEN
        RAISE check_violation USING
            MESSAGE = format('The identifier %s is still to be given by the sequence.', NEW.identifier),
            HINT = 'Leave the column identifier out.';
    END IF;
    NEW.creation_time := date_trunc('milliseconds', clock_timestamp());
    NEW.unacked_since := NEW.creation_time;
    NEW.version := 1;
    NEW.changed_in := leap.current_change();
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION leap.stamp_new_account() IS
    'Trigger: gives a new account its times and version; refuses identifiers still to be given.';

CREATE TRIGGER account_stamp_new BEFORE INSERT ON leap.account
FOR EACH ROW EXECUTE FUNCTION leap.stamp_new_account();

CREATE FUNCTION leap.stamp_changed_account() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    compared leap.account;
    change bigint;
BEGIN
    NEW.creation_time := OLD.creation_time;
    NEW.version := OLD.version;
    NEW.changed_in := OLD.changed_in;
    NEW.unacked_since := date_trunc('milliseconds', NEW.unacked_since);

    -- Every column counts but the external identifier, the flag, and what is computed from others.
    compared := NEW;
    compared.extid := OLD.extid;
    compared.unacked_since := OLD.unacked_since;
    compared.email_key := OLD.email_key;
    IF compared IS NOT DISTINCT FROM OLD THEN
        RETURN NEW;
    END IF;

    NEW.unacked_since := coalesce(OLD.unacked_since, date_trunc('milliseconds', clock_timestamp()));
    change := leap.current_change();
    IF change <> OLD.changed_in THEN
        NEW.version := OLD.version + 1;
        NEW.changed_in := change;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION leap.stamp_changed_account() IS
    'Trigger: raises flag and version where an account changes, the version once for each transaction.';

CREATE TRIGGER account_stamp_changed BEFORE UPDATE ON leap.account
FOR EACH ROW EXECUTE FUNCTION leap.stamp_changed_account();

COMMIT;
