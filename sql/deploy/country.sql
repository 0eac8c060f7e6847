-- Deploy leap-ws:country to pg
-- The countries come from Debian's iso-codes.

\set iso_codes `cat /usr/share/iso-codes/json/iso_3166-1.json`
SELECT :'iso_codes' = '' AS iso_codes_missing \gset
\if :iso_codes_missing
    DO $$
    BEGIN
        RAISE EXCEPTION 'The list of countries, /usr/share/iso-codes/json/iso_3166-1.json, cannot be read.'
            USING HINT = 'Install Debian''s package iso-codes on the machine that deploys.';
    END
    $$;
\endif

BEGIN;

SET LOCAL ROLE leap_owner;
SET LOCAL client_encoding = 'UTF8';

CREATE TABLE leap.country (
    code leap.country_code PRIMARY KEY,
    name leap.name NOT NULL
);
COMMENT ON TABLE leap.country IS 'Countries that nationality and addresses can name.';
COMMENT ON COLUMN leap.country.code IS 'ISO 3166-1 alpha-2 code.';
COMMENT ON COLUMN leap.country.name IS 'Name in English, as ISO 3166-1 gives it.';

INSERT INTO leap.country (code, name)
SELECT entry ->> 'alpha_2', entry ->> 'name'
FROM jsonb_array_elements(:'iso_codes'::jsonb -> '3166-1') AS entry;

GRANT SELECT (code) ON leap.country TO leap_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON leap.country TO leap_dba;

COMMIT;
