"""Update the external identifier for a customer account: POST and DELETE customers/{identifier}/extid."""

from urllib.parse import quote_plus

import pytest

from documents import insert_account

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def post(company, identifier, body, headers=FORM):
    return company.client.post(f"customers/{identifier}/extid", body if isinstance(body, bytes) else body.encode(), headers)


def set_extid(company, identifier, extid):
    return post(company, identifier, f"extid={quote_plus(extid)}")


@pytest.mark.parametrize("extid", ["CRM-56789", "a b+c/d%2F?#;&=", "Zoë 東京", 64 * "\U0001f600", "x/change-login", "acked"])
def test_it_is_set_and_the_account_is_found_by_it(company, extid):
    identifier = insert_account(company)
    reply = set_extid(company, f"0{identifier}", f" {extid}\n")
    assert reply.status == 200
    assert reply.document.tag == "ref"
    assert (reply.document.get("identifier"), reply.document.get("extid")) == (identifier, extid)
    assert reply.document.get("ref").endswith(f"/customers/{identifier}")
    found = company.client.get("customers/extid/" + quote_plus(extid).replace("+", "%20"))
    assert found.document.get("identifier") == identifier


def test_it_is_no_change_of_the_account_but_in_its_history(company):
    identifier = insert_account(company)
    company.dba("UPDATE leap.account SET unacked_since = NULL WHERE identifier = :n", n=identifier)
    set_extid(company, identifier, "E")
    account = company.client.get(f"customers/{identifier}").document
    assert (account.get("unacked-since"), account.get("version")) == (None, "1")
    assert company.dba("SELECT author, operation, column_name, new_value FROM leap.account_history"
                       " WHERE identifier = :n AND operation = 'extid'", n=identifier) == "tests|extid|extid|E"


def test_the_same_again_is_200_and_another_account_s_is_in_use(company):
    first, second = insert_account(company), insert_account(company)
    assert set_extid(company, first, "E").status == 200
    assert set_extid(company, first, "E").status == 200
    reply = set_extid(company, second, "E")
    assert (reply.status, reply.code) == (409, "extid-in-use")
    assert set_extid(company, second, "e").status == 200


def test_an_inactive_account_gets_one_and_keeps_it(company):
    identifier = insert_account(company, account_status="Inactive")
    assert set_extid(company, identifier, "E").status == 200
    assert set_extid(company, insert_account(company), "E").status == 409


@pytest.mark.parametrize("body", [
    "", "extid=", "extid=+%09", "other=1", "extid=1&other=2", "extid=1&extid=2", "extid=" + 65 * "1", "extid=a%0Ab", "extid=a%7Fb",
    "extid=.", "extid=a/../b", "extid=%zz", "extid=%FF", "extid=%00",
])  # fmt: skip
def test_a_malformed_form_is_refused_without_field_errors(company, body):
    reply = post(company, insert_account(company), body)
    assert (reply.status, reply.code, reply.problems) == (400, "malformed-request", [])


def test_media_types(company):
    identifier = insert_account(company)
    assert post(company, identifier, "extid=E", {}).status == 200
    assert post(company, identifier, "extid=E", {"Content-Type": "application/xml"}).status == 415
    assert post(company, identifier, "extid=E", FORM | {"Content-Encoding": "gzip"}).status == 415


@pytest.mark.parametrize("identifier", ["999", "x", 19 * "1"])
def test_an_unknown_and_a_malformed_identifier_are_unknown(company, identifier):
    for reply in (set_extid(company, identifier, "E"), company.client.delete(f"customers/{identifier}/extid")):
        assert (reply.status, reply.code) == (404, "unknown-account")


def test_another_company_s_account_is_unknown_and_its_extid_is_free(company, make_company):
    foreign = insert_account(make_company(), extid="E")
    assert set_extid(company, foreign, "F").status == 404
    assert set_extid(company, insert_account(company), "E").status == 200


def test_the_malformed_form_comes_before_the_unknown_account_and_that_before_use(company):
    insert_account(company, extid="E")
    assert post(company, "999", "extid=").status == 400
    assert set_extid(company, "999", "E").status == 404


def test_delete_removes_it_also_where_there_is_none(company):
    identifier = insert_account(company, extid="E")
    for _ in range(2):
        reply = company.client.delete(f"customers/{identifier}/extid")
        assert (reply.status, reply.body) == (204, b"")
    assert company.client.get("customers/extid/E").status == 404
    assert company.client.get(f"customers/{identifier}").document.get("extid") is None


def test_they_take_the_permission_to_write(company):
    identifier = insert_account(company)
    company.dba("SELECT leap.set_api_client_permission(:'company', 'tests', 'read-acknowledge')")
    assert set_extid(company, identifier, "E").code == "not-permitted"
    assert company.client.delete(f"customers/{identifier}/extid").code == "not-permitted"
