"""Lists read by index at any size: the program's own statements, explained as the role that runs them."""

import json

import pytest

from leap_instance import SOURCE

QUERIES = SOURCE / "sql" / "queries"
ACCOUNTS = 20000
TABLES = {"account", "account_community", "account_field_key"}

FILL = """
SET session_replication_role = replica;
INSERT INTO leap.account (company_id, creation_time, extid, email, given_name, family_name, communities, additional_fields,
                          version, changed_in, unacked_since)
SELECT company_id, now(), 'E' || n, n || '@example.net', 'A', 'B', '{original}', '{"shoe-size": "Nine"}', 1, n,
       CASE WHEN n % 100 <> 0 THEN now() END
FROM leap.company, generate_series(1, :accounts) n
WHERE company = :'company';
INSERT INTO leap.account_community (company_id, identifier, community, email_key)
SELECT company_id, identifier, 'original', email_key FROM leap.account
WHERE company_id = (SELECT company_id FROM leap.company WHERE company = :'company');
INSERT INTO leap.account_field_key (company_id, field, value_digest, identifier)
SELECT company_id, 'shoe-size', sha256(convert_to('Nine', 'UTF8')), identifier FROM leap.account
WHERE company_id = (SELECT company_id FROM leap.company WHERE company = :'company');
SET session_replication_role = DEFAULT;
ANALYZE leap.account, leap.account_community, leap.account_field_key;
SELECT company_id FROM leap.company WHERE company = :'company';
"""

# The statements' parameters behind the company.
PARAMETERS = {
    "list_all": "0, 100, 0",
    "list_acked": "0, 100, 0",
    "list_unacked": "0, 100, 0",
    "list_changed": "NULL, 0, 0, 100",
    "list_named": """'[10000001]', '["E1"]'""",
    "find_by_field": "0, 100, 0, 'shoe-size', 'Nine'",
    "find_by_email": "'original', '7@example.net'",
    "show": "10000001",
    "show_by_extid": "'E7'",
    "find": "10000001",
    "find_by_extid": "'E7'",
    "conflicts": "NULL, '7@example.net', '{original}', 'E7'",
}


@pytest.fixture(scope="module")
def large(make_company):
    """A company with many accounts, which share a value of a field, and few of which are acknowledged."""
    company = make_company()
    company.number = company.instance.psql(FILL, company=company.key, accounts=ACCOUNTS).splitlines()[-1]
    return company


def text_of(name):
    """A statement as the program embeds it."""
    lines = []
    for line in (QUERIES / f"{name}.sql").read_text().splitlines():
        lines += (QUERIES / line.split()[1]).read_text().splitlines() if line.startswith("\\ir ") else [line]
    return "\n".join(line for line in lines if not line.startswith("--"))


def nodes(plan):
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_generic_plan_reads_by_index_and_no_more_than_a_page(large, name):
    explained = large.instance.psql(
        f"""
        BEGIN;
        SELECT set_config('leap.company_id', '{large.number}', true) \\g /dev/null
        SET LOCAL plan_cache_mode = force_generic_plan;
        PREPARE statement AS {text_of(name)}
        EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE statement({large.number}, {PARAMETERS[name]});
        COMMIT;
        """,
        role="leap_api",
    )
    plan = json.loads(explained)[0]["Plan"]
    read = [node for node in nodes(plan) if node.get("Relation Name") in TABLES]
    assert read
    for node in read:
        assert node["Node Type"] in ("Index Scan", "Index Only Scan"), node
        assert node["Actual Rows"] <= 100 and node.get("Rows Removed by Filter", 0) == 0, node
