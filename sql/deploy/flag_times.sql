-- Deploy leap-ws:flag_times to pg
-- An account that was acknowledged at an earlier version stays flagged from its first change after that version, also where
-- the acknowledgement waited for just this change, and to the millisecond.

BEGIN;

SET LOCAL ROLE leap_owner;

CREATE OR REPLACE FUNCTION leap.acknowledge_found(tenant int, accounts bigint[], versions bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    flagged bigint[];
BEGIN
    PERFORM set_config('leap.operation', 'acknowledge', true);

    -- In the order of identifiers, so that two of these cannot deadlock. In a statement of its own: the next one, which
    -- begins when all locks are held, also sees the history of the changes that were waited for.
    flagged := ARRAY(SELECT a.identifier
                     FROM leap.account a
                     WHERE a.company_id = tenant AND a.identifier = ANY (accounts) AND a.unacked_since IS NOT NULL
                     ORDER BY a.identifier
                     FOR NO KEY UPDATE OF a);

    WITH wanted AS (
        SELECT account, CASE WHEN bool_or(version IS NULL) THEN NULL ELSE max(version) END AS version
        FROM unnest(accounts, versions) AS entry (account, version)
        GROUP BY account
    )
    UPDATE leap.account a
    SET unacked_since = CASE
        WHEN wanted.version IS NULL OR wanted.version = a.version THEN NULL
        ELSE coalesce((SELECT min(h.at)
                       FROM leap.account_change h
                       WHERE h.company_id = tenant
                         AND h.identifier = a.identifier
                         AND h.version = wanted.version + 1),
                      a.unacked_since)
        END
    FROM wanted
    WHERE a.company_id = tenant
      AND a.identifier = ANY (flagged)
      AND a.identifier = wanted.account
      AND (wanted.version IS NULL OR wanted.version <= a.version);
END
$$;
COMMENT ON FUNCTION leap.acknowledge_found(int, bigint[], bigint[]) IS
    'Acknowledges accounts that exist, each at its version (null: whatever it is). One that has changed since stays '
    'flagged, from its first change after that version; a version that is still to come changes nothing.';

-- Every write waits for this: the rows are compared as JSON, additional fields only where they changed.
CREATE OR REPLACE FUNCTION leap.record_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    client text := CASE session_user
        WHEN 'leap_api' THEN nullif(current_setting('leap.client', true), '') END;
    before jsonb := coalesce(to_jsonb(OLD), '{}');
    after jsonb := to_jsonb(NEW);
    old_values jsonb;
    new_values jsonb;
    old_fields jsonb;
    new_fields jsonb;
    -- A change that raises the flag has the time that the flag tells.
    changed_at timestamptz := CASE WHEN OLD.unacked_since IS NULL AND NEW.version IS DISTINCT FROM OLD.version
        THEN NEW.unacked_since ELSE date_trunc('milliseconds', clock_timestamp()) END;
BEGIN
    -- A change raises the flag, which then tells nothing more.
    SELECT jsonb_object_agg(column_name, before -> column_name), jsonb_object_agg(column_name, value)
    INTO old_values, new_values
    FROM jsonb_each(after) AS columns (column_name, value)
    WHERE value <> coalesce(before -> column_name, 'null')
      AND column_name <> ALL ('{company_id,identifier,creation_time,email_key,additional_fields,version,'
                              'changed_in,erased}')
      AND (column_name <> 'unacked_since' OR NEW.version = OLD.version);

    IF NEW.additional_fields IS DISTINCT FROM OLD.additional_fields THEN
        SELECT jsonb_object_agg('additional_fields.' || key, old_field.value),
               jsonb_object_agg('additional_fields.' || key, new_field.value)
        INTO old_fields, new_fields
        FROM jsonb_each(OLD.additional_fields) AS old_field
        FULL JOIN jsonb_each(NEW.additional_fields) AS new_field USING (key)
        WHERE old_field.value IS DISTINCT FROM new_field.value;
    END IF;

    INSERT INTO leap.account_change
        (company_id, identifier, version, at, client, role, operation, old_values, new_values)
    VALUES
        (NEW.company_id, NEW.identifier, NEW.version, changed_at, client,
         CASE WHEN client IS NULL THEN session_user END,
         coalesce(nullif(current_setting('leap.operation', true), ''), 'sql'),
         CASE TG_OP WHEN 'UPDATE' THEN coalesce(old_values, '{}') || coalesce(old_fields, '{}') END,
         coalesce(new_values, '{}') || coalesce(new_fields, '{}'));
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION leap.record_change() IS
    'Trigger: writes what changed of an account into its history.';

COMMIT;
