-- Deploy leap-ws:company_administration to pg
-- Functions for the DBA that concern a company as a whole.

BEGIN;

SET LOCAL ROLE leap_owner;

CREATE FUNCTION leap.is_valid(value text, domain regtype) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format('SELECT $1::%s', domain) USING value;
    RETURN value IS NOT NULL;
EXCEPTION
    WHEN check_violation THEN
        RETURN false;
END
$$;
COMMENT ON FUNCTION leap.is_valid(text, regtype) IS 'Whether this is a value, and one of the domain.';

CREATE FUNCTION leap.require(valid boolean, message text, hint text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF valid IS NOT TRUE THEN
        RAISE invalid_parameter_value USING MESSAGE = message, HINT = hint;
    END IF;
END
$$;
COMMENT ON FUNCTION leap.require(boolean, text, text) IS 'An error with a hint unless this is true.';

CREATE FUNCTION leap.require_company(company text) RETURNS int
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found_id int;
BEGIN
    SELECT c.company_id INTO found_id FROM leap.company c WHERE c.company = require_company.company;
    PERFORM leap.require(FOUND, format('There is no company %s.', quote_nullable(company)),
        'SELECT company FROM leap.company shows the companies.');
    RETURN found_id;
END
$$;
COMMENT ON FUNCTION leap.require_company(text) IS
    'The number of a company; an error where there is none.';

CREATE FUNCTION leap.require_key(key text, what text) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp
RETURN leap.require(leap.is_valid(key, 'leap.key'),
                    format('%s is no valid key of a %s.', quote_nullable(key), what),
                    'A key has 1 to 64 letters, digits, ".", "_", "-"; the first is a letter or digit.');
COMMENT ON FUNCTION leap.require_key(text, text) IS 'An error unless this is a valid key.';

CREATE FUNCTION leap.require_name(name text, what text) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp
RETURN leap.require(leap.is_valid(name, 'leap.name'),
                    format('%s is no valid %s.', quote_nullable(name), what),
                    'It has 1 to 100 characters on one line, without white space around it.');
COMMENT ON FUNCTION leap.require_name(text, text) IS 'An error unless this is a valid name or label.';

CREATE FUNCTION leap.require_hostname(hostname text) RETURNS leap.hostname
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    normal text := regexp_replace(lower(hostname COLLATE "C"), '\.$', '');
BEGIN
    PERFORM leap.require(leap.is_valid(normal, 'leap.hostname'),
        format('%s is no valid host name.', quote_nullable(hostname)),
        'Give the host name alone, without scheme, port and path, such as demo.leap.localhost.');
    RETURN normal;
END
$$;
COMMENT ON FUNCTION leap.require_hostname(text) IS
    'A host name in lower case without trailing dot; an error where it is not valid.';

CREATE FUNCTION leap.add_hostname(company text, hostname text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    tenant int := leap.require_company(company);
    wanted leap.hostname := leap.require_hostname(hostname);
    served text;
BEGIN
    INSERT INTO leap.host_name (hostname, company_id) VALUES (wanted, tenant) ON CONFLICT DO NOTHING;

    SELECT c.company INTO served
    FROM leap.host_name h
    JOIN leap.company c ON c.company_id = h.company_id
    WHERE h.hostname = wanted AND h.company_id <> tenant;
    PERFORM leap.require(served IS NULL,
        format('The host name %L serves the company %L.', wanted, served),
        format('SELECT leap.remove_hostname(%L, %L) would free it.', served, wanted));
END
$$;
COMMENT ON FUNCTION leap.add_hostname(text, text) IS
    'Serves the company at another host name too: a subdomain or a domain of its own.';

CREATE FUNCTION leap.remove_hostname(company text, hostname text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    tenant int := leap.require_company(company);
    unwanted leap.hostname := leap.require_hostname(hostname);
BEGIN
    DELETE FROM leap.host_name h WHERE h.company_id = tenant AND h.hostname = unwanted;
    PERFORM leap.require(FOUND,
        format('The company %L is not served at %L.', company, unwanted),
        'SELECT hostname FROM leap.host_name JOIN leap.company USING (company_id) shows where it is.');
END
$$;
COMMENT ON FUNCTION leap.remove_hostname(text, text) IS 'Ends serving the company at a host name.';

CREATE FUNCTION leap.create_company(company text, name text, hostname text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM leap.require_key(company, 'company');
    PERFORM leap.require_name(name, 'name of a company');
    INSERT INTO leap.company (company, name)
    VALUES (create_company.company, create_company.name)
    ON CONFLICT DO NOTHING;
    PERFORM leap.require(FOUND, format('The company %L exists already.', company), 'Choose another key.');
    PERFORM leap.add_hostname(company, hostname);
END
$$;
COMMENT ON FUNCTION leap.create_company(text, text, text) IS
    'Creates a company, served at that host name. Next: a community, additional fields, an API client.';

CREATE FUNCTION leap.set_company_status(company text, status text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    tenant int := leap.require_company(company);
BEGIN
    PERFORM leap.require(leap.is_valid(status, 'leap.company_status'),
        format('%s is no status of a company.', quote_nullable(status)), 'It is Active or Suspended.');
    UPDATE leap.company c SET company_status = status WHERE c.company_id = tenant;
END
$$;
COMMENT ON FUNCTION leap.set_company_status(text, text) IS
    'Active, or Suspended: every request to the company is refused.';

CREATE FUNCTION leap.set_password_score(company text, score int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    tenant int := leap.require_company(company);
BEGIN
    PERFORM leap.require(score BETWEEN 0 AND 4,
        format('%s is no strength of a password.', quote_nullable(score)), 'It is a number from 0 to 4.');
    UPDATE leap.company c SET password_score = score WHERE c.company_id = tenant;
END
$$;
COMMENT ON FUNCTION leap.set_password_score(text, int) IS
    'The least strength of new passwords, from 0 (only what is always asked for) to 4.';

CREATE FUNCTION leap.create_community(company text, community text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    tenant int := leap.require_company(company);
BEGIN
    PERFORM leap.require_key(community, 'community');
    INSERT INTO leap.community (company_id, community)
    VALUES (tenant, create_community.community)
    ON CONFLICT DO NOTHING;
    PERFORM leap.require(FOUND, format('The community %L exists already.', community),
        'Choose another key.');
END
$$;
COMMENT ON FUNCTION leap.create_community(text, text) IS 'Creates a community (store) of the company.';

CREATE FUNCTION leap.define_field(company text, key text, label text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    tenant int := leap.require_company(company);
BEGIN
    PERFORM leap.require_key(key, 'field');
    PERFORM leap.require_name(label, 'label');
    UPDATE leap.additional_field f
    SET label = define_field.label
    WHERE f.company_id = tenant AND f.key = define_field.key;
    IF NOT FOUND THEN
        INSERT INTO leap.additional_field (company_id, key, label)
        VALUES (tenant, define_field.key, define_field.label);
    END IF;
END
$$;
COMMENT ON FUNCTION leap.define_field(text, text, text) IS
    'Defines an additional field of the company, or gives one a new label.';

CREATE FUNCTION leap.remove_field(company text, key text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    tenant int := leap.require_company(company);
    user_identifier bigint;
BEGIN
    SELECT k.identifier INTO user_identifier
    FROM leap.account_field_key k
    WHERE k.company_id = tenant AND k.field = remove_field.key
    LIMIT 1;
    PERFORM leap.require(user_identifier IS NULL,
        format('The field %L is used, by account %s for one.', key, user_identifier),
        'Remove its values first: UPDATE leap.account SET additional_fields = additional_fields - key.');
    DELETE FROM leap.additional_field f WHERE f.company_id = tenant AND f.key = remove_field.key;
    PERFORM leap.require(FOUND, format('There is no field %s.', quote_nullable(key)),
        'SELECT key, label FROM leap.additional_field shows the fields.');
END
$$;
COMMENT ON FUNCTION leap.remove_field(text, text) IS 'Removes an additional field that no account uses.';

CREATE FUNCTION leap.set_account_limit(company text, accounts bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    tenant int := leap.require_company(company);
BEGIN
    IF accounts IS NULL THEN
        DELETE FROM leap.company_usage u WHERE u.company_id = tenant;
        RETURN;
    END IF;
    PERFORM leap.require(accounts >= 0, format('%s is no number of accounts.', accounts),
        'It is 0 or more; null means no limit.');

    -- Until this ends nobody writes accounts, so that the count is exact.
    LOCK TABLE leap.account IN SHARE MODE;
    INSERT INTO leap.company_usage (company_id, account_limit, active_accounts)
    SELECT tenant, accounts, count(*)
    FROM leap.account a
    WHERE a.company_id = tenant AND a.account_status = 'Active'
    ON CONFLICT (company_id) DO UPDATE
    SET account_limit = EXCLUDED.account_limit, active_accounts = EXCLUDED.active_accounts;
END
$$;
COMMENT ON FUNCTION leap.set_account_limit(text, bigint) IS
    'How many active accounts the company may have; null: no limit. Accounts beyond it stay.';

GRANT EXECUTE ON FUNCTION
    leap.create_company(text, text, text),
    leap.add_hostname(text, text),
    leap.remove_hostname(text, text),
    leap.set_company_status(text, text),
    leap.set_password_score(text, int),
    leap.create_community(text, text),
    leap.define_field(text, text, text),
    leap.remove_field(text, text),
    leap.set_account_limit(text, bigint)
TO leap_dba;

COMMIT;
