-- Revert leap-ws:company_administration from pg

BEGIN;

DROP FUNCTION leap.set_account_limit(text, bigint);
DROP FUNCTION leap.remove_field(text, text);
DROP FUNCTION leap.define_field(text, text, text);
DROP FUNCTION leap.create_community(text, text);
DROP FUNCTION leap.set_password_score(text, int);
DROP FUNCTION leap.set_company_status(text, text);
DROP FUNCTION leap.create_company(text, text, text);
DROP FUNCTION leap.remove_hostname(text, text);
DROP FUNCTION leap.add_hostname(text, text);
DROP FUNCTION leap.require_hostname(text);
DROP FUNCTION leap.require_name(text, text);
DROP FUNCTION leap.require_key(text, text);
DROP FUNCTION leap.require_company(text);
DROP FUNCTION leap.require(boolean, text, text);
DROP FUNCTION leap.is_valid(text, regtype);

COMMIT;
