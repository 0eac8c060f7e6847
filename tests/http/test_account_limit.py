"""The account limit: it counts active accounts, is per company, and holds exactly under concurrent creates."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from documents import EMAIL, GENDER, account, assert_invalid, insert_account
from leap_client import NAMESPACE

REFUSAL = f"""<?xml version="1.0" encoding="UTF-8"?>
<error xmlns="{NAMESPACE}" code="account-limit">
    <message>Account limit reached.</message>
    <field-errors/>
</error>
"""


def create(company, number=0):
    return company.client.post("customers", account({EMAIL: f"create-{number}@example.net"}))


def set_limit(company, accounts):
    company.dba(f"SELECT leap.set_account_limit(:'company', {accounts});")


def set_status(company, identifier, status):
    company.dba("SELECT leap.set_account_status(:'company', :identifier, :'status');",
                identifier=identifier, status=status)  # fmt: skip


def update_status(company, identifier, status):
    company.dba("UPDATE leap.account SET account_status = :'status' WHERE identifier = :identifier;",
                identifier=identifier, status=status)  # fmt: skip


def count_active(company):
    return int(company.dba("SELECT count(*) FROM leap.account JOIN leap.company USING (company_id) "
                           "WHERE company = :'company' AND account_status = 'Active';"))  # fmt: skip


def assert_limit_reached(response):
    assert response.status == 403
    assert response.body.decode() == REFUSAL


def test_at_the_limit_a_create_is_forbidden(company):
    set_limit(company, 1)
    assert create(company, 1).status == 201
    assert_limit_reached(create(company, 2))
    assert count_active(company) == 1


def test_a_limit_of_0_allows_none(company):
    set_limit(company, 0)
    assert_limit_reached(create(company))


def test_the_limit_is_a_companys_own(company, make_company):
    other = make_company()
    set_limit(company, 0)
    insert_account(other)
    assert create(other).status == 201


def test_without_a_limit_there_is_none(company):
    set_limit(company, 0)
    set_limit(company, "null")
    assert create(company).status == 201


def test_a_limit_set_below_the_present_count_keeps_what_is_there(company):
    identifiers = [insert_account(company) for _ in range(3)]
    set_limit(company, 2)
    assert count_active(company) == 3
    assert_limit_reached(create(company))
    set_status(company, identifiers[0], "Inactive")
    assert_limit_reached(create(company))
    set_status(company, identifiers[1], "Inactive")
    assert create(company).status == 201
    assert count_active(company) == 2


def test_only_active_accounts_count(company):
    identifier = insert_account(company)
    set_limit(company, 1)
    assert_limit_reached(create(company))
    set_status(company, identifier, "Inactive")
    assert create(company).status == 201


@pytest.mark.parametrize("change", [set_status, update_status])
def test_reactivation_over_the_limit_is_refused(company, change):
    identifier = insert_account(company)
    change(company, identifier, "Inactive")
    set_limit(company, 0)
    with pytest.raises(RuntimeError, match="Account limit reached"):
        change(company, identifier, "Active")
    set_limit(company, 1)
    change(company, identifier, "Active")
    assert_limit_reached(create(company))


def test_an_insert_over_the_limit_is_refused(company):
    set_limit(company, 1)
    insert_account(company)
    with pytest.raises(RuntimeError, match="Account limit reached"):
        insert_account(company)


def test_validation_comes_before_the_limit(company):
    set_limit(company, 1)
    insert_account(company, email="create-0@example.net")
    assert_invalid(create(company), (EMAIL, "duplicate"))
    response = company.client.post("customers", account({GENDER: "x"}))
    assert_invalid(response, (GENDER, "invalid"))


def test_a_create_that_is_refused_for_another_reason_takes_no_place(company):
    insert_account(company, email="create-0@example.net")
    set_limit(company, 2)
    assert create(company, 0).status == 400
    assert create(company, 1).status == 201


def test_the_limit_holds_exactly_under_concurrent_creates(company):
    insert_account(company)
    set_limit(company, 4)
    with ThreadPoolExecutor(9) as pool:
        responses = list(pool.map(lambda number: create(company, number), range(9)))
    assert sorted(response.status for response in responses) == [201] * 3 + [403] * 6
    for response in responses:
        if response.status == 403:
            assert_limit_reached(response)
    assert count_active(company) == 4
