-- Revert leap-ws:roles from pg
-- The roles stay, all of them, where something depends on one: another database of the cluster, or a
-- person's table.

BEGIN;

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_shdepend
               JOIN pg_roles ON pg_roles.oid = refobjid
               WHERE refclassid = 'pg_authid'::regclass
                 AND rolname IN ('leap_owner', 'leap_api', 'leap_dba', 'leap_backup', 'leap_login')) THEN
        RAISE NOTICE 'The roles of leap-ws are in use elsewhere and stay.';
    ELSE
        DROP ROLE leap_login, leap_backup, leap_dba, leap_api, leap_owner;
    END IF;
END
$$;

COMMIT;
