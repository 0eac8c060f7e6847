"""What every reply has: headers, XML, the error document; and the methods HEAD and OPTIONS."""

import re

import pytest
from lxml import etree

from documents import COMPLETE, EMAIL, EXTID, GENDER, account, build, insert_account
from leap_client import NAMESPACE

CODES = {
    "malformed-request", "malformed-xml", "malformed-identifier", "unknown-key", "validation", "unauthenticated",
    "not-permitted", "account-limit", "insecure", "unknown-host", "unknown-path", "unknown-account", "inactive-account",
    "method-not-allowed", "extid-in-use", "key-in-progress", "key-reused", "precondition-failed", "too-large",
    "uri-too-long", "unsupported-media-type", "timeout", "rate-limited", "unavailable", "outcome-unknown", "internal",
}  # fmt: skip
HINTS = {"required", "invalid", "duplicate", "weak"}
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000"
METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "PROPFIND", "LINK", "X"]


class Replies:
    """A company and one reply of each kind that the operations have."""

    def __init__(self, company):
        self.company = company
        self.created = company.client.post("customers", build(COMPLETE))
        self.identifier = self.created.document.get("identifier")
        self.inactive = insert_account(company)
        company.dba(f"SELECT leap.set_account_status(:'company', {self.inactive}, 'Inactive');")

    def get(self, name, method="GET", headers=()):
        client = self.company.anonymous if name == "unauthenticated" else self.company.client
        host = [("Host", "nobody.leap.localhost")] if name == "unknown-host" else []
        path = {
            "account": f"customers/{self.identifier}",
            "account by extid": f"customers/extid/{COMPLETE[EXTID]}",
            "malformed-request": f"customers/{self.identifier}?x",
            "malformed-identifier": "customers/x",
            "unknown-path": "x",
            "unknown-account": "customers/1",
            "inactive-account": f"customers/{self.inactive}",
        }.get(name, f"customers/{self.identifier}")
        return client.request(method, f"/api/v1/{path}", headers=[*host, *headers])

    def post(self, name):
        body, headers = {
            "validation": (b"<account/>", {}),
            "malformed-xml": (b"<", {}),
            "unsupported-media-type": (b"", {"Content-Type": "text/plain"}),
        }[name]
        return self.company.client.post("customers", body, headers)

    def reply(self, name):
        if name == "created":
            return self.created
        return self.post(name) if name in POSTS else self.get(name)


@pytest.fixture(scope="module")
def replies(make_company):
    return Replies(make_company())


READS = {
    "account": 200,
    "account by extid": 200,
    "malformed-request": 400,
    "malformed-identifier": 400,
    "unauthenticated": 401,
    "unknown-host": 404,
    "unknown-path": 404,
    "unknown-account": 404,
    "inactive-account": 404,
}
POSTS = {"validation": 400, "malformed-xml": 400, "unsupported-media-type": 415}
ALL = {"created": 201, **READS, **POSTS}
ERRORS = {name: status for name, status in ALL.items() if status >= 400}


# Headers


@pytest.mark.parametrize("name", ALL)
def test_the_headers_of_every_reply(replies, name):
    response = replies.reply(name)
    assert response.status == ALL[name]
    headers = response.headers
    assert headers.get_all("Content-Type") == ["application/xml; charset=UTF-8"]
    assert headers.get_all("Cache-Control") == ["private, no-cache" if headers["ETag"] else "private, no-store"]
    assert headers.get_all("X-Content-Type-Options") == ["nosniff"]
    assert headers.get_all("Strict-Transport-Security") == ["max-age=31536000"]
    assert len(headers.get_all("X-Request-Id")) == 1 and headers["X-Request-Id"]
    assert headers.get_all("Content-Length") == [str(len(response.body))]
    assert headers["Content-Encoding"] is None and headers["Set-Cookie"] is None
    assert (headers["WWW-Authenticate"] is None) == (response.status != 401)
    assert (headers["Location"] is None) == (response.status != 201)


def test_each_reply_has_a_request_id_of_its_own(replies):
    seen = {replies.get("account").headers["X-Request-Id"] for _ in range(10)}
    assert len(seen) == 10


@pytest.mark.parametrize("accept", ["application/json", "text/html", "*/*", "image/png;q=1", "application/xml;q=0", ""])
@pytest.mark.parametrize("name", ["account", "unknown-account", "unauthenticated"])
def test_replies_are_xml_whatever_accept_says(replies, name, accept):
    response = replies.get(name, headers=[("Accept", accept)])
    assert response.status == READS[name]
    assert response.document.tag in ("account", "error")


@pytest.mark.parametrize("name", ["account", "unknown-account"])
def test_replies_are_not_compressed(replies, name):
    plain = replies.get(name)
    response = replies.get(name, headers=[("Accept-Encoding", "gzip, deflate, br")])
    assert response.headers["Content-Encoding"] is None
    assert response.body == plain.body


# XML


def indentation(body):
    """The number of spaces before each line that begins a tag, with the depth of that tag."""
    depth = 0
    for line in body.decode().splitlines()[1:]:
        text = line.lstrip(" ")
        closes = text.startswith("</")
        yield len(line) - len(text), depth - closes
        depth += text.count("<") - 2 * text.count("</") - text.count("/>")


@pytest.mark.parametrize("name", ALL)
def test_a_reply_is_xml_with_a_declaration_and_indented_by_4(replies, name):
    body = replies.reply(name).body
    assert body.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<')
    assert body.endswith(b">\n")
    places = list(indentation(body))
    assert [spaces for spaces, _ in places] == [4 * depth for _, depth in places]
    assert replies.reply(name).document.tag == {200: "account", 201: "ref"}.get(ALL[name], "error")


def test_the_names_of_a_reply_have_no_prefix(replies):
    body = replies.get("account").body
    assert body.count(b"xmlns") == 1 and f'xmlns="{NAMESPACE}"'.encode() in body
    assert not re.search(rb"</?\w+:", body)


def test_times_are_written_as_in_the_document(replies):
    root = replies.get("account").document
    assert re.fullmatch(TIME, root.findtext("creation-time").strip())
    assert re.fullmatch(TIME, root.get("unacked-since"))


def test_a_carriage_return_and_other_characters_come_back(company):
    street = "1 <A> & B's \"C\"\rx\r\ny\tz\u0085\u00a0]]>\u2028é👟"
    identifier = insert_account(company, residential_street_address=street, extid="a\"'<&>")
    response = company.client.get(f"customers/{identifier}")
    assert response.body.count(b"&#13;") == 2 and b"\r" not in response.body
    assert response.document.findtext("owner/residential-address/street-address") == street
    assert response.document.get("extid") == "a\"'<&>"


# Error documents


@pytest.mark.parametrize("name", ERRORS)
def test_the_error_document(replies, name):
    response = replies.reply(name)
    root = response.document
    assert root.tag == "error"
    assert root.attrib == {"code": name} and name in CODES
    assert [child.tag for child in root] == ["message", "field-errors"]
    assert root.findtext("message").strip() and not root.find("message").attrib
    if name == "validation":
        assert root.findtext("message") == "Validation failed."
        for field in root.find("field-errors"):
            assert (field.tag, set(field.attrib)) == ("field", {"xpath", "errorhint", "detail"})
            assert field.get("errorhint") in HINTS and field.get("detail")
    else:
        assert len(root.find("field-errors")) == 0


QUOTED = [
    "'", '"', "'\"", "\"'", "''", "a'b", 'a"b', "a'b\"c'd", "'\"'\"", "]", "/", "[1]", "or 1=1", "<&>", "é", "a\tb\nc\rd",
    "' or '1'='1", "')]", "concat('", "x" * 2000, "'\"" * 500,
]  # fmt: skip


@pytest.mark.parametrize("value", QUOTED)
@pytest.mark.parametrize(
    "element, attribute, parent", [("field", "key", "additional-fields"), ("tel", "type", "owner")]
)
def test_an_xpath_finds_its_element_whatever_its_key_holds(shared_company, element, attribute, parent, value):
    """The literal is quoted correctly: as XPath reads it, the path finds the element that was sent, and no other."""
    root = etree.fromstring(account({GENDER: "x"}))
    place = root.find(parent)
    place = etree.SubElement(root, parent) if place is None else place
    for key in (value, f"{value}2"):
        etree.SubElement(place, element, {attribute: key}).text = "1"
    response = shared_company.client.post("customers", etree.tostring(root))
    paths = [path for path, hint in response.problems if f"/{element}[" in path]
    assert [[found.get(attribute) for found in root.xpath(path)] for path in paths] == [[value], [f"{value}2"]]


def test_an_xpath_is_written_with_the_quotes_that_it_needs(shared_company):
    path = "/account/additional-fields/field[@key=%s]"
    for value, literal in (("a", "'a'"), ("a'b", '"a\'b"'), ('a"b', "'a\"b'")):
        field = etree.Element("field", key=value)
        body = account(inside={"/account/additional-fields": etree.tostring(field).decode()})
        assert shared_company.client.post("customers", body).problems == [(path % literal, "invalid")]


# HEAD and OPTIONS, other methods


@pytest.mark.parametrize("name", READS)
def test_get_implies_head(replies, name):
    got, head = replies.get(name), replies.get(name, "HEAD")
    assert head.status == got.status == READS[name]
    assert head.body == b""
    different = ("Date", "X-Request-Id")
    assert [pair for pair in head.headers.items() if pair[0] not in different] == [
        pair for pair in got.headers.items() if pair[0] not in different
    ]


PATHS = {"customers": {"POST"}, "customers/{}": {"GET", "HEAD"}, "customers/extid/{}": {"GET", "HEAD"}}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("slash", ["", "/"])
def test_options_answers_204_with_allow(replies, path, slash):
    response = replies.company.anonymous.options(path.format(replies.identifier) + slash)
    assert (response.status, response.body) == (204, b"")
    allowed = response.headers["Allow"].split(", ")
    assert len(allowed) == len(set(allowed))
    assert set(allowed) >= PATHS[path] | {"OPTIONS"}
    assert response.headers["Content-Type"] is None
    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", PATHS)
def test_another_method_is_405_with_what_is_allowed(replies, path):
    path = path.format(replies.identifier)
    allow = replies.company.client.options(path).headers["Allow"]
    for method in METHODS:
        response = replies.company.client.request(method, f"/api/v1/{path}", b"")
        assert (response.status == 405) == (method not in allow.split(", ")), method
        assert response.headers["Allow"] == (allow if response.status == 405 else None)
        if response.status == 405 and method != "HEAD":
            assert response.code == "method-not-allowed"


def test_an_unknown_path_has_no_methods(replies):
    for method in METHODS:
        response = replies.company.client.request(method, "/api/v1/x", b"")
        assert (response.status, response.headers["Allow"]) == (404, None)


def test_a_method_that_is_not_allowed_changes_nothing(replies):
    before = replies.get("account").body
    for method in ("PATCH", "PROPFIND", "X"):
        replies.get("account", method)
    assert replies.get("account").body == before


def test_nothing_that_a_client_sends_is_500(replies):
    """A handful of bodies and headers that have been fatal somewhere."""
    client = replies.company.client
    for body in (b"\x00" * 100, b"\xff" * 1000, b"<account>" * 5000, account({EMAIL: "\U0010ffff@x"})):
        for headers in ({}, {"Content-Type": "x" * 15000}, {"Content-Type": "application/xml; charset=" + "x" * 9000}):
            assert client.post("customers", body, headers).status in (400, 415)
