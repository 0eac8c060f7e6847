-- Revert leap-ws:account_field_key from pg

BEGIN;

DROP TRIGGER account_changed_to_field_keys ON leap.account;
DROP TRIGGER account_new_to_field_keys ON leap.account;
DROP FUNCTION leap.copy_fields_to_keys();
DROP TABLE leap.account_field_key;

COMMIT;
