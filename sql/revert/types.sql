-- Revert leap-ws:types from pg

BEGIN;

DROP DOMAIN leap.field_values;
DROP FUNCTION leap.are_field_values(jsonb);
DROP DOMAIN leap.name, leap.extid, leap.phone, leap.postal_code;
DROP DOMAIN leap.street_address, leap.field_value, leap.comment;
DROP DOMAIN leap.line, leap.block;
DROP DOMAIN leap.key, leap.hostname, leap.digest, leap.email, leap.country_code, leap.gender, leap.birthday;
DROP DOMAIN leap.account_status, leap.company_status, leap.permission, leap.password_hash;

COMMIT;
