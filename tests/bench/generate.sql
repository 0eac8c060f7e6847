-- One batch of a company's accounts. Each value depends on the account's number n alone, so that two runs make the same.
-- :company_id  :base, the identifier before the first account's  :from, the batch's first n  :batch  :accounts, of the company

BEGIN;
SET LOCAL session_replication_role = replica;

-- A number from 0 to below `choices` that leans towards 0, other for each `seed`.
CREATE FUNCTION pg_temp.skewed(n bigint, seed int, choices int) RETURNS int
LANGUAGE sql IMMUTABLE
RETURN (choices * ((hashint8extended(n, seed) & 1048575) / 1048576.0::float8) ^ 2)::int % choices;

INSERT INTO leap.account
    (company_id, identifier, extid, creation_time, account_status, email, given_name, family_name, additional_names,
     honorific_prefixes, bday, gender, nationality, tel_pref, tel_voice,
     residential_street_address, residential_region, residential_postal_code, residential_country,
     billing_street_address, billing_region, billing_postal_code, billing_country,
     additional_fields, communities, unacked_since, version, changed_in)
SELECT :company_id,
       :base + n,
       CASE WHEN n % 5 < 4 THEN 'CRM-' || n END,
       date_trunc('milliseconds', now() - n % 3650 * interval '1 day'),
       CASE WHEN n % 50 = 49 THEN 'Inactive' ELSE 'Active' END,
       (ARRAY['anna','joe','li','maria','noor','olga','sam','yuki'])[1 + pg_temp.skewed(n, 1, 8)] || '.' || n || '@'
           || (ARRAY['example.com','example.net','mail.example.org'])[1 + pg_temp.skewed(n, 2, 3)],
       (ARRAY['Joseph','Maria','Li','Anna','Ольга','José','Νίκος','美咲','Zoë','محمد','Søren','आरव'])
           [1 + pg_temp.skewed(n, 3, 12)],
       (ARRAY['Banks','Smith','García','Nguyễn','Müller','Иванова','Παπαδόπουλος','佐藤','O''Brien','الهاشمي','Łukasiewicz',
              'शर्मा','van der Berg','김'])[1 + pg_temp.skewed(n, 4, 14)],
       CASE WHEN n % 3 = 0 THEN 'Alexandra' END,
       (ARRAY['Ms.','Mr.','Dr.', NULL])[1 + n % 4],
       date '1935-01-01' + (n * 7919 % 27000)::int,
       (ARRAY['FEMALE','MALE', NULL])[1 + n % 3],
       (ARRAY['AU','AU','NZ','US','DE','JP','GR'])[1 + pg_temp.skewed(n, 5, 7)],
       '+61 4' || lpad((n % 100000000)::text, 8, '0'),
       CASE WHEN n % 4 = 0 THEN '(02) 5550 ' || lpad((n % 10000)::text, 4, '0') END,
       1 + n % 400 || ' ' || street, region, lpad((n % 10000)::text, 4, '0'), country,
       CASE WHEN n % 3 = 1 THEN 'PO Box ' || n % 9000 END,
       CASE WHEN n % 3 = 1 THEN region END,
       CASE WHEN n % 3 = 1 THEN lpad((n % 9000)::text, 4, '0') END,
       CASE WHEN n % 3 = 1 THEN country END,
       jsonb_build_object('crm-identifier', 'C' || n, 'shoe-size', (35 + pg_temp.skewed(n, 6, 13))::text,
                          'tariff', (ARRAY['basic','basic','green'])[1 + n % 3]),
       CASE WHEN n % 10 = 0 THEN '{second}'::text[] ELSE '{original}' END,
       CASE WHEN n % 33 = 0 THEN date_trunc('milliseconds', now()) END,
       1,
       change
FROM leap.current_change() AS change,
     generate_series(:from::bigint, least(:from + :batch - 1, :accounts)) AS n,
     LATERAL (SELECT (ARRAY['Example Street','Collins Street','Bahnhofstraße','улица Ленина','Οδός Ερμού','中央通り',
                            'Rue de l''Église'])[1 + which],
                     (ARRAY['Victoria','New South Wales','Bayern','Москва','Αττική','東京都','Île-de-France'])[1 + which],
                     (ARRAY['AU','AU','DE','RU','GR','JP','FR'])[1 + which]
              FROM pg_temp.skewed(n, 7, 7) AS which) AS place (street, region, country)
ORDER BY n;

INSERT INTO leap.account_community (company_id, identifier, community, email_key)
SELECT a.company_id, a.identifier, community, a.email_key
FROM leap.account a, unnest(a.communities) AS community
WHERE a.company_id = :company_id AND a.identifier BETWEEN :base + :from AND :base + :from + :batch - 1;

-- In the order of the key, so that each page of the index is written once.
INSERT INTO leap.account_field_key (company_id, field, value_digest, identifier)
SELECT a.company_id, field.key, sha256(convert_to(field.value, 'UTF8')), a.identifier
FROM leap.account a, jsonb_each_text(a.additional_fields) AS field
WHERE a.company_id = :company_id AND a.identifier BETWEEN :base + :from AND :base + :from + :batch - 1
ORDER BY 1, 2, 3, 4;

-- A third has one, whatever else of an account follows from its number.
INSERT INTO leap.property_relationship (company_id, identifier, account_identifier, unacked_since)
SELECT a.company_id, a.identifier, a.identifier, a.unacked_since
FROM leap.account a
WHERE a.company_id = :company_id AND a.identifier BETWEEN :base + :from AND :base + :from + :batch - 1
  AND (a.identifier - :base) / 7 % 3 = 0;

COMMIT;
