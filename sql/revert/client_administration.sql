-- Revert leap-ws:client_administration from pg

BEGIN;

DROP FUNCTION leap.revoke_api_client(text, text);
DROP FUNCTION leap.rotate_api_client(text, text, interval);
DROP FUNCTION leap.set_api_client_permission(text, text, text);
DROP FUNCTION leap.create_api_client(text, text, text, timestamptz);
DROP FUNCTION leap.require_permission(text);
DROP FUNCTION leap.require_client(int, text);
DROP FUNCTION leap.secret_digest(text);
DROP FUNCTION leap.new_secret();

COMMIT;
