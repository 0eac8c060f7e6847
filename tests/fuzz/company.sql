-- The company that fuzz_request.c asks for; the last line printed is its client's secret.
SELECT leap.create_company('fuzz', 'Fuzz', 'fuzz.leap.localhost') \g /dev/null
SELECT leap.create_community('fuzz', 'original') \g /dev/null
SELECT leap.create_community('fuzz', 'second') \g /dev/null
SELECT leap.define_field('fuzz', 'crm-identifier', 'CRM System Identifier') \g /dev/null
SELECT leap.define_field('fuzz', 'shoe-size', 'Shoe Size') \g /dev/null
SELECT leap.set_password_score('fuzz', 1) \g /dev/null
SELECT leap.create_api_client('fuzz', 'fuzz');
