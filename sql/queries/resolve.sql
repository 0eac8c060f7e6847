-- The company that is served at a host name, or no row.
-- $1 host name, in lower case, without port and trailing dot
SELECT company_id
FROM leap.host_name
WHERE hostname = $1;
