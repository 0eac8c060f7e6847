-- Revert leap-ws:account from pg

BEGIN;

DROP TABLE leap.account;
DROP FUNCTION leap.refuse();
DROP FUNCTION leap.sort_communities();
DROP FUNCTION leap.stamp_new_account();
DROP FUNCTION leap.stamp_changed_account();
DROP FUNCTION leap.current_change();

COMMIT;
