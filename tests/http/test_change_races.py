"""Updates and change-logins that meet other writes to the same account, or to the same e-mail address."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from documents import (
    COMMUNITY, FAMILY_NAME, GIVEN_NAME, SHOE_SIZE, TEL_PREF, TEL_VOICE, CRM_IDENTIFIER, assert_invalid, build,
    insert_account, personal_values,
)  # fmt: skip
from open_transaction import OpenTransaction

NAMES = {GIVEN_NAME: "Ann", FAMILY_NAME: "Other"}
LOGIN_ID = "/change-login/login-id"


def put(company, identifier, changes):
    return company.client.put(f"customers/{identifier}", build(NAMES | changes))


def change_login(company, identifier, login):
    body = f"<change-login><login-id>{login}</login-id></change-login>".encode()
    return company.client.put(f"customers/{identifier}/change-login", body)


def while_open(company, sql, how, request, *arguments):
    """The response to a request that waits for a transaction, which then ends."""
    with OpenTransaction(company.instance, sql) as transaction, ThreadPoolExecutor(1) as pool:
        response = pool.submit(request, company, *arguments)
        transaction.wait_until_somebody_waits()
        transaction.end(how)
        return response.result()


@pytest.fixture
def account(company):
    company.dba("SELECT leap.create_community(:'company', 'other');")
    return insert_account(company, email="ann@example.net")


def taking(company, community):
    return f"""INSERT INTO leap.account (company_id, email, given_name, family_name, communities)
        SELECT company_id, 'taken@example.net', 'Ann', 'Other', '{{{community}}}'
        FROM leap.company WHERE company = '{company.key}';"""


WAITING = [
    (change_login, ("Taken@example.net",), 400, LOGIN_ID),
    (put, ({COMMUNITY: "other"},), 409, COMMUNITY),
]


def waiting(company, account, request):
    """The community in which the other transaction takes the address that the request is about to."""
    if request is change_login:
        return "original"
    company.dba("UPDATE leap.account SET email = 'taken@example.net' WHERE identifier = :id;", id=account)
    return "other"


@pytest.mark.parametrize("request_, arguments, status, path", WAITING)
def test_an_email_that_another_transaction_takes_meanwhile_is_a_duplicate(company, account, request_, arguments, status, path):
    sql = taking(company, waiting(company, account, request_))
    response = while_open(company, sql, "COMMIT", request_, account, *arguments)
    assert_invalid(response, (path, "duplicate"), status=status)


@pytest.mark.parametrize("request_, arguments, status, path", WAITING)
def test_an_email_that_another_transaction_gives_up_is_free(company, account, request_, arguments, status, path):
    sql = taking(company, waiting(company, account, request_))
    assert while_open(company, sql, "ROLLBACK", request_, account, *arguments).status == 201


def test_of_change_logins_at_once_to_one_address_exactly_one_succeeds(company):
    accounts = [insert_account(company) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        responses = list(pool.map(lambda account: change_login(company, account, "one@example.net"), accounts))
    refused = [response for response in responses if response.status != 201]
    assert len(refused) == 5
    for response in refused:
        assert_invalid(response, (LOGIN_ID, "duplicate"))


@pytest.mark.parametrize("request_, arguments", [(change_login, ("new@example.net",)), (put, ({TEL_VOICE: "1"},))])
def test_an_account_that_is_deactivated_meanwhile_is_404(company, account, request_, arguments):
    sql = f"UPDATE leap.account SET account_status = 'Inactive' WHERE identifier = {account};"
    response = while_open(company, sql, "COMMIT", request_, account, *arguments)
    assert (response.status, response.code, response.problems) == (404, "inactive-account", [])


def test_an_update_keeps_what_another_transaction_changes_meanwhile(company, account):
    """Also the value of another additional field, and the e-mail address."""
    sql = f"""UPDATE leap.account SET tel_pref = '2', email = 'new@example.net', additional_fields = '{{"shoe-size": "2"}}'
        WHERE identifier = {account};"""
    response = while_open(company, sql, "COMMIT", put, account, {TEL_VOICE: "1", CRM_IDENTIFIER: "1"})
    assert (response.status, response.document.get("version")) == (201, "3")
    found = personal_values(company.client.get(f"customers/{account}").document)
    assert (found[TEL_VOICE], found[CRM_IDENTIFIER]) == ("1", "1")
    assert (found[TEL_PREF], found[SHOE_SIZE], found["/account/owner/email"]) == ("2", "2", "new@example.net")


def test_of_updates_at_once_none_is_lost(company, account):
    changes = [{TEL_PREF: "1"}, {TEL_VOICE: "2"}, {SHOE_SIZE: "3"}, {CRM_IDENTIFIER: "4"}]
    with ThreadPoolExecutor(4) as pool:
        responses = list(pool.map(lambda change: put(company, account, change), changes))
    assert {response.status for response in responses} == {201}
    assert sorted(response.document.get("version") for response in responses) == ["2", "3", "4", "5"]
    found = personal_values(company.client.get(f"customers/{account}").document)
    assert {path: found[path] for change in changes for path in change} == {path: change[path] for change in changes for path in change}
