-- Revert leap-ws:import_accounts from pg

BEGIN;

SET LOCAL ROLE leap_owner;

DROP PROCEDURE leap.import_accounts(text, regclass, int);
DROP FUNCTION leap.analyze_accounts();
DROP FUNCTION leap.import_batch(int, regclass, tid[]);
DROP FUNCTION leap.import_problems(int, jsonb[], text[]);
DROP FUNCTION leap.read_import(jsonb);
DROP FUNCTION leap.normalize_import(jsonb);
DROP FUNCTION leap.xpath_literal(text);

CREATE OR REPLACE FUNCTION leap.stamp_new_account() RETURNS trigger
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

REVOKE EXECUTE ON FUNCTION leap.is_valid(text, regtype), leap.require(boolean, text, text), leap.require_company(text)
FROM leap_dba;

CREATE OR REPLACE FUNCTION leap.is_valid(value text, domain regtype) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format('SELECT $1::%s', domain) USING value;
    RETURN value IS NOT NULL;
EXCEPTION
    WHEN check_violation THEN
        RETURN false;
END
$$;

DROP TABLE leap.account_import;


RESET ROLE;
DROP SCHEMA leap_dba;

COMMIT;
