"""Path values: whatever an external identifier holds, each form of the path reaches its account and no other."""

import json
from urllib.parse import quote
from xml.sax.saxutils import escape

import pytest

from documents import insert_account

XML = {"Content-Type": "application/xml"}
UPDATE = b"""<account><owner><name><family-name>B</family-name><given-name>Reached</given-name></name></owner></account>"""
LOGIN = b"<change-login><login-id>reached@example.net</login-id></change-login>"
COMMENT = b"<customer-update><comment>reached</comment></customer-update>"

EXTIDS = [
    "a/b", "a%2Fb", "a%252Fb", "a+b", "//", "/", "a//b", "a?b", "a#b", "a;b=c", "a b", "a&b=c", "Zo\u00eb \u6771\u4eac", "100%",
    "x/change-login", "change-login", "acked", "extid", "by_email", "comments", "external/acked", "%zz", "a.b..c", "1",
]  # fmt: skip


@pytest.fixture
def accounts(company):
    """An account for each external identifier."""
    return {extid: insert_account(company, extid=extid) for extid in EXTIDS}


def test_every_form_reaches_the_account(company, accounts):
    for extid, identifier in accounts.items():
        path = f"customers/extid/{quote(extid, safe='')}"
        replies = {
            "show": company.client.get(path),
            "update": company.client.put(path, UPDATE, XML),
            "change-login": company.client.put(f"{path}/change-login", LOGIN.replace(b"reached@", f"{identifier}@".encode()), XML),
            "comment": company.client.post(f"{path}/comments", COMMENT, XML),
        }
        for form, reply in replies.items():
            assert reply.status in (200, 201), (extid, form, reply.body)
            assert (reply.document.get("identifier"), reply.document.get("extid")) == (identifier, extid), (extid, form)
        assert [comment.text for comment in company.client.get(f"{path}/comments").document] == ["reached"], extid
    assert company.dba("SELECT count(*) FROM leap.account JOIN leap.company USING (company_id) WHERE company = :'company'"
                       " AND given_name = 'Reached' AND email = identifier || '@example.net' AND version = 3"
                       ) == str(len(EXTIDS))  # fmt: skip


def test_an_extid_that_is_not_encoded_is_another_path(company, accounts):
    assert company.client.get("customers/extid/a/b").code == "unknown-path"
    assert company.client.get("customers/extid/x/change-login").code == "method-not-allowed"


def test_an_operations_name_in_an_extid_is_the_operation_only_when_not_encoded(company):
    accounts = {extid: insert_account(company, extid=extid) for extid in ("x", "x/change-login")}
    login = company.client.put("customers/extid/x/change-login", LOGIN, XML)
    assert (login.status, login.document.get("identifier")) == (201, accounts["x"])
    update = company.client.put("customers/extid/x%2Fchange-login", UPDATE, XML)
    assert (update.status, update.document.get("identifier")) == (201, accounts["x/change-login"])
    for path, allowed in (("x/change-login", {"PUT"}), ("x%2Fchange-login", {"GET", "HEAD", "PUT"})):
        response = company.client.options(f"customers/extid/{path}")
        assert {name.strip() for name in response.headers["Allow"].split(",")} - {"OPTIONS"} == allowed
        assert company.client.head(f"customers/extid/{path}").status == (200 if "GET" in allowed else 405)


def test_any_extid_can_be_acknowledged(company, accounts):
    entries = "".join(f"<acknowledgement>{escape(extid)}</acknowledgement>" for extid in EXTIDS)
    body = f"<acknowledgements>{entries}</acknowledgements>".encode()
    assert company.client.post("customers/external/acked", body, XML).status == 204
    assert len(company.client.get("customers?acked=true").document) == len(EXTIDS)


# A web server takes . and .. for steps in the path, so a value that has them is looked up by the query.
STEPS = [".", "..", "../acked", "a/../b", "a/.", "/../../etc/passwd"]


def found(company, path):
    """The identifiers of the accounts that a search lists."""
    return [account.get("identifier") for account in company.client.get(f"customers/by-additional-field/{path}").document]


def test_both_forms_of_a_search_find_any_field_value(company):
    values = [*EXTIDS, *STEPS]
    accounts = {value: insert_account(company, additional_fields=json.dumps({"shoe-size": value})) for value in values}
    for value, identifier in accounts.items():
        assert found(company, f"shoe-size?value={quote(value, safe='')}") == [identifier], value
    for value in EXTIDS:
        assert found(company, f"shoe-size/{quote(value, safe='')}") == [accounts[value]], value
    assert found(company, "shoe-size/a+b") == found(company, "shoe-size?value=a%2Bb") == [accounts["a+b"]]
    assert found(company, "shoe-size/a%20b") == found(company, "shoe-size?value=a+b") == [accounts["a b"]]


@pytest.mark.parametrize("address", ["a/b@example.net", "a+b@example.net", "a?b#c@example.net", "100%2F@example.net", "&'=@example.net"])
def test_any_email_is_found_in_its_encoded_form(company, address):
    identifier = insert_account(company, email=address)
    insert_account(company)
    accounts = company.client.get(f"customers/by_email/original/{quote(address, safe='')}").document
    assert [account.get("identifier") for account in accounts] == [identifier]
