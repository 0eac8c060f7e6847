-- Revert leap-ws:account_limit from pg

BEGIN;

DROP TRIGGER account_count_deleted ON leap.account;
DROP TRIGGER account_count_changed ON leap.account;
DROP TRIGGER account_count_new ON leap.account;
DROP FUNCTION leap.count_changed_account();
DROP FUNCTION leap.count_new_accounts();
DROP FUNCTION leap.add_active_accounts(int, bigint);
DROP TABLE leap.company_usage;

COMMIT;
