-- Deploy leap-ws:types to pg
-- The rules for single values. Lengths count code points; outer white space is XML's (space, tab, line
-- feed, carriage return); what XML 1.0 cannot carry is not stored.

BEGIN;

SET LOCAL ROLE leap_owner;

CREATE DOMAIN leap.key AS text COLLATE "C"
    CONSTRAINT key_form CHECK (VALUE ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$');
COMMENT ON DOMAIN leap.key IS
    'Key of a company, community, field or API client: 1 to 64 letters, digits, ".", "_" and "-".';

CREATE DOMAIN leap.hostname AS text COLLATE "C"
    CONSTRAINT hostname_form CHECK (
        VALUE ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$')
    CONSTRAINT hostname_length CHECK (length(VALUE) <= 253);
COMMENT ON DOMAIN leap.hostname IS 'Host name in lower case, without trailing dot and port.';

CREATE DOMAIN leap.digest AS bytea
    CONSTRAINT digest_length CHECK (octet_length(VALUE) = 32);
COMMENT ON DOMAIN leap.digest IS 'Digest of 256 bits: SHA-256 or HMAC-SHA-256.';

CREATE DOMAIN leap.line AS text
    CONSTRAINT line_not_empty CHECK (VALUE <> '')
    CONSTRAINT line_trimmed CHECK (btrim(VALUE) = VALUE)
    CONSTRAINT line_characters CHECK (VALUE !~ '[\u0001-\u001f\u007f-\u009f\ufffe\uffff]');
COMMENT ON DOMAIN leap.line IS
    'Text of one line, not empty, without outer white space and control characters.';

CREATE DOMAIN leap.block AS text
    CONSTRAINT block_not_empty CHECK (VALUE <> '')
    CONSTRAINT block_trimmed CHECK (btrim(VALUE, E' \t\r\n') = VALUE)
    CONSTRAINT block_characters CHECK (
        VALUE !~ '[\u0001-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]');
COMMENT ON DOMAIN leap.block IS 'Text of any number of lines, not empty, without outer white space.';

CREATE DOMAIN leap.name AS leap.line
    CONSTRAINT name_length CHECK (char_length(VALUE) <= 100);
COMMENT ON DOMAIN leap.name IS 'Name, label, prefix or region of at most 100 characters.';

CREATE DOMAIN leap.email AS text COLLATE "C"
    CONSTRAINT email_form CHECK (VALUE ~ ('^[a-zA-Z0-9.!#$%&''*+/=?^_`{|}~-]+'
        '@[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(\.[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$'))
    CONSTRAINT email_length CHECK (length(VALUE) <= 254);
COMMENT ON DOMAIN leap.email IS 'Valid e-mail address by the definition of HTML, at most 254 characters.';

CREATE DOMAIN leap.extid AS leap.line COLLATE "C"
    CONSTRAINT extid_length CHECK (char_length(VALUE) <= 64)
    CONSTRAINT extid_no_dot_segment CHECK (VALUE !~ '(^|/)\.\.?(/|$)');
COMMENT ON DOMAIN leap.extid IS
    'External identifier of at most 64 characters; "." and ".." between slashes would be steps in a path.';

CREATE DOMAIN leap.phone AS leap.line
    CONSTRAINT phone_length CHECK (char_length(VALUE) <= 40)
    CONSTRAINT phone_has_digit CHECK (VALUE ~ '[0-9]');
COMMENT ON DOMAIN leap.phone IS 'Phone number of at most 40 characters with at least one digit.';

CREATE DOMAIN leap.street_address AS leap.block
    CONSTRAINT street_address_length CHECK (char_length(VALUE) <= 255);
COMMENT ON DOMAIN leap.street_address IS 'Street address of one or more lines, at most 255 characters.';

CREATE DOMAIN leap.postal_code AS leap.line
    CONSTRAINT postal_code_length CHECK (char_length(VALUE) <= 20);
COMMENT ON DOMAIN leap.postal_code IS 'Postal code of at most 20 characters.';

CREATE DOMAIN leap.country_code AS text COLLATE "C"
    CONSTRAINT country_code_form CHECK (VALUE ~ '^[A-Z]{2}$');
COMMENT ON DOMAIN leap.country_code IS 'ISO 3166-1 alpha-2 code.';

CREATE DOMAIN leap.gender AS text COLLATE "C"
    CONSTRAINT gender_known CHECK (VALUE IN ('MALE', 'FEMALE'));
COMMENT ON DOMAIN leap.gender IS 'MALE or FEMALE.';

CREATE DOMAIN leap.birthday AS date
    CONSTRAINT birthday_earliest CHECK (VALUE >= '1870-01-01' AND isfinite(VALUE));
COMMENT ON DOMAIN leap.birthday IS 'Date of birth, 1870 or later.';

CREATE DOMAIN leap.field_value AS leap.block
    CONSTRAINT field_value_length CHECK (char_length(VALUE) <= 1000);
COMMENT ON DOMAIN leap.field_value IS 'Value of an additional field, at most 1,000 characters.';

CREATE DOMAIN leap.comment AS leap.block
    CONSTRAINT comment_length CHECK (char_length(VALUE) <= 10000);
COMMENT ON DOMAIN leap.comment IS 'Comment of at most 10,000 characters.';

CREATE DOMAIN leap.account_status AS text COLLATE "C"
    CONSTRAINT account_status_known CHECK (VALUE IN ('Active', 'Inactive'));
COMMENT ON DOMAIN leap.account_status IS 'Active or Inactive.';

CREATE DOMAIN leap.company_status AS text COLLATE "C"
    CONSTRAINT company_status_known CHECK (VALUE IN ('Active', 'Suspended'));
COMMENT ON DOMAIN leap.company_status IS 'Active or Suspended.';

CREATE DOMAIN leap.permission AS text COLLATE "C"
    CONSTRAINT permission_known CHECK (VALUE IN ('read-only', 'read-acknowledge', 'read-write'));
COMMENT ON DOMAIN leap.permission IS
    'What an API client may do: read-only, read-acknowledge or read-write.';

CREATE DOMAIN leap.password_hash AS text COLLATE "C"
    CONSTRAINT password_hash_phc CHECK (VALUE ~ ('^\$[a-z0-9-]{1,32}(\$v=[0-9]+)?'
        '(\$[a-z0-9-]{1,32}=[a-zA-Z0-9/+.-]+(,[a-z0-9-]{1,32}=[a-zA-Z0-9/+.-]+)*)?'
        '\$[a-zA-Z0-9/+.-]+\$[a-zA-Z0-9/+]+$'))
    CONSTRAINT password_hash_length CHECK (length(VALUE) <= 512);
COMMENT ON DOMAIN leap.password_hash IS
    'Password hash as a PHC string with salt and hash, such as $scrypt$ln=14,r=8,p=5$salt$hash.';

-- Casting to the domains makes the error name the rule that is broken.
CREATE FUNCTION leap.are_field_values(fields jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE jsonb_typeof(fields)
    WHEN 'object' THEN NOT EXISTS (
        SELECT FROM jsonb_each(fields) AS field (key, value)
        WHERE field.key::leap.key IS NULL
           OR jsonb_typeof(field.value) <> 'string'
           OR (field.value #>> '{}')::leap.field_value IS NULL)
    ELSE false
END;
COMMENT ON FUNCTION leap.are_field_values(jsonb) IS
    'Whether this is an object that gives keys of fields valid values; an error where one is not valid.';
GRANT EXECUTE ON FUNCTION leap.are_field_values(jsonb) TO leap_api, leap_dba;

CREATE DOMAIN leap.field_values AS jsonb
    CONSTRAINT field_values_form CHECK (VALUE = '{}' OR leap.are_field_values(VALUE));
COMMENT ON DOMAIN leap.field_values IS
    'Additional fields: a JSON object of keys and their values as strings.';

COMMIT;
