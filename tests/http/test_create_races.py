"""Creates that meet other writes: of two accounts with one e-mail address or extid, exactly one is created."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from documents import EMAIL, EXTID, account, assert_invalid
from open_transaction import OpenTransaction

INSERT = """INSERT INTO leap.account (company_id, extid, email, given_name, family_name, communities)
    SELECT company_id, 'taken', 'taken@example.net', 'Ann', 'Other', '{original}'
    FROM leap.company WHERE company = '%s';"""
TAKEN = {
    EMAIL: [{EMAIL: "Taken@Example.net"}, {EMAIL: "taken@example.net"}],
    EXTID: [{EXTID: "taken", EMAIL: "a@example.net"}, {EXTID: "taken", EMAIL: "b@example.net"}],
}


def create(company, changes):
    return company.client.post("customers", account(changes))


def create_while(company, transaction, changes, how):
    """The response to a create that waits for a transaction, which then ends."""
    with ThreadPoolExecutor(1) as pool:
        response = pool.submit(create, company, changes)
        transaction.wait_until_somebody_waits()
        transaction.end(how)
        return response.result()


@pytest.mark.parametrize("path", TAKEN)
def test_a_value_that_another_transaction_takes_meanwhile_is_a_duplicate(company, path):
    with OpenTransaction(company.instance, INSERT % company.key) as transaction:
        response = create_while(company, transaction, TAKEN[path][0], "COMMIT")
    assert_invalid(response, (path, "duplicate"))


def test_two_values_that_another_transaction_takes_meanwhile_are_both_named(company):
    with OpenTransaction(company.instance, INSERT % company.key) as transaction:
        response = create_while(company, transaction, {EXTID: "taken", EMAIL: "taken@example.net"}, "COMMIT")
    assert_invalid(response, (EXTID, "duplicate"), (EMAIL, "duplicate"))


@pytest.mark.parametrize("path", TAKEN)
def test_a_value_that_another_transaction_gives_up_is_free(company, path):
    with OpenTransaction(company.instance, INSERT % company.key) as transaction:
        response = create_while(company, transaction, TAKEN[path][0], "ROLLBACK")
    assert response.status == 201


@pytest.mark.parametrize("path", TAKEN)
def test_of_creates_at_once_exactly_one_succeeds(company, path):
    with ThreadPoolExecutor(6) as pool:
        responses = list(pool.map(lambda changes: create(company, changes), TAKEN[path] * 3))
    refused = [response for response in responses if response.status != 201]
    assert len(refused) == 5
    for response in refused:
        assert (path, "duplicate") in response.problems


def test_the_limit_counts_what_another_transaction_adds_meanwhile(company):
    company.dba("SELECT leap.set_account_limit(:'company', 1);")
    with OpenTransaction(company.instance, INSERT % company.key) as transaction:
        response = create_while(company, transaction, {}, "COMMIT")
    assert (response.status, response.message) == (403, "Account limit reached.")


def test_the_limit_does_not_count_what_another_transaction_gives_up(company):
    company.dba("SELECT leap.set_account_limit(:'company', 1);")
    with OpenTransaction(company.instance, INSERT % company.key) as transaction:
        response = create_while(company, transaction, {}, "ROLLBACK")
    assert response.status == 201
