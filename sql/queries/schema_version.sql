-- The version of the schema, which has to be the program's.
SELECT leap.schema_version();
