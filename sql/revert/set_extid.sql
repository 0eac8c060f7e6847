-- Revert leap-ws:set_extid from pg

BEGIN;

DROP FUNCTION leap.set_extid(int, bigint, text);

COMMIT;
