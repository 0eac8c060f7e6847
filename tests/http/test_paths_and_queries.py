"""Paths, the values in them, identifiers and queries."""

import json
from urllib.parse import quote

import pytest

from documents import EMAIL, account, insert_account
from leap_client import BASE
from web_differences import EXPECTED

CONTROL_CHARACTERS = [chr(number) for number in (*range(1, 32), *range(0x7F, 0xA0))]


@pytest.fixture(scope="module")
def known(make_company):
    """A company with an account; its identifier is known.identifier."""
    company = make_company()
    company.identifier = insert_account(company, extid="known")
    return company


def answer(response):
    return response.status, response.code


# Paths


@pytest.mark.parametrize("form", ["customers/{}", "customers/{}/", "customers/{}?", "customers/{}/?", "%63ustomers/{}"])
def test_a_trailing_slash_is_the_same_path_and_any_character_may_be_encoded(known, form):
    response = known.client.get(form.format(known.identifier))
    assert response.status == 200
    assert response.document.get("ref").endswith(f"/api/v1/customers/{known.identifier}")


@pytest.mark.parametrize("path", ["customers/extid/known", "customers/extid/known/", "customers/%65xtid/%6Bnow%6e"])
def test_an_account_is_found_by_its_external_identifier(known, path):
    assert known.client.get(path).document.get("identifier") == known.identifier


@pytest.mark.parametrize("path", ["customers", "customers/"])
def test_the_path_of_creates(known, path):
    assert answer(known.client.post(path, b"<account/>")) == (400, "validation")


@pytest.mark.parametrize(
    "path",
    [
        "", "x", "customer", "Customers", "CUSTOMERS", "customersx", "account", "accounts",
        "customers//", "/customers", "customers//1", "customers/1//", "customers/1/x", "customers/1//x",
        "customers/extid", "customers/extid/", "customers/extid//", "customers/extid//x", "customers/extid/a/b",
        "customers/extid/a//", "customers/Extid/a", "customers/external", "customers/by-additional-field",
        "customers/by_email", "customers%2F1", "customers%20", "%20customers",
        "customers/external/", "customers/e%78ternal", "customers;x",
    ],
)  # fmt: skip
def test_any_other_path_is_unknown(known, path):
    assert answer(known.client.get(path)) == (404, "unknown-path")


@pytest.mark.parametrize(
    "path",
    [
        "/", "/api", "/api/v1", "/api/v2/customers", "/API/V1/customers", "/customers", "/api//v1/customers",
        "//api/v1/customers", "/x/api/v1/customers",
    ],
)  # fmt: skip
def test_any_path_outside_the_base_is_unknown(known, path):
    assert answer(known.client.request("GET", path)) == (404, "unknown-path")


@pytest.mark.parametrize("word", ["acked", "external", "extid", "by-additional-field", "by_email"])
def test_an_identifier_is_never_one_of_the_words_of_other_paths(known, word):
    """Some of them have operations of their own, with another method."""
    for path in (word, f"{word}/", quote(word).replace("e", "%65")):
        assert known.client.get(f"customers/{path}").code in ("unknown-path", "method-not-allowed")


@pytest.mark.parametrize("word", ["ACKED", "acked2", "by-email", "external-x"])
def test_other_words_are_malformed_identifiers(known, word):
    assert answer(known.client.get(f"customers/{word}")) == (400, "malformed-identifier")


def test_an_encoded_slash_at_the_end_is_part_of_the_value(known):
    identifier = insert_account(known, extid="known/")
    assert known.client.get("customers/extid/known%2F").document.get("identifier") == identifier
    assert known.client.get("customers/extid/known%2f/").document.get("identifier") == identifier
    assert known.client.get("customers/extid/known/").document.get("identifier") == known.identifier
    assert answer(known.client.get(f"customers/{known.identifier}%2F")) == (400, "malformed-identifier")


@pytest.mark.parametrize(
    "wrong",
    ["%", "%4", "%zz", "%G0", "%4G", "%%34", "%00", "a%00b", "%FF", "%C3", "%C3(", "%C0%AF", "%E0%80%AF"]
    + ["%ED%A0%80", "%ED%A0%BD%ED%B1%9F", "%F4%90%80%80", "%F5%80%80%80", "%80", "a%"],
)
@pytest.mark.parametrize("path", ["customers/extid/{}", "customers/{}", "{}", "customers/extid/{}/x", "{}/customers/1"])
def test_a_path_that_is_not_percent_encoded_utf_8_is_400(known, path, wrong):
    for client in (known.client, known.anonymous):
        assert answer(client.get(path.format(wrong))) == (400, "malformed-request")


# Values in a path

EXTIDS = [
    "a/b", "a//b", "/a", "a/", "/", "//", "a%2Fb", "a%252Fb", "a%b", "%", "%%", "a+b", "+", "a b", "a  b", "a?b", "?",
    "a#b", "#", "a;b=c", "a&b=c", "a:b", "a@b", "a\\b", "a,b", "a=b", "$(a)", "'", '"', "<a>&amp;", "*", "~", "|", "^`{}",
    "acked", "extid", "by_email", "x/change-login", "1/comments", "10000001", "customers", "a/...", "..a",
    "é", "e\u0301", "ß", "日本語", "👟", "\u00a0", "\u200b", "\ufeff", "\ufffd", "\U0010fffd", "a" * 64, "👟" * 64,
]  # fmt: skip


@pytest.fixture(scope="module")
def extids(known):
    """An account for each, by one statement; {extid: identifier}."""
    found = known.dba(
        """
        INSERT INTO leap.account (company_id, extid, email, given_name, family_name, communities)
        SELECT company_id, extid, 'extid-' || number || '@example.net', 'Ann', 'Other', '{original}'
        FROM leap.company, jsonb_array_elements_text(:'extids') WITH ORDINALITY AS each (extid, number)
        WHERE company = :'company';
        SELECT jsonb_object_agg(extid, identifier::text)
        FROM leap.account JOIN leap.company USING (company_id) WHERE company = :'company' AND extid IS NOT NULL;
        """,
        extids=json.dumps(EXTIDS),
    )
    return json.loads(found)


@pytest.mark.parametrize("extid", EXTIDS)
def test_a_value_may_hold_any_character_when_encoded(known, extids, extid):
    found = known.client.get(f"customers/extid/{quote(extid, safe='')}").document
    assert (found.get("identifier"), found.get("extid")) == (extids[extid], extid)


@pytest.mark.parametrize("raw", ["a+b", "a;b=c", "a&b=c", "a:b", "a@b", "a,b", "a=b", "*", "~", "'", "$(a)"])
def test_what_a_path_may_hold_as_it_is_need_not_be_encoded(known, extids, raw):
    assert known.client.get(f"customers/extid/{raw}").document.get("identifier") == extids[raw]


@pytest.mark.parametrize("extid", EXTIDS)
def test_every_character_may_be_encoded_in_lower_case(known, extids, extid):
    path = "".join(f"%{byte:02x}" for byte in extid.encode())
    assert known.client.get(f"customers/extid/{path}").document.get("identifier") == extids[extid]


def test_a_question_mark_that_is_not_encoded_begins_the_query(known, extids):
    assert answer(known.client.get("customers/extid/a?b")) == (400, "malformed-request")


@pytest.mark.parametrize("similar", ["É", "e", "A%2Fb", "日本", "%EF%BD%81", "SS", "10000001%2F", "010000001", "Acked"])
def test_external_identifiers_are_compared_by_code_point(known, extids, similar):
    assert answer(known.client.get(f"customers/extid/{quote(similar, safe='%')}")) == (404, "unknown-account")


@pytest.mark.parametrize("path", ["%20known", "known%20", "%09%0D%0A%20known%20%0A", "known%0A"])
def test_white_space_around_a_value_is_trimmed(known, path):
    assert known.client.get(f"customers/extid/{path}").document.get("identifier") == known.identifier


@pytest.mark.parametrize("path", ["%C2%A0known", "known%E2%80%83", "%E2%80%8Bknown", "kn%20own"])
def test_other_spaces_and_those_inside_are_not_trimmed(known, path):
    assert answer(known.client.get(f"customers/extid/{path}")) == (404, "unknown-account")


@pytest.mark.parametrize("path", ["%20", "%09%0A%0D", "%20%20%20"])
def test_a_value_of_white_space_is_none(known, path):
    assert known.client.get(f"customers/extid/{path}").status in (400, 404)
    assert answer(known.client.get(f"customers/{path}")) == (400, "malformed-identifier")


@pytest.mark.parametrize("character", CONTROL_CHARACTERS, ids=ascii)
def test_a_control_character_in_a_value_is_400(known, character):
    response = known.client.get(f"customers/extid/kn{quote(character)}own")
    assert answer(response) == (400, "malformed-request")
    assert known.client.get(f"customers/1{quote(character)}0").status == 400


@pytest.mark.parametrize("character", ["\x01", "\x0b", "\x7f", "\x85", "\x9f"], ids=ascii)
@pytest.mark.parametrize("form", ["{}known", "known{}", "%20{}known"])
def test_control_characters_are_not_trimmed(known, form, character):
    response = known.client.get(f"customers/extid/{form.format(quote(character))}")
    assert answer(response) == (400, "malformed-request")


@pytest.mark.parametrize("character", ["\ufffe", "\uffff", "\U0001ffff"])
def test_a_value_that_no_account_can_have_is_unknown(known, character):
    assert answer(known.client.get(f"customers/extid/{quote(character)}")) == (404, "unknown-account")


def test_a_request_line_may_have_16_kib(known):
    longest = EXPECTED.request_line
    for length, answered in ((longest, (404, "unknown-account")), (longest + 1, (414, "uri-too-long"))):
        path = "customers/extid/" + "x" * (length - len(f"GET {BASE}customers/extid/ HTTP/1.1"))
        assert answer(known.client.get(path)) == answered


def test_a_long_path_of_many_segments_is_unknown(known):
    assert answer(known.client.get("/" * 8000)) == (404, "unknown-path")
    assert answer(known.client.get("customers/" + "%2F/" * 4000)) == (404, "unknown-path")


# Identifiers


@pytest.mark.parametrize("form", ["{}", "0{}", "0000000000{}", "%20{}", "{}%0A", "{}%20%09", "%30{}"])
def test_leading_zeros_and_white_space_are_accepted_and_dropped(known, form):
    found = known.client.get(f"customers/{form.format(known.identifier)}").document
    assert found.get("identifier") == known.identifier
    assert found.get("ref").endswith(f"/customers/{known.identifier}")


@pytest.mark.parametrize("identifier", ["0", "1", "10000000", "999999999999999999", "000000000000000000"])
def test_an_identifier_that_no_account_has_is_unknown(known, identifier):
    assert answer(known.client.get(f"customers/{identifier}")) == (404, "unknown-account")


@pytest.mark.parametrize(
    "identifier",
    [
        "x", "-1", "+1", "%2B1", "1.0", "1.", "1e3", "0x1", "1,000", "1_000", "1x", "x1", "1%201", "%22",
        "0000000000000000001", "1000000000000000000", "9223372036854775807", "9223372036854775808",
        "18446744073709551617", "9" * 1000, "%EF%BC%91", "%D9%A1", "%C2%B2", "1;drop", "1%27", "1=1", "1|1", "null",
    ],
)  # fmt: skip
def test_any_other_identifier_is_malformed(known, identifier):
    for method in (known.client.get, known.client.head):
        response = method(f"customers/{identifier}")
        assert response.status == 400
    assert known.client.get(f"customers/{identifier}").code == "malformed-identifier"


def test_new_identifiers_come_from_one_sequence_for_all_companies(known, make_company):
    other = make_company()
    made = [int(insert_account(company)) for company in (known, other, known, other)]
    body = account({EMAIL: "new@example.net"})
    replies = [company.client.post("customers", body) for company in (known, other)]
    created = [int(reply.document.get("identifier")) for reply in replies]
    assert sorted(made + created) == made + created
    assert made[0] >= 10000001


# Queries

READ = "customers/{}"
OPERATIONS = [("GET", READ), ("HEAD", READ), ("GET", "customers/extid/known"), ("POST", "customers")]


def send(company, method, path, query):
    body = b"<account/>" if method == "POST" else None
    return company.client.request(method, f"{BASE}{path.format(company.identifier)}?{query}", body)


@pytest.mark.parametrize("method, path", OPERATIONS)
@pytest.mark.parametrize(
    "query",
    [
        "x", "x=", "x=1", "=", "=1", "&x", "x&", "value=x", "password=1", "%78=1", "a=b=c", "a;b", "?", "x=1&x=1", "%20",
        "+", "%F0%9F%91%9F=1", "x" * 16000,
    ],
)  # fmt: skip
def test_an_unknown_parameter_is_400(known, method, path, query):
    response = send(known, method, path, query)
    assert response.status == 400
    if method != "HEAD":
        assert response.code == "malformed-request"


@pytest.mark.parametrize("method, path", OPERATIONS)
@pytest.mark.parametrize(
    "query",
    [
        "%", "%zz", "x=%", "x=%4", "%FF", "x=%C3", "x=%ED%A0%80", "%C0%AF", "%00", "x=a%00b", "x=%01", "x=%C2%85",
    ],
)  # fmt: skip
def test_a_query_that_cannot_be_decoded_is_400(known, method, path, query):
    response = send(known, method, path, query)
    assert response.status == 400
    if method != "HEAD":
        assert response.code == "malformed-request"


@pytest.mark.parametrize("query", ["", "&", "&&"])
def test_a_query_without_a_parameter_is_none(known, query):
    assert send(known, "GET", READ, query).status == 200
    assert answer(send(known, "POST", "customers", query)) == (400, "validation")
