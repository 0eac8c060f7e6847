-- Revert leap-ws:add_comment from pg

BEGIN;

DROP FUNCTION leap.add_comment(int, bigint, text);

COMMIT;
