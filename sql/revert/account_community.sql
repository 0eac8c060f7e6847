-- Revert leap-ws:account_community from pg

BEGIN;

DROP TRIGGER account_has_community ON leap.account;
DROP TRIGGER account_email_to_communities ON leap.account;
DROP TRIGGER account_changed_to_communities ON leap.account;
DROP TRIGGER account_new_to_communities ON leap.account;
DROP TABLE leap.account_community;
DROP FUNCTION leap.require_community();
DROP FUNCTION leap.copy_email_to_communities();
DROP FUNCTION leap.copy_account_to_communities();
DROP FUNCTION leap.copy_community_to_account();
DROP FUNCTION leap.copy_email_key();

COMMIT;
