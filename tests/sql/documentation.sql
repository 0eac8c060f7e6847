-- Everything in the schema says what it is.

\ir include/fixture.psql

SELECT pg_temp.begin_tests(4);

SELECT is_empty(
    $$SELECT c.relname FROM pg_class c
      WHERE c.relnamespace = 'leap'::regnamespace AND c.relkind IN ('r', 'v', 'S')
        AND obj_description(c.oid, 'pg_class') IS NULL$$,
    'every table, view and sequence has a comment');
SELECT is_empty(
    $$SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
      WHERE c.relnamespace = 'leap'::regnamespace AND c.relkind IN ('r', 'v')
        AND a.attnum > 0 AND NOT a.attisdropped AND col_description(c.oid, a.attnum) IS NULL$$,
    'every column has a comment');
SELECT is_empty(
    $$SELECT p.oid::regprocedure FROM pg_proc p
      WHERE p.pronamespace = 'leap'::regnamespace AND obj_description(p.oid, 'pg_proc') IS NULL
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')$$,
    'every function has a comment');
SELECT is_empty(
    $$SELECT t.typname FROM pg_type t
      WHERE t.typnamespace = 'leap'::regnamespace AND t.typtype = 'd'
        AND obj_description(t.oid, 'pg_type') IS NULL$$,
    'every domain has a comment');

SELECT * FROM finish();
ROLLBACK;
