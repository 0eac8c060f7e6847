"""Lists read by index at any size: the program's own statements, explained as the role that runs them."""

import json

import pytest

from conftest import Company
from leap_instance import PROGRAM, SOURCE, Instance

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
SELECT company_id, min(identifier) FROM leap.account JOIN leap.company USING (company_id) WHERE company = :'company'
GROUP BY company_id;
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
def large():
    """
    A company with many accounts, which share a value of a field, and few of which are acknowledged. It is alone in its
    database, since plans depend on what else is in the tables.
    """
    made = Instance(PROGRAM)
    try:
        made.start()
        company = Company(made)
        company.number, company.first = made.psql(FILL, company=company.key, accounts=ACCOUNTS).split("|")
        yield company
    finally:
        made.close()


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


def run_as_api(company, statements):
    """What statements print, as the program's role, with the tenant set and generic plans that are taken to cost much."""
    return company.instance.psql(
        f"""
        BEGIN;
        SELECT set_config('leap.company_id', '{company.number}', true), set_config('leap.client', 'tests', true) \\g /dev/null
        SET LOCAL plan_cache_mode = force_generic_plan;
        SET LOCAL jit_above_cost = 0;
        {statements}
        ROLLBACK;
        """,
        role="leap_api",
    )


def assert_reads_a_page(company, name):
    explained = run_as_api(company, f"""
        PREPARE statement AS {text_of(name)}
        EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE statement({company.number}, {PARAMETERS[name]});
    """)  # fmt: skip
    [whole] = json.loads(explained)
    # As costly as a page of a large company is taken to be: compiling it took hundreds of times as long as reading it.
    assert "JIT" not in whole
    plan = whole["Plan"]
    read = [node for node in nodes(plan) if node.get("Relation Name") in TABLES]
    assert read
    for node in read:
        assert node["Node Type"] in ("Index Scan", "Index Only Scan"), node
        assert node["Actual Rows"] <= 100 and node.get("Rows Removed by Filter", 0) == 0, node


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_generic_plan_reads_by_index_and_no_more_than_a_page(large, name):
    assert_reads_a_page(large, name)


@pytest.mark.parametrize("flag", ["NULL", "now()"])
@pytest.mark.parametrize("name", ["list_all", "list_acked", "list_unacked"])
def test_also_where_all_or_none_are_acknowledged_and_the_statistics_do_not_know_it(large, name, flag):
    large.instance.psql(
        "SET session_replication_role = replica;"
        f"UPDATE leap.account SET unacked_since = {flag} WHERE company_id = {large.number};"
    )
    assert_reads_a_page(large, name)


def entries(format):
    """A thousand acknowledgements of accounts."""
    return f"(SELECT jsonb_agg(jsonb_build_array({format}, NULL)) FROM generate_series(1, 1000) n)"


# The functions that write, their parameters behind the company, and how many accounts these name.
WRITES = {
    "acknowledge_accounts": (entries("(:first + n)::text"), 1000),
    "acknowledge_accounts_by_extid": (entries("'E' || n"), 1000),
    "set_extid": (":first, 'new'", 1),
    "add_comment": (":first, 'A comment.'", 1),
    "update_account": (
        """:first, '{"email": "new@example.net", "additional_fields": {"shoe-size": "Ten"}}', NULL, 'update'""", 1,
    ),
}  # fmt: skip
READS_AN_ACCOUNT = 20


# The second is what a planner with unlucky statistics does: it reads a company whole where a join is all that bounds it.
PLANNERS = pytest.mark.parametrize("planner", ["", "SET LOCAL enable_nestloop = off;"], ids=["as it is", "no nested loop"])


@PLANNERS
@pytest.mark.parametrize("name", WRITES)
def test_a_write_reads_by_index_and_no_more_than_it_names(large, name, planner):
    parameters, named = WRITES[name]
    scanned, fetched = run_as_api(large, f"""
        {planner}
        \\set first {large.first}
        SELECT leap.{name}({large.number}, {parameters}) \\g /dev/null
        SELECT sum(seq_tup_read), sum(idx_tup_fetch) FROM pg_stat_xact_user_tables
        WHERE schemaname = 'leap' AND relname IN ({", ".join(f"'{table}'" for table in TABLES)});
    """).split("|")  # fmt: skip
    assert int(scanned) == 0
    assert 0 < int(fetched) <= READS_AN_ACCOUNT * named
