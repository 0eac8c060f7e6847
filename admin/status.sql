-- What "leap-admin status" shows, for psql. Variables: program, the version of the installed program; planned, the last
-- change of the installed schema, by name and time. What the role may not see is said to be hidden.

\pset tuples_only off
\pset format aligned
\pset border 1
\pset footer off

SELECT current_user AS role,
       current_database() AS database,
       pg_size_pretty(pg_database_size(current_database())) AS size,
       current_setting('server_version') AS server,
       CASE WHEN pg_is_in_recovery() THEN ', a standby' ELSE '' END AS standby,
       current_setting('max_connections') AS max_connections,
       EXISTS (SELECT FROM pg_namespace WHERE nspname = 'leap') AS has_schema,
       pg_has_role('pg_read_all_stats', 'USAGE') AS sees_activity,
       EXISTS (SELECT FROM pg_namespace n
               JOIN pg_class c ON c.relnamespace = n.oid
               WHERE n.nspname = 'sqitch' AND c.relname = 'changes'
                 AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')) AS sees_changes
\gset

SELECT coalesce(sum(number), 0) AS connections,
       coalesce(string_agg(format('%s %s', usename, number), ', ' ORDER BY usename), 'none') AS connections_by_role
FROM (SELECT usename, count(*) AS number
      FROM pg_stat_activity
      WHERE backend_type = 'client backend'
      GROUP BY usename) AS connected
\gset

\echo 'Program:      ' :program
\echo 'Server:        PostgreSQL' :server:standby
\echo 'Database:     ' :database, :size
\echo 'Connections:  ' :connections of :max_connections: :connections_by_role

-- The change that was deployed last, against the last one of the installed schema.
\if :has_schema
    SELECT leap.schema_version() AS schema_version \gset
    \echo 'Schema:        version' :schema_version
    \if :sees_changes
        SELECT last.change,
               date_trunc('second', last.committed_at) AS deployed,
               last.planned = :'planned' AS is_current,
               EXISTS (SELECT FROM sqitch.changes c
                       WHERE c.project = 'leap-ws'
                         AND c.change || to_char(c.planned_at AT TIME ZONE 'UTC', ' YYYY-MM-DD"T"HH24:MI:SS"Z"')
                             = :'planned') AS is_newer
        FROM (SELECT c.change,
                     c.committed_at,
                     c.change || to_char(c.planned_at AT TIME ZONE 'UTC', ' YYYY-MM-DD"T"HH24:MI:SS"Z"') AS planned
              FROM sqitch.changes c
              WHERE c.project = 'leap-ws'
              ORDER BY c.committed_at DESC
              LIMIT 1) AS last
        \gset
        \echo 'Last change:  ' :change, deployed :deployed
        \if :is_current
            \echo '               up to date'
        \elif :is_newer
            \echo '               newer than this release, which ends with' :planned
        \else
            \echo '               older than this release, which ends with' :planned: leap-admin upgrade
        \endif
    \else
        \echo 'Last change:   hidden from' :role, which may not read sqitch.changes
    \endif
\else
    \echo 'Schema:        none: leap-admin deploy makes it'
\endif

-- A snapshot knows every transaction of the cluster that has an id, so each one that stays open holds the change feed up,
-- whatever database it is in.
\echo
SELECT EXISTS (SELECT FROM pg_stat_activity WHERE backend_xid IS NOT NULL)
       OR EXISTS (SELECT FROM pg_prepared_xacts) AS has_writers
\gset
\if :has_writers
    \echo 'Open write transactions, oldest first; the change feed waits for them:'
    SELECT coalesce(date_trunc('second', clock_timestamp() - began)::text, 'hidden') AS age,
           xid AS transaction,
           database,
           role,
           coalesce(state, 'hidden') AS state,
           name,
           pid
    FROM (SELECT xact_start, backend_xid, datname, coalesce(usename, backend_type), state, application_name, pid
          FROM pg_stat_activity
          WHERE backend_xid IS NOT NULL
        UNION ALL
          SELECT prepared, transaction, database, owner, 'prepared', gid, NULL
          FROM pg_prepared_xacts) AS writer (began, xid, database, role, state, name, pid)
    ORDER BY age(xid) DESC
    LIMIT 10;
    \if :sees_activity
    \else
        \echo :role 'may not see the age of transactions of others: a superuser can GRANT pg_read_all_stats TO it.'
        \echo
    \endif
\else
    \echo 'Open write transactions: none'
    \echo
\endif

\if :has_schema
    -- Large tables are counted by a sample, which for the others is everything.
    SELECT least(100, 100 * 300000 / greatest(reltuples, 1)) AS percent
    FROM pg_class
    WHERE oid = 'leap.account'::regclass
    \gset
    \echo 'Companies:'
    SELECT c.company,
           c.company_status AS status,
           CASE WHEN :percent < 100 THEN 'about ' ELSE '' END
               || round(coalesce(found.accounts, 0) * 100 / :percent) AS accounts,
           coalesce(u.active_accounts || ' of ' || u.account_limit, 'no limit') AS active
    FROM leap.company c
    LEFT JOIN (SELECT a.company_id, count(*) AS accounts
               FROM leap.account a TABLESAMPLE SYSTEM (:percent)
               GROUP BY a.company_id) AS found ON found.company_id = c.company_id
    LEFT JOIN leap.company_usage u ON u.company_id = c.company_id
    ORDER BY c.company;

    \echo 'Tables:'
    SELECT c.relname AS "table",
           CASE WHEN c.reltuples < 0 THEN 'not known' ELSE 'about ' || c.reltuples::bigint END AS rows,
           pg_size_pretty(pg_table_size(c.oid)) AS "table's size",
           pg_size_pretty(pg_indexes_size(c.oid)) AS "indexes' size"
    FROM pg_class c
    WHERE c.relnamespace = 'leap'::regnamespace AND c.relkind = 'r'
    ORDER BY pg_total_relation_size(c.oid) DESC, c.relname;
\endif
