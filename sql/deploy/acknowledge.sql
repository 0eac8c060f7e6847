-- Deploy leap-ws:acknowledge to pg

BEGIN;

SET LOCAL ROLE leap_owner;

-- Accounts are looked up by the array of those that are named, also where they are joined: so no join that the planner
-- may choose reads more of the company. Each account once: an entry without a version wins, else the one with the highest. The rows are locked in the order of
-- identifiers, so that two of these cannot deadlock.
CREATE FUNCTION leap.acknowledge_found(tenant int, accounts bigint[], versions bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('leap.operation', 'acknowledge', true);

    WITH wanted AS (
        SELECT account, CASE WHEN bool_or(version IS NULL) THEN NULL ELSE max(version) END AS version
        FROM unnest(accounts, versions) AS entry (account, version)
        GROUP BY account
    ), locked AS (
        SELECT a.identifier, a.version, wanted.version AS seen
        FROM leap.account a
        JOIN wanted ON wanted.account = a.identifier
        WHERE a.company_id = tenant AND a.identifier = ANY (accounts) AND a.unacked_since IS NOT NULL
        ORDER BY a.identifier
        FOR NO KEY UPDATE OF a
    )
    UPDATE leap.account a
    SET unacked_since = CASE
        WHEN locked.seen IS NULL OR locked.seen = locked.version THEN NULL
        ELSE coalesce((SELECT min(h.at)
                       FROM leap.account_change h
                       WHERE h.company_id = tenant
                         AND h.identifier = a.identifier
                         AND h.version = locked.seen + 1),
                      a.unacked_since)
        END
    FROM locked
    WHERE a.company_id = tenant
      AND a.identifier = ANY (accounts)
      AND a.identifier = locked.identifier
      AND (locked.seen IS NULL OR locked.seen <= locked.version);
END
$$;
COMMENT ON FUNCTION leap.acknowledge_found(int, bigint[], bigint[]) IS
    'Acknowledges accounts that exist, each at its version (null: whatever it is). One that has changed since stays '
    'flagged, from its first change after that version; a version that is still to come changes nothing.';
GRANT EXECUTE ON FUNCTION leap.acknowledge_found(int, bigint[], bigint[]) TO leap_api;

CREATE FUNCTION leap.acknowledge_accounts(tenant int, entries jsonb)
RETURNS TABLE ("position" bigint)
LANGUAGE plpgsql AS $$
DECLARE
    accounts bigint[];
    versions bigint[];
BEGIN
    SELECT array_agg((entry.value ->> 0)::bigint ORDER BY entry.number),
           array_agg((entry.value ->> 1)::bigint ORDER BY entry.number)
    INTO accounts, versions
    FROM jsonb_array_elements(entries) WITH ORDINALITY AS entry (value, number);

    RETURN QUERY
    SELECT entry.number
    FROM unnest(accounts) WITH ORDINALITY AS entry (account, number)
    WHERE entry.account <> ALL (ARRAY(SELECT a.identifier
                                      FROM leap.account a
                                      WHERE a.company_id = tenant AND a.identifier = ANY (accounts)))
    ORDER BY entry.number;
    IF NOT FOUND THEN
        PERFORM leap.acknowledge_found(tenant, accounts, versions);
    END IF;
END
$$;
COMMENT ON FUNCTION leap.acknowledge_accounts(int, jsonb) IS
    'Acknowledges accounts, [[identifier, version or null], …], all or none: gives the positions of those that do not '
    'exist, and then does nothing.';
GRANT EXECUTE ON FUNCTION leap.acknowledge_accounts(int, jsonb) TO leap_api;

CREATE FUNCTION leap.acknowledge_accounts_by_extid(tenant int, entries jsonb)
RETURNS TABLE ("position" bigint)
LANGUAGE plpgsql AS $$
DECLARE
    extids text[];
    accounts bigint[];
    versions bigint[];
BEGIN
    SELECT array_agg(entry.value ->> 0 ORDER BY entry.number),
           array_agg((entry.value ->> 1)::bigint ORDER BY entry.number)
    INTO extids, versions
    FROM jsonb_array_elements(entries) WITH ORDINALITY AS entry (value, number);

    -- Under row level security only a comparison without functions that could leak, such as ->>, reaches the index.
    SELECT array_agg(a.identifier ORDER BY entry.number)
    INTO accounts
    FROM unnest(extids) WITH ORDINALITY AS entry (extid, number)
    LEFT JOIN leap.account a
           ON a.company_id = tenant AND a.extid = ANY (extids) AND a.extid = entry.extid;

    RETURN QUERY
    SELECT entry.number
    FROM unnest(accounts) WITH ORDINALITY AS entry (account, number)
    WHERE entry.account IS NULL
    ORDER BY entry.number;
    IF NOT FOUND THEN
        PERFORM leap.acknowledge_found(tenant, accounts, versions);
    END IF;
END
$$;
COMMENT ON FUNCTION leap.acknowledge_accounts_by_extid(int, jsonb) IS
    'The same by external identifiers, [[extid, version or null], …].';
GRANT EXECUTE ON FUNCTION leap.acknowledge_accounts_by_extid(int, jsonb) TO leap_api;

COMMIT;
