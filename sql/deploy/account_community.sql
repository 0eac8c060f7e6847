-- Deploy leap-ws:account_community to pg
-- An account's communities are a row each, unique with its e-mail address, and an array in the account
-- itself, which reads need. Whichever of both is written, triggers write the other. Each side only adds and
-- removes what the other side lacks or has too much, so they come to rest.

BEGIN;

SET LOCAL ROLE leap_owner;

CREATE TABLE leap.account_community (
    company_id int,
    identifier bigint,
    community leap.key,
    email_key text COLLATE "C",
    PRIMARY KEY (company_id, identifier, community),
    UNIQUE (company_id, community, email_key),
    FOREIGN KEY (company_id, identifier) REFERENCES leap.account ON DELETE CASCADE,
    FOREIGN KEY (company_id, community) REFERENCES leap.community
);
COMMENT ON TABLE leap.account_community IS 'The communities of each account, at least one.';
COMMENT ON COLUMN leap.account_community.company_id IS 'The company.';
COMMENT ON COLUMN leap.account_community.identifier IS 'The account.';
COMMENT ON COLUMN leap.account_community.community IS 'Key of the community.';
COMMENT ON COLUMN leap.account_community.email_key IS
    'Copy of the account''s email_key, unique within the community; kept by trigger.';

ALTER TABLE leap.account_community ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON leap.account_community TO leap_api
    USING (company_id = nullif(current_setting('leap.company_id', true), '')::int);
CREATE POLICY administration ON leap.account_community TO leap_owner, leap_dba USING (true);
GRANT SELECT ON leap.account_community TO leap_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON leap.account_community TO leap_dba;

CREATE TRIGGER account_community_keeps_account BEFORE UPDATE OF company_id, identifier
ON leap.account_community
FOR EACH ROW WHEN ((NEW.company_id, NEW.identifier) IS DISTINCT FROM (OLD.company_id, OLD.identifier))
EXECUTE FUNCTION leap.refuse('A community of one account cannot become another account''s.',
                             'Delete the row and insert one for the other account.');

-- The lock keeps the address from changing between this copy and the end of the transaction.
CREATE FUNCTION leap.copy_email_key() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    SELECT a.email_key INTO NEW.email_key
    FROM leap.account a
    WHERE a.company_id = NEW.company_id AND a.identifier = NEW.identifier
    FOR NO KEY UPDATE;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION leap.copy_email_key() IS
    'Trigger: a community of an account takes the account''s e-mail key.';

CREATE TRIGGER account_community_copy_email BEFORE INSERT OR UPDATE ON leap.account_community
FOR EACH ROW EXECUTE FUNCTION leap.copy_email_key();

CREATE FUNCTION leap.copy_community_to_account() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        UPDATE leap.account a
        SET communities = array_append(a.communities, NEW.community)
        WHERE a.company_id = NEW.company_id
          AND a.identifier = NEW.identifier
          AND NEW.community <> ALL (a.communities);
    ELSIF TG_OP = 'DELETE' THEN
        UPDATE leap.account a
        SET communities = array_remove(a.communities, OLD.community)
        WHERE a.company_id = OLD.company_id
          AND a.identifier = OLD.identifier
          AND OLD.community = ANY (a.communities);
    ELSE
        UPDATE leap.account a
        SET communities = array_append(array_remove(a.communities, OLD.community), NEW.community)
        WHERE a.company_id = OLD.company_id
          AND a.identifier = OLD.identifier
          AND OLD.community = ANY (a.communities);
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION leap.copy_community_to_account() IS
    'Trigger: a row of leap.account_community changes the account''s array.';

CREATE TRIGGER account_community_to_account AFTER INSERT OR DELETE ON leap.account_community
FOR EACH ROW EXECUTE FUNCTION leap.copy_community_to_account();

CREATE TRIGGER account_community_changed_to_account AFTER UPDATE OF community ON leap.account_community
FOR EACH ROW WHEN (NEW.community <> OLD.community)
EXECUTE FUNCTION leap.copy_community_to_account();

CREATE FUNCTION leap.copy_account_to_communities() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    DELETE FROM leap.account_community m
    WHERE m.company_id = NEW.company_id
      AND m.identifier = NEW.identifier
      AND m.community <> ALL (NEW.communities);

    INSERT INTO leap.account_community (company_id, identifier, community)
    SELECT NEW.company_id, NEW.identifier, community
    FROM unnest(NEW.communities) AS community
    WHERE NOT EXISTS (SELECT FROM leap.account_community m
                      WHERE m.company_id = NEW.company_id
                        AND m.identifier = NEW.identifier
                        AND m.community = community.community);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION leap.copy_account_to_communities() IS
    'Trigger: an account''s array changes its rows of leap.account_community.';

CREATE TRIGGER account_new_to_communities AFTER INSERT ON leap.account
FOR EACH ROW EXECUTE FUNCTION leap.copy_account_to_communities();

CREATE TRIGGER account_changed_to_communities AFTER UPDATE ON leap.account
FOR EACH ROW WHEN (NEW.communities IS DISTINCT FROM OLD.communities)
EXECUTE FUNCTION leap.copy_account_to_communities();

CREATE FUNCTION leap.copy_email_to_communities() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE leap.account_community m
    SET email_key = NEW.email_key
    WHERE m.company_id = NEW.company_id AND m.identifier = NEW.identifier;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION leap.copy_email_to_communities() IS
    'Trigger: a new e-mail address has to be free in each of the account''s communities.';

CREATE TRIGGER account_email_to_communities AFTER UPDATE ON leap.account
FOR EACH ROW WHEN (NEW.email_key IS DISTINCT FROM OLD.email_key)
EXECUTE FUNCTION leap.copy_email_to_communities();

CREATE FUNCTION leap.require_community() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM leap.account a
               WHERE a.company_id = NEW.company_id
                 AND a.identifier = NEW.identifier
                 AND a.communities = '{}') THEN
        RAISE check_violation USING
            MESSAGE = format('Account %s has no community.', NEW.identifier),
            HINT = 'Set the column communities, or insert a row into leap.account_community, in the same '
                   'transaction.';
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION leap.require_community() IS
    'Trigger: at the end of the transaction an account has at least one community.';

-- Deferred, so that one community can be replaced by another in two statements.
CREATE CONSTRAINT TRIGGER account_has_community AFTER INSERT OR UPDATE ON leap.account
DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (NEW.communities = '{}')
EXECUTE FUNCTION leap.require_community();

COMMIT;
