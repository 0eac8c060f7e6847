"""The change feed: GET customers?changed-after=…"""

import pytest

from documents import insert_account
from feed_follower import read_page
from open_transaction import OpenTransaction


def read(client, path="customers?changed-after="):
    """The identifiers of a page, and the path of the next."""
    accounts, following = read_page(client, path)
    return [account.get("identifier") for account in accounts], following


def rename(company, identifier, name):
    company.dba("UPDATE leap.account SET given_name = :'name' WHERE identifier = :identifier", identifier=identifier, name=name)


def test_changed_accounts_come_once_in_the_order_of_their_last_changes(company):
    first, second, third = (insert_account(company) for _ in range(3))
    rename(company, first, "Changed")
    found, after = read(company.client)
    assert found == [second, third, first]
    rename(company, third, "Later")
    rename(company, third, "Last")
    assert read(company.client, after)[0] == [third]


def test_every_page_has_a_next_cursor_also_an_empty_one(company):
    found, after = read(company.client)
    assert found == []
    identifier = insert_account(company)
    found, after = read(company.client, after)
    assert found == [identifier]
    assert read(company.client, after) == ([], after)


def test_pages_have_the_limit_s_length(company):
    accounts = [insert_account(company) for _ in range(5)]
    found, after = read(company.client, "customers?changed-after=&limit=2")
    assert found == accounts[:2]
    found, after = read(company.client, after)
    assert found == accounts[2:4]
    assert read(company.client, after)[0] == accounts[4:]


def test_it_shows_inactive_accounts_and_touches_no_flag(company):
    identifier = insert_account(company)
    company.dba("SELECT leap.set_account_status(:'company', :identifier, 'Inactive')", identifier=identifier)
    reply = company.client.get("customers?changed-after=")
    [account] = reply.document
    assert account.findtext("account-status") == "Inactive"
    assert account.get("unacked-since") is not None


def test_what_is_no_change_does_not_move_an_account(company):
    first, second = insert_account(company), insert_account(company)
    after = read(company.client)[1]
    company.dba("UPDATE leap.account SET extid = 'E', unacked_since = NULL WHERE identifier = :n", n=first)
    assert read(company.client, after)[0] == []
    assert read(company.client)[0] == [first, second]


def test_a_change_that_commits_late_is_waited_for_and_not_skipped(company, instance):
    first, second = insert_account(company), insert_account(company)
    after = read(company.client)[1]
    late = OpenTransaction(instance, f"UPDATE leap.account SET given_name = 'Late' WHERE identifier = {first};")
    rename(company, second, "Early")
    found, still = read(company.client, after)
    assert found == []  # the early one waits for the late one, which began before
    late.end("COMMIT")
    found, _ = read(company.client, still)
    assert sorted(found) == [first, second]


def test_two_followers_do_not_disturb_each_other(company):
    identifier = insert_account(company)
    one = read(company.client)[1]
    two = read(company.client)[1]
    rename(company, identifier, "New")
    assert read(company.client, one)[0] == read(company.client, two)[0] == [identifier]


def test_another_company_s_changes_are_not_there(company, make_company):
    insert_account(make_company())
    assert read(company.client)[0] == []


@pytest.mark.parametrize("query", [
    "changed-after=x", "changed-after=1.2.3", "changed-after=00000000-0000-0000-0000-000000000000",
    "changed-after=00000000-0000-0000-0000-000000000000.1", "changed-after=00000000-0000-0000-0000-000000000000.1.x",
    "changed-after=&offset=1", "changed-after=&acked=true", "changed-after=&after=1", "changed-after=&limit=0",
    "changed-after=&limit=101",
])  # fmt: skip
def test_a_malformed_cursor_or_another_parameter_is_refused(company, query):
    reply = company.client.get(f"customers?{query}")
    assert (reply.status, reply.code) == (400, "malformed-request")


def test_a_cursor_of_a_generation_that_is_not_known_starts_over(company):
    identifier = insert_account(company)
    unknown = "00000000-0000-0000-0000-000000000000.999999999.1"
    assert read(company.client, f"customers?changed-after={unknown}")[0] == [identifier]
