"""
Which refusal of a list, find, acknowledgement, external identifier or comment wins: where a request has several faults, the
first of them in the contract's order is answered. And the permission that each operation takes, and the methods of its path.
"""

import itertools

import pytest

from documents import insert_account
from leap_client import BASE, basic
from leap_instance import DOMAIN

XML = {"Content-Type": "application/xml"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
COMMENT = b"<customer-update><comment>A comment.</comment></customer-update>"
FIELD = "customers/by-additional-field"
ACKNOWLEDGEMENT = "<acknowledgements><acknowledgement>{}</acknowledgement></acknowledgements>"

# A request of each operation, as parts; {} stands for the account's identifier.
OPERATIONS = {
    "list": {"method": "GET", "path": "customers"},
    "find by field": {"method": "GET", "path": f"{FIELD}/shoe-size/Nine"},
    "find by field's parameter": {"method": "GET", "path": f"{FIELD}/shoe-size", "query": "value=Nine"},
    "find by e-mail": {"method": "GET", "path": "customers/by_email/original/joe@example.net"},
    "acknowledge": {"method": "POST", "path": "customers/acked", "headers": XML, "body": ACKNOWLEDGEMENT},
    "acknowledge by extid": {
        "method": "POST", "path": "customers/external/acked", "headers": XML, "body": ACKNOWLEDGEMENT.format("known"),
    },
    "set extid": {"method": "POST", "path": "customers/{}/extid", "headers": FORM, "body": "extid=known"},
    "remove extid": {"method": "DELETE", "path": "customers/{}/extid"},
    "comment": {"method": "POST", "path": "customers/{}/comments", "headers": XML, "body": COMMENT},
    "comment by extid": {"method": "POST", "path": "customers/extid/known/comments", "headers": XML, "body": COMMENT},
}  # fmt: skip
SUCCESS = {"acknowledge": 204, "acknowledge by extid": 204, "remove extid": 204, "comment": 201, "comment by extid": 201}
ACKNOWLEDGES = {"acknowledge", "acknowledge by extid"}
READS = {name for name, parts in OPERATIONS.items() if parts["method"] == "GET"}
WRITES = OPERATIONS.keys() - ACKNOWLEDGES - READS

# Faults in order, (rank, part, value, status, code); those of one rank are not combined.
COMMON = [
    (0, "host", f"nobody.{DOMAIN}", 404, "unknown-host"),
    (0, "path", "customers/%C3", 400, "malformed-request"),
    (1, "client", None, 401, "unauthenticated"),
    (2, "path", "customers/{}/nothing/here", 404, "unknown-path"),
    (3, "method", "PATCH", 405, "method-not-allowed"),
    (5, "query", "unknown=1", 400, "malformed-request"),
]
NO_PERMISSION = (4, "client", "reader", 403, "not-permitted")
PAGE = [(5, "query", "limit=0", 400, "malformed-request"), (5, "query", "offset=x", 400, "malformed-request")]
BODY = [(6, "headers", XML | {"Content-Encoding": "gzip"}, 415, "unsupported-media-type")]
XML_BODY = BODY + [
    (6, "headers", {"Content-Type": "application/json"}, 415, "unsupported-media-type"),
    (9, "body", "<acknowledgements>", 400, "malformed-xml"),
    (9, "body", "<account/>", 400, "malformed-xml"),
]
OWN = {
    "list": PAGE + [(5, "query", "acked=x", 400, "malformed-request")],
    "find by field": PAGE + [(8, "path", f"{FIELD}/unknown/Nine", 400, "unknown-key")],
    "find by field's parameter": PAGE + [
        (5, "query", "", 400, "malformed-request"), (8, "path", f"{FIELD}/unknown", 400, "unknown-key"),
    ],
    "find by e-mail": [(8, "path", "customers/by_email/unknown/joe@example.net", 400, "unknown-key")],
    "acknowledge": XML_BODY + [
        (10, "body", ACKNOWLEDGEMENT.format("x"), 400, "validation"),
        (11, "body", ACKNOWLEDGEMENT.format("1"), 404, "unknown-account"),
    ],
    "acknowledge by extid": XML_BODY + [
        (10, "body", ACKNOWLEDGEMENT.format(""), 400, "validation"),
        (11, "body", ACKNOWLEDGEMENT.format("unknown"), 404, "unknown-account"),
    ],
    "set extid": BODY + [
        (6, "headers", XML, 415, "unsupported-media-type"), (7, "path", "customers/1x/extid", 404, "unknown-account"),
        (9, "body", "extid=", 400, "malformed-request"), (10, "path", "customers/1/extid", 404, "unknown-account"),
        (12, "body", "extid=taken", 409, "extid-in-use"),
    ],
    "remove extid": [
        (7, "path", "customers/1x/extid", 404, "unknown-account"), (10, "path", "customers/1/extid", 404, "unknown-account"),
    ],
    "comment": XML_BODY + [
        (7, "path", "customers/1x/comments", 400, "malformed-identifier"),
        (10, "path", "customers/1/comments", 404, "unknown-account"),
        (12, "body", "<customer-update/>", 400, "validation"),
    ],
    "comment by extid": XML_BODY + [
        (10, "path", "customers/extid/unknown/comments", 404, "unknown-account"),
        (12, "body", "<customer-update/>", 400, "validation"),
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def company(make_company):
    """A company with an account, .active, whose e-mail and extid the requests name; a client for each permission."""
    company = make_company()
    company.active = insert_account(company, extid="known", email="joe@example.net")
    insert_account(company, extid="taken")
    company.authorizations = {
        name: basic(name, company.dba("SELECT leap.create_api_client(:'company', :'name', :'permission');",
                                      name=name, permission=permission))
        for name, permission in (("reader", "read-only"), ("acknowledger", "read-acknowledge"), ("writer", "read-write"))
    }  # fmt: skip
    return company


def respond(company, operation, *faults, client="writer"):
    """The response to a request with these faults, which are given from the first in the order to the last."""
    parts = {"host": company.host, "client": client, "query": "", "headers": {}, "body": None} | OPERATIONS[operation]
    for _, part, value, _, _ in reversed(faults):
        parts[part] = value
    headers = [("Host", parts["host"]), *parts["headers"].items()]
    if parts["client"]:
        headers.append(("Authorization", company.authorizations[parts["client"]]))
    body = parts["body"].format(company.active).encode() if isinstance(parts["body"], str) else parts["body"]
    target = BASE + parts["path"].format(company.active) + ("?" + parts["query"] if parts["query"] else "")
    return company.anonymous.request(parts["method"], target, body, headers)


def faults_of(operation):
    faults = COMMON + OWN[operation] + ([] if operation in READS else [NO_PERMISSION])
    return sorted(faults, key=lambda fault: fault[0])


def each_fault():
    return [(operation, fault) for operation in OPERATIONS for fault in faults_of(operation)]


def pairs():
    """What a request can have of two faults: those of different parts, one of each rank."""
    for operation in OPERATIONS:
        for first, second in itertools.combinations(faults_of(operation), 2):
            if first[0] < second[0] and first[1] != second[1]:
                yield operation, first, second


def identify(value):
    return f"{value[4]}-{value[1]}" if isinstance(value, tuple) else value.replace(" ", "-")


@pytest.mark.parametrize("operation", OPERATIONS)
def test_without_a_fault_it_succeeds(company, operation):
    assert respond(company, operation).status == SUCCESS.get(operation, 200)
    respond(company, "set extid")


@pytest.mark.parametrize("operation, fault", each_fault(), ids=identify)
def test_each_fault_by_itself(company, operation, fault):
    response = respond(company, operation, fault)
    assert (response.status, response.code) == fault[3:]


@pytest.mark.parametrize("operation, first, second", pairs(), ids=identify)
def test_the_first_of_two_faults_is_answered(company, operation, first, second):
    response = respond(company, operation, first, second)
    assert (response.status, response.code) == first[3:]


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("client, permitted", [
    ("reader", READS), ("acknowledger", READS | ACKNOWLEDGES), ("writer", READS | ACKNOWLEDGES | WRITES),
])  # fmt: skip
def test_the_permission_of_each_operation(company, operation, client, permitted):
    response = respond(company, operation, client=client)
    if operation in permitted:
        assert response.status == SUCCESS.get(operation, 200)
    else:
        assert (response.status, response.code, response.problems) == (403, "not-permitted", [])
    respond(company, "set extid")


@pytest.mark.parametrize("path, methods", [
    ("customers", "GET HEAD POST"), (f"{FIELD}/shoe-size/Nine", "GET HEAD"), (f"{FIELD}/shoe-size", "GET HEAD"),
    ("customers/by_email/original/joe@example.net", "GET HEAD"), ("customers/acked", "POST"),
    ("customers/external/acked", "POST"), ("customers/1/extid", "POST DELETE"), ("customers/1/comments", "GET HEAD POST"),
    ("customers/extid/x/comments", "GET HEAD POST"),
])  # fmt: skip
def test_another_method_is_405_and_options_204_with_allow(company, path, methods):
    expected = set(methods.split()) | {"OPTIONS"}
    options = company.anonymous.options(path)
    assert (options.status, options.body) == (204, b"")
    refused = [company.client.request(method, BASE + path, b"") for method in {"GET", "PUT", "POST", "DELETE"} - expected]
    assert [(response.status, response.code) for response in refused] == [(405, "method-not-allowed")] * len(refused)
    assert all(set(response.headers["Allow"].split(", ")) == expected for response in [options, *refused])


@pytest.mark.parametrize("operation", READS)
def test_get_implies_head(company, operation):
    path = OPERATIONS[operation]["path"] + "?" + OPERATIONS[operation].get("query", "")
    head, get = company.client.head(path), company.client.get(path)
    assert (head.status, head.body) == (200, b"")
    assert head.headers["Content-Type"] == get.headers["Content-Type"]
