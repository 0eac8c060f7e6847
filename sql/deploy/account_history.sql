-- Deploy leap-ws:account_history to pg
-- One row for each statement that changed an account, with just the values that changed.

BEGIN;

SET LOCAL ROLE leap_owner;

CREATE SEQUENCE leap.account_change_id AS bigint;
COMMENT ON SEQUENCE leap.account_change_id IS 'Order of the rows of leap.account_change.';

CREATE TABLE leap.account_change (
    company_id int,
    identifier bigint,
    version bigint,
    change_id bigint DEFAULT nextval('leap.account_change_id'),
    at timestamptz NOT NULL,
    client text COLLATE "C",
    role text COLLATE "C",
    operation text COLLATE "C" NOT NULL,
    old_values jsonb,
    new_values jsonb NOT NULL,
    PRIMARY KEY (company_id, identifier, version, change_id),
    CONSTRAINT client_or_role CHECK (num_nonnulls(client, role) = 1),
    CONSTRAINT operation_known CHECK (operation IN (
        'create', 'update', 'change-login', 'extid', 'acknowledge', 'status', 'erase', 'import', 'sql'))
);
ALTER SEQUENCE leap.account_change_id OWNED BY leap.account_change.change_id;
CREATE INDEX account_change_at ON leap.account_change USING brin (at);
COMMENT ON TABLE leap.account_change IS
    'History of accounts as it is stored, written by trigger; leap.account_history shows it to people.';
COMMENT ON COLUMN leap.account_change.company_id IS 'The company.';
COMMENT ON COLUMN leap.account_change.identifier IS 'The account.';
COMMENT ON COLUMN leap.account_change.version IS 'The account''s version after the change.';
COMMENT ON COLUMN leap.account_change.change_id IS 'Order among the changes of one version.';
COMMENT ON COLUMN leap.account_change.at IS 'When.';
COMMENT ON COLUMN leap.account_change.client IS 'API client that did it; null: a database role did.';
COMMENT ON COLUMN leap.account_change.role IS 'Database role that did it; null: an API client did.';
COMMENT ON COLUMN leap.account_change.operation IS
    'Operation of the API or administration function that did it; sql: a plain statement.';
COMMENT ON COLUMN leap.account_change.old_values IS
    'Values before, by column, for the columns that changed; null: the account was created.';
COMMENT ON COLUMN leap.account_change.new_values IS
    'Values after, by column, for the columns that changed.';

ALTER TABLE leap.account_change ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON leap.account_change TO leap_api
    USING (company_id = nullif(current_setting('leap.company_id', true), '')::int);
CREATE POLICY administration ON leap.account_change TO leap_owner, leap_dba USING (true);
GRANT SELECT (company_id, identifier, version, change_id, at) ON leap.account_change TO leap_api;
GRANT SELECT ON leap.account_change TO leap_dba;

-- Every write waits for this: the rows are compared as JSON, additional fields only where they changed.
CREATE FUNCTION leap.record_change() RETURNS trigger
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
        (NEW.company_id, NEW.identifier, NEW.version, date_trunc('milliseconds', clock_timestamp()),
         client, CASE WHEN client IS NULL THEN session_user END,
         coalesce(nullif(current_setting('leap.operation', true), ''), 'sql'),
         CASE TG_OP WHEN 'UPDATE' THEN coalesce(old_values, '{}') || coalesce(old_fields, '{}') END,
         coalesce(new_values, '{}') || coalesce(new_fields, '{}'));
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION leap.record_change() IS
    'Trigger: writes what changed of an account into its history.';

CREATE TRIGGER account_record_new AFTER INSERT ON leap.account
FOR EACH ROW EXECUTE FUNCTION leap.record_change();

CREATE TRIGGER account_record_changed AFTER UPDATE ON leap.account
FOR EACH ROW WHEN (NEW IS DISTINCT FROM OLD)
EXECUTE FUNCTION leap.record_change();

CREATE FUNCTION leap.history_text(value jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE jsonb_typeof(value)
    WHEN 'array' THEN (SELECT string_agg(element, ' ')
                       FROM jsonb_array_elements_text(value) AS element)
    ELSE value #>> '{}'
END;
COMMENT ON FUNCTION leap.history_text(jsonb) IS 'A value of history as people read it.';
GRANT EXECUTE ON FUNCTION leap.history_text(jsonb) TO leap_dba;

CREATE VIEW leap.account_history WITH (security_invoker = true) AS
SELECT c.company,
       h.identifier,
       h.at,
       coalesce(h.client, h.role) AS author,
       h.operation,
       h.version,
       CASE changed.key WHEN 'communities' THEN 'community' ELSE changed.key END AS column_name,
       leap.history_text(h.old_values -> changed.key) AS old_value,
       leap.history_text(changed.value) AS new_value
FROM leap.account_change h
JOIN leap.company c ON c.company_id = h.company_id
CROSS JOIN jsonb_each(h.new_values) AS changed;
COMMENT ON VIEW leap.account_history IS
    'Who changed which value of which account, when, and by which operation: a row for each value.';
COMMENT ON COLUMN leap.account_history.company IS 'Key of the company.';
COMMENT ON COLUMN leap.account_history.identifier IS 'The account.';
COMMENT ON COLUMN leap.account_history.at IS 'When.';
COMMENT ON COLUMN leap.account_history.author IS 'API client or database role that did it.';
COMMENT ON COLUMN leap.account_history.operation IS
    'create, update, change-login, extid, acknowledge, status, erase, import, or sql for a plain statement.';
COMMENT ON COLUMN leap.account_history.version IS 'The account''s version after the change.';
COMMENT ON COLUMN leap.account_history.column_name IS
    'Column of leap.account; additional_fields.KEY for a field; community for the communities.';
COMMENT ON COLUMN leap.account_history.old_value IS 'Value before, null where there was none.';
COMMENT ON COLUMN leap.account_history.new_value IS 'Value after, null where there is none.';
GRANT SELECT ON leap.account_history TO leap_dba;

COMMIT;
