-- Revert leap-ws:account_history from pg

BEGIN;

DROP VIEW leap.account_history;
DROP FUNCTION leap.history_text(jsonb);
DROP TRIGGER account_record_changed ON leap.account;
DROP TRIGGER account_record_new ON leap.account;
DROP FUNCTION leap.record_change();
DROP TABLE leap.account_change;

COMMIT;
