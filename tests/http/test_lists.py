"""Retrieve all customers: GET customers."""

import re

import pytest

from documents import insert_account


def identifiers(reply):
    assert reply.status == 200, reply.body
    assert reply.document.tag == "accounts"
    return [account.get("identifier") for account in reply.document]


@pytest.fixture
def accounts(company):
    """Five accounts; the second and fourth have nothing to acknowledge, the fifth is inactive."""
    made = [insert_account(company) for _ in range(4)] + [insert_account(company, account_status="Inactive")]
    company.dba("UPDATE leap.account SET unacked_since = NULL WHERE identifier IN (:a, :b)", a=made[1], b=made[3])
    return made


def test_none_is_an_empty_list(company):
    assert identifiers(company.client.get("customers")) == []


def test_all_come_by_identifier_with_their_status_as_they_are_shown_alone(company, accounts):
    reply = company.client.get("customers")
    assert identifiers(reply) == accounts
    assert [account.findtext("account-status") for account in reply.document] == 4 * ["Active"] + ["Inactive"]
    alone = company.client.get(f"customers/{accounts[0]}").document
    listed = reply.document[0]
    assert dict(alone.attrib) == dict(listed.attrib)
    assert [(part.tag, part.text) for part in alone.iter() if not len(part)] == [
        (part.tag, part.text) for part in listed.iter() if not len(part)
    ]


@pytest.mark.parametrize("acked, expected", [("true", [1, 3]), ("false", [0, 2, 4])])
def test_acked_tells_those_with_and_without_changes_apart(company, accounts, acked, expected):
    assert identifiers(company.client.get(f"customers?acked={acked}")) == [accounts[n] for n in expected]


def test_a_change_by_the_dba_lists_an_account_again(company, accounts):
    company.dba("UPDATE leap.account SET tel_pref = '1' WHERE identifier = :n", n=accounts[1])
    assert identifiers(company.client.get("customers?acked=true")) == [accounts[3]]


@pytest.mark.parametrize("query, expected", [
    ("limit=2", [0, 1]), ("limit=2&offset=1", [1, 2]), ("offset=4", [4]), ("offset=5", []), ("offset=2147483647", []),
    ("limit=100", [0, 1, 2, 3, 4]), ("limit=1&offset=0", [0]), ("limit=%202&offset=+3", [3, 4]), ("acked=false&limit=1&offset=1", [2]),
])  # fmt: skip
def test_limit_and_offset_page(company, accounts, query, expected):
    assert identifiers(company.client.get(f"customers?{query}")) == [accounts[n] for n in expected]


def test_a_page_is_100_unless_told_otherwise(company):
    made = company.dba(
        "INSERT INTO leap.account (company_id, email, given_name, family_name, communities)"
        " SELECT company_id, n || '@example.net', 'A', 'B', '{original}' FROM leap.company, generate_series(1, 101) n"
        " WHERE company = :'company' RETURNING identifier").splitlines()  # fmt: skip
    assert identifiers(company.client.get("customers")) == made[:100]


@pytest.mark.parametrize("length", [0, 50, 600, 900])
def test_a_large_page_arrives_whole(company, length):
    """From some 90 KiB, more than one record of FastCGI, to half a mebibyte."""
    company.dba(
        "INSERT INTO leap.account (company_id, email, given_name, family_name, communities, additional_fields)"
        " SELECT company_id, n || '@example.net', 'A', 'B', '{original}',"
        " jsonb_build_object('shoe-size', n || repeat('é', :n), 'crm-identifier', repeat(chr(96 + n % 26), :n + n))"
        " FROM leap.company, generate_series(1, 100) n WHERE company = :'company'", n=length)  # fmt: skip
    reply = company.client.get("customers")
    assert int(reply.headers["Content-Length"]) == len(reply.body)
    texts = [[field.text for field in account.iter("field")] for account in reply.document]
    assert texts == [[chr(96 + n % 26) * (length + n), f"{n}{'é' * length}"] for n in range(1, 101)]


@pytest.mark.parametrize("query", [
    "limit=0", "limit=101", "limit=-1", "limit=x", "limit=", "limit=1.5", "offset=-1", "offset=2147483648", "offset=x", "offset=",
    "acked=yes", "acked=TRUE", "acked=", "acked=true&acked=true", "limit=1&limit=1", "unknown=1", "Limit=1", "after=x", "after=",
    "after=1&offset=1", "limit=%zz", "%FF=1",
])  # fmt: skip
def test_wrong_parameters_are_refused(company, query):
    reply = company.client.get(f"customers?{query}")
    assert (reply.status, reply.code) == (400, "malformed-request")


@pytest.mark.parametrize("query, pages", [
    ("limit=2", [[0, 1], [2, 3], [4]]), ("limit=2&offset=1", [[1, 2], [3, 4], []]), ("acked=false&limit=2", [[0, 2], [4]]),
])  # fmt: skip
def test_a_full_page_links_to_the_next_keeping_filter_and_limit(company, accounts, query, pages):
    path = f"customers?{query}"
    for number, page in enumerate(pages):
        reply = company.client.get(path)
        assert identifiers(reply) == [accounts[n] for n in page]
        if number == len(pages) - 1:
            assert "Link" not in reply.headers
        else:
            link = re.fullmatch(r'<https://[^/]*/api/v1/(customers\?[^>]*)>; rel="next"', reply.headers["Link"])
            path = link[1]
            assert "after=" in path and "offset" not in path


def test_another_company_s_accounts_are_not_there(company, make_company):
    insert_account(make_company())
    assert identifiers(company.client.get("customers")) == []


def test_property_relationships_are_listed_each_with_its_own_flag(company, accounts):
    company.dba("INSERT INTO leap.property_relationship (company_id, identifier, account_identifier, unacked_since)"
                " SELECT company_id, v.* FROM leap.company, (VALUES (2, :n::bigint, NULL),"
                " (1, :n::bigint, '2011-03-17 16:34:29+11'::timestamptz)) v WHERE company = :'company'", n=accounts[1])
    listed = company.client.get("customers").document
    assert [account.find("property-relationships") is not None for account in listed] == [False, True, False, False, False]
    first, second = listed[1].find("property-relationships")
    assert first.get("identifier") == "1" and first.get("unacked-since") == "2011-03-17T05:34:29.000+0000"
    assert first.get("ref") == f"https://{company.host}:{company.client.port}/api/v1/property-relationship/1"
    assert second.get("identifier") == "2" and second.get("unacked-since") is None


def test_it_takes_the_permission_to_read(company):
    company.dba("SELECT leap.set_api_client_permission(:'company', 'tests', 'read-only')")
    assert company.client.get("customers").status == 200
