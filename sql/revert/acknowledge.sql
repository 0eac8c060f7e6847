-- Revert leap-ws:acknowledge from pg

BEGIN;

DROP FUNCTION leap.acknowledge_accounts_by_extid(int, jsonb);
DROP FUNCTION leap.acknowledge_accounts(int, jsonb);
DROP FUNCTION leap.acknowledge_found(int, bigint[], bigint[]);

COMMIT;
