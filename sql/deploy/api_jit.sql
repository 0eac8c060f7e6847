-- Deploy leap-ws:api_jit to pg
-- No statement of the web service's is compiled.

BEGIN;

-- PostgreSQL compiles what it takes to cost much, and it estimates the cost of a page of a large company's accounts by all of
-- them: compiling took 400 ms for each page of one with five million, reading it one.
ALTER ROLE leap_api SET jit = off;

COMMIT;
