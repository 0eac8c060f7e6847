"""Many accounts at once: GET customers?identifier=…&extid=…"""

import pytest

from documents import insert_account


def identifiers(reply):
    assert reply.status == 200
    return [account.get("identifier") for account in reply.document]


@pytest.fixture
def accounts(company):
    """Three accounts: plain, with an external identifier, and an inactive one with another."""
    return [
        insert_account(company),
        insert_account(company, extid="A/1,2"),
        insert_account(company, extid="B", account_status="Inactive"),
    ]


def test_those_that_exist_come_by_identifier_active_or_not(company, accounts):
    first, second, third = accounts
    reply = company.client.get(f"customers?identifier={third},999,{first}&extid=A%2F1%2C2&extid=none")
    assert identifiers(reply) == [first, second, third]
    assert "Link" not in reply.headers


def test_an_account_that_is_named_twice_comes_once(company, accounts):
    reply = company.client.get(f"customers?identifier={accounts[1]},0{accounts[1]}&extid=A/1,2")
    assert identifiers(reply) == [accounts[1]]


def test_another_company_s_accounts_are_not_there(company, make_company):
    foreign = insert_account(make_company(), extid="F")
    assert identifiers(company.client.get(f"customers?identifier={foreign}&extid=F")) == []


def test_together_they_are_at_most_100_repeats_counted(company, accounts):
    assert identifiers(company.client.get("customers?extid=B&identifier=" + ",".join(99 * ["1"]))) == [accounts[2]]
    reply = company.client.get("customers?extid=B&identifier=" + ",".join(100 * ["1"]))
    assert (reply.status, reply.code) == (400, "malformed-request")


@pytest.mark.parametrize("query", [
    "identifier=", "identifier=x", "identifier=1,", "identifier=,1", "identifier=1,,2", "identifier=-1", "extid=", "extid=%20",
    f"identifier={19 * '1'}", "identifier=1&limit=5", "extid=A&acked=true", "identifier=1&after=1", "identifier=1&identifier=2",
    "identifier=1&changed-after=",
])  # fmt: skip
def test_malformed_and_mixed_names_are_refused(company, query):
    reply = company.client.get(f"customers?{query}")
    assert (reply.status, reply.code) == (400, "malformed-request")
