-- A person's right of access: all that is held, in one document.

\ir include/fixture.psql

SELECT pg_temp.begin_tests(28);

SELECT pg_temp.company('tap-one') AS company_one \gset
SELECT leap.create_api_client('tap-one', 'tap') AS secret \gset
SELECT pg_temp.new_account('tap-one', 'bare@example.org') AS bare \gset
SELECT pg_temp.enter('tap-one') \g /dev/null
SET LOCAL SESSION AUTHORIZATION leap_api;
SELECT identifier AS one FROM leap.create_account(:company_one, $${
    "email": "ada@example.org", "given_name": "Ada", "family_name": "Lovelace & Söhne <\"'>", "additional_names": "Augusta",
    "honorific_prefixes": "Ms", "bday": "1974-09-08", "gender": "FEMALE", "nationality": "GB", "tel_pref": "1",
    "tel_voice": "2", "residential_street_address": "1 Main St\r\nBack", "residential_region": "VIC", "residential_postal_code": "3000",
    "residential_country": "AU", "billing_street_address": "2 Main St", "billing_region": "NSW",
    "billing_postal_code": "2000", "billing_country": "NZ", "extid": "CRM/1", "additional_fields": {"career-name": "]]> pleb", "shoe-size": "42"},
    "communities": ["original"]}$$, '$scrypt$ln=14,r=8,p=5$c2FsdHNhbHQ$aGFzaGhhc2g') \gset
SELECT leap.update_account(:company_one, :one, '{"given_name": "Anne"}', NULL, 'update') \g /dev/null
SELECT leap.add_comment(:company_one, :one, E'First.\nSecond line.') \g /dev/null
INSERT INTO leap.retry_key
    (company_id, client, key, secret_digest, request_digest, status, account_identifier, extid, version)
VALUES (:company_one, 'tap', 'key-1', sha256('a'), sha256('b'), 201, :one, 'CRM/1', 1);
RESET SESSION AUTHORIZATION;
INSERT INTO leap.property_relationship (company_id, identifier, account_identifier, unacked_since)
VALUES (:company_one, 7, :one, '2026-01-02 03:04:05.678Z');

SET LOCAL timezone = 'Australia/Sydney';
SET LOCAL SESSION AUTHORIZATION leap_dba;
SELECT throws_ok(format('SELECT leap.export_account(''none'', %s)', :one), '22023', 'There is no company ''none''.',
                 'no company');
SELECT throws_ok(format('SELECT leap.export_account(''tap-two'', %s)', :one), '22023',
                 format('The company has no account ''%s''.', :one), 'another company''s');
CREATE TEMP TABLE exported AS SELECT leap.export_account('tap-one', :one) AS document;
RESET SESSION AUTHORIZATION;

SELECT ok(document IS DOCUMENT, 'the export is one well-formed document') FROM exported;
SELECT is(xpath(path, document)::text[], expected, path)
FROM exported, (VALUES
    ('/account-export/@company', '{tap-one}'::text[]),
    ('/account-export/account/email/text()', '{ada@example.org}'),
    ('/account-export/account/given-name/text()', '{Anne}'),
    ('/account-export/account/family-name/text()', '{"Lovelace &amp; Söhne &lt;\"''&gt;"}'),
    ('/account-export/account/bday/text()', '{1974-09-08}'),
    ('/account-export/account/extid/text()', '{CRM/1}'),
    ('/account-export/account/residential-street-address/text()', E'{"1 Main St&#x0d;\nBack"}'),
    ('/account-export/additional-fields/field/@key', '{shoe-size,career-name}'),
    ('/account-export/additional-fields/field/@label', '{"Shoe size","Career name"}'),
    ('/account-export/additional-fields/field/text()', '{42,"]]&gt; pleb"}'),
    ('/account-export/communities/community/text()', '{original}'),
    ('/account-export/password/parameters/text()', '{"$scrypt$ln=14,r=8,p=5"}'),
    ('/account-export/comments/comment/author/text()', '{tap}'),
    ('/account-export/comments/comment/text/text()', E'{"First.\nSecond line."}'),
    ('/account-export/property-relationships/property-relationship/identifier/text()', '{7}'),
    ('/account-export/property-relationships/property-relationship/unacked-since/text()', '{2026-01-02T03:04:05.678+00:00}'),
    ('/account-export/retry-keys/retry-key/key/text()', '{key-1}'),
    ('/account-export/history/change/operation/text()', '{create,update}'),
    ('/account-export/history/change[2]/author/text()', '{tap}'),
    ('/account-export/history/change[2]/values/value[@column=''given_name'']/*/text()', '{Ada,Anne}'),
    ('/account-export/history/change[1]/values/value[@column=''additional_fields.shoe-size'']/new/text()', '{42}'))
AS samples (path, expected);

SELECT is(cardinality(xpath('/account-export/account/*', document)), 24, 'every value of the account is there')
FROM exported;
SELECT ok(document::text !~ 'c2FsdHNhbHQ|aGFzaGhhc2g', 'neither salt nor hash of the password is') FROM exported;
SELECT is(xpath('/account-export/*[not(*)]', leap.export_account('tap-one', :bare))::text[],
          '{<additional-fields/>,<comments/>,<property-relationships/>,<retry-keys/>}', 'what is not held is empty');
SELECT leap.erase_account('tap-one', :one) \g /dev/null
SELECT ok(leap.export_account('tap-one', :one)::text !~ 'Ada|Anne|ada@', 'an erased account has nothing personal');

SELECT * FROM finish();
ROLLBACK;
