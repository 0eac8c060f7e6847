"""Find customer accounts using additional fields, in both forms, and using email address."""

import json
import re
from urllib.parse import quote

import pytest

from documents import insert_account


def identifiers(reply):
    assert reply.status == 200, reply.body
    assert reply.document.tag == "accounts"
    return [account.get("identifier") for account in reply.document]


def with_field(company, value, key="shoe-size", **columns):
    return insert_account(company, additional_fields=json.dumps({key: value}), **columns)


def by_field(company, value, form, key="shoe-size", query=""):
    if form == "path":
        return company.client.get(f"customers/by-additional-field/{key}/{quote(value, safe='')}?{query}")
    return company.client.get(f"customers/by-additional-field/{key}?value={quote(value, safe='')}&{query}")


FORMS = pytest.mark.parametrize("form", ["path", "parameter"])


@FORMS
@pytest.mark.parametrize("value", [
    "Nine", "a/b", "a%2Fb", "a+b c", "//", "?#;&=", "Zoë 東京", 1000 * "\u6771", "acked", "two\nlines", "%",
])  # fmt: skip
def test_accounts_are_found_by_the_whole_value(company, value, form):
    found = with_field(company, value)
    with_field(company, value[:-1] + "x")
    assert identifiers(by_field(company, value, form)) == [found]


@FORMS
def test_values_are_case_sensitive_trimmed_and_of_their_field(company, form):
    found = with_field(company, "Nine")
    with_field(company, "Nine", key="crm-identifier")
    assert identifiers(by_field(company, " Nine\n", form)) == [found]
    assert identifiers(by_field(company, "nine", form)) == []


@FORMS
def test_shared_values_page_by_identifier_inactive_ones_too(company, form):
    made = [with_field(company, "Nine", account_status=status) for status in ("Active", "Inactive", "Active")]
    assert identifiers(by_field(company, "Nine", form)) == made
    assert identifiers(by_field(company, "Nine", form, query="limit=1&offset=1")) == made[1:2]
    reply = by_field(company, "Nine", form, query="limit=2")
    link = re.fullmatch(r'<https://[^/]*/api/v1/(customers/[^>]*)>; rel="next"', reply.headers["Link"])
    assert identifiers(company.client.get(link[1])) == made[2:]


@FORMS
def test_values_that_differ_in_the_last_of_1_000_wide_characters(company, form):
    values = [999 * "\U0001f600" + last for last in ("\U0001f600", "\U0001f601")]
    made = [with_field(company, value) for value in values]
    assert [identifiers(by_field(company, value, form)) for value in values] == [[identifier] for identifier in made]
    assert identifiers(by_field(company, values[0] + "x", form)) == []


def test_any_value_is_found_and_no_similar_one(company):
    values = [
        "Nine", "\xa0Nine", "Nine\u2003", "e\u0301", "\xe9", "A", "a", "10000001", "10000001.", "O'Neil", "O'Neil\\", "a\rb", "a\nb",
        "a\x7fb", "a\x85b", "ab",
    ]  # fmt: skip
    made = [with_field(company, value) for value in values]
    for form in "path", "parameter":
        assert [identifiers(by_field(company, value, form)) for value in values] == [[identifier] for identifier in made]


def test_changed_and_removed_values_are_found_no_more(company):
    identifier = with_field(company, "Nine")
    for fields, ten in ('{"shoe-size": "Ten"}', [identifier]), ("{}", []):
        company.dba("UPDATE leap.account SET additional_fields = :'fields' WHERE identifier = :n", fields=fields, n=identifier)
        assert identifiers(by_field(company, "Nine", "path")) == []
        assert identifiers(by_field(company, "Ten", "path")) == ten


@FORMS
def test_an_unknown_field_is_refused(company, make_company, form):
    make_company().dba("SELECT leap.define_field(:'company', 'foreign', 'F')")
    for key in "unknown", "foreign", "Shoe-Size":
        reply = by_field(company, "Nine", form, key=key)
        assert (reply.status, reply.code) == (400, "unknown-key")


@pytest.mark.parametrize("target", [
    "shoe-size", "shoe-size?limit=1", "shoe-size?value=1&value=2", "shoe-size/Nine?value=1", "shoe-size/Nine?limit=0",
    "shoe-size/Nine?offset=x", "shoe-size/Nine?acked=true", "shoe-size/%zz", "shoe-size/%FF",
])  # fmt: skip
def test_wrong_parameters_are_refused(company, target):
    reply = company.client.get(f"customers/by-additional-field/{target}")
    assert (reply.status, reply.code) == (400, "malformed-request")


def test_a_missing_value_s_path_is_unknown_where_it_is_empty(company):
    assert company.client.get("customers/by-additional-field").code == "unknown-path"
    assert company.client.get("customers/by-additional-field/shoe-size//").code == "unknown-path"


def test_another_company_s_values_are_not_found(company, make_company):
    with_field(make_company(), "Nine")
    assert identifiers(by_field(company, "Nine", "path")) == []


@pytest.mark.parametrize("sent", ["Joe.O'Neil+x@Example.NET", "JOE.O%27NEIL%2Bx@example.net", " joe.o'neil+x@example.net "])
def test_an_account_is_found_by_its_address_ascii_letters_folded(company, sent):
    found = insert_account(company, email="Joe.O'Neil+x@Example.NET", account_status="Inactive")
    insert_account(company, email="other@example.net")
    reply = company.client.get(f"customers/by_email/original/{sent.replace(' ', '%20')}")
    assert identifiers(reply) == [found]
    assert reply.document[0].findtext("account-status") == "Inactive"


def test_within_its_community_only(company):
    company.dba("SELECT leap.create_community(:'company', 'second')")
    insert_account(company, email="joe@example.net")
    assert identifiers(company.client.get("customers/by_email/second/joe@example.net")) == []
    both = insert_account(company, email="joe@example.net", communities="{second}")
    assert identifiers(company.client.get("customers/by_email/second/joe@example.net")) == [both]


def test_an_unknown_community_is_refused_and_an_unknown_address_is_an_empty_list(company, make_company):
    make_company().dba("SELECT leap.create_community(:'company', 'foreign')")
    for community in "unknown", "foreign", "Original":
        reply = company.client.get(f"customers/by_email/{community}/joe@example.net")
        assert (reply.status, reply.code) == (400, "unknown-key")
    assert identifiers(company.client.get("customers/by_email/original/joe@example.net")) == []
    assert identifiers(company.client.get("customers/by_email/original/nonsense")) == []


@pytest.mark.parametrize("query", ["limit=1", "offset=0", "x=1"])
def test_by_address_takes_no_parameter(company, query):
    reply = company.client.get(f"customers/by_email/original/joe@example.net?{query}")
    assert (reply.status, reply.code) == (400, "malformed-request")
