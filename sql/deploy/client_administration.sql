-- Deploy leap-ws:client_administration to pg
-- Functions for the DBA that concern API clients.

BEGIN;

SET LOCAL ROLE leap_owner;

CREATE FUNCTION leap.new_secret() RETURNS text
LANGUAGE sql VOLATILE SET search_path = pg_catalog, pg_temp
RETURN rtrim(translate(encode(leap.gen_random_bytes(32), 'base64'), '+/', '-_'), '=');
COMMENT ON FUNCTION leap.new_secret() IS '256 random bits in base64url, 43 characters.';

CREATE FUNCTION leap.secret_digest(secret text) RETURNS leap.digest
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
RETURN sha256(convert_to(secret, 'UTF8'));
COMMENT ON FUNCTION leap.secret_digest(text) IS 'What is stored of a secret: its SHA-256.';

CREATE FUNCTION leap.require_client(tenant int, client text) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM leap.require(
        EXISTS (SELECT FROM leap.api_client k
                WHERE k.company_id = tenant AND k.client = require_client.client),
        format('There is no API client %s.', quote_nullable(client)),
        'SELECT client FROM leap.api_client JOIN leap.company USING (company_id) shows the clients.');
END
$$;
COMMENT ON FUNCTION leap.require_client(int, text) IS 'An error unless the company has this API client.';

CREATE FUNCTION leap.require_permission(permission text) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp
RETURN leap.require(leap.is_valid(permission, 'leap.permission'),
                    format('%s is no permission.', quote_nullable(permission)),
                    'It is read-only, read-acknowledge or read-write.');
COMMENT ON FUNCTION leap.require_permission(text) IS 'An error unless this is a permission.';

CREATE FUNCTION leap.create_api_client(company text, client text, permission text DEFAULT 'read-write',
                                       expires timestamptz DEFAULT NULL)
RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    tenant int := leap.require_company(company);
    secret text := leap.new_secret();
BEGIN
    PERFORM leap.require_key(client, 'client');
    PERFORM leap.require_permission(permission);
    PERFORM leap.require(expires IS NULL OR expires > now(),
        format('The time %L is past.', expires),
        'Give a time to come, or null for a client that never expires.');
    INSERT INTO leap.api_client (company_id, client, permission, secret_digest, expires)
    VALUES (tenant, create_api_client.client, create_api_client.permission, leap.secret_digest(secret),
            create_api_client.expires)
    ON CONFLICT DO NOTHING;
    PERFORM leap.require(FOUND, format('The API client %L exists already.', client),
        'Choose another name (a revoked client keeps its own), or give it a new secret by '
        'leap.rotate_api_client.');
    RETURN secret;
END
$$;
COMMENT ON FUNCTION leap.create_api_client(text, text, text, timestamptz) IS
    'Creates an API client and returns its secret, which can not be shown again.';

CREATE FUNCTION leap.set_api_client_permission(company text, client text, permission text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    tenant int := leap.require_company(company);
BEGIN
    PERFORM leap.require_client(tenant, client);
    PERFORM leap.require_permission(permission);
    UPDATE leap.api_client k
    SET permission = set_api_client_permission.permission
    WHERE k.company_id = tenant AND k.client = set_api_client_permission.client;
END
$$;
COMMENT ON FUNCTION leap.set_api_client_permission(text, text, text) IS
    'What an API client may do from its next request on.';

CREATE FUNCTION leap.rotate_api_client(company text, client text, overlap interval DEFAULT '1 day')
RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    tenant int := leap.require_company(company);
    secret text := leap.new_secret();
BEGIN
    PERFORM leap.require_client(tenant, client);
    PERFORM leap.require(overlap >= '0 days', format('%s is no overlap.', quote_nullable(overlap)),
        'Give an interval of 0 or more, such as ''1 day''.');
    UPDATE leap.api_client k
    SET secret_digest = leap.secret_digest(secret),
        previous_digest = k.secret_digest,
        previous_expires = now() + overlap
    WHERE k.company_id = tenant AND k.client = rotate_api_client.client AND k.revoked IS NULL;
    PERFORM leap.require(FOUND, format('The API client %L is revoked.', client),
        'Create another one by leap.create_api_client.');
    RETURN secret;
END
$$;
COMMENT ON FUNCTION leap.rotate_api_client(text, text, interval) IS
    'Returns a new secret of an API client; the present one lives on for the overlap, an older one ends.';

CREATE FUNCTION leap.revoke_api_client(company text, client text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    tenant int := leap.require_company(company);
BEGIN
    PERFORM leap.require_client(tenant, client);
    UPDATE leap.api_client k
    SET revoked = coalesce(k.revoked, now())
    WHERE k.company_id = tenant AND k.client = revoke_api_client.client;
END
$$;
COMMENT ON FUNCTION leap.revoke_api_client(text, text) IS 'Ends an API client, from its next request on.';

GRANT EXECUTE ON FUNCTION
    leap.create_api_client(text, text, text, timestamptz),
    leap.set_api_client_permission(text, text, text),
    leap.rotate_api_client(text, text, interval),
    leap.revoke_api_client(text, text)
TO leap_dba;

COMMIT;
