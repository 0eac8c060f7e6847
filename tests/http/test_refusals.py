"""
Which refusal wins: where a request has several faults, the first of them in the contract's order is answered.

Each fault changes a good request, the least important first; a request with two of them is refused for the one that
comes first in the order.
"""

import itertools
import types

import pytest

from documents import GENDER, account, insert_account
from leap_client import BASE, basic
from leap_instance import DOMAIN

MEBIBYTE = 1024 * 1024
OK = (200, None)


class Senders:
    """Companies of every kind, each with an active and an inactive account; none of them is changed by a test."""

    def __init__(self, make_company):
        self.company = make_company()
        self.limited = make_company()
        self.suspended = make_company()
        self.readers = {
            company.host: company.dba("SELECT leap.create_api_client(:'company', 'reader', 'read-only');")
            for company in (self.company, self.limited, self.suspended)
        }
        self.identifier = insert_account(self.company)
        self.inactive = insert_account(self.company)
        self.company.dba(f"SELECT leap.set_account_status(:'company', {self.inactive}, 'Inactive');")
        self.limited.dba("SELECT leap.set_account_limit(:'company', 0);")
        self.suspended.dba("SELECT leap.set_company_status(:'company', 'Suspended');")

    def send(self, request):
        headers = [("Host", request.host), *request.headers.items()]
        if request.authorization:
            headers.append(("Authorization", request.authorization))
        target = request.target + (f"?{request.query}" if request.query else "")
        return self.company.anonymous.request(request.method, target, request.body, headers)

    def good(self, method, path, body=None):
        return types.SimpleNamespace(
            method=method,
            host=self.company.host,
            authorization=self.company.client.authorization,
            target=BASE + path,
            query="",
            headers={},
            body=body,
        )

    def good_create(self):
        return self.good("POST", "customers", account())

    def good_read(self):
        return self.good("GET", f"customers/{self.identifier}")


@pytest.fixture(scope="module")
def senders(make_company):
    return Senders(make_company)


# The faults. Each takes the request and the senders.


def too_large(request, senders):
    request.body = b" " * (MEBIBYTE + 1)


def too_long(request, senders):
    request.query = "x" * 17000


def unknown_host(request, senders):
    request.host = f"nobody.{DOMAIN}"


def undecodable_path(request, senders):
    request.target = BASE + "customers/%C3"


def no_credentials(request, senders):
    request.authorization = None


def wrong_secret(request, senders):
    request.authorization = basic("tests", senders.limited.secret + "x")


def unknown_path(request, senders):
    request.target = BASE + "nothing"


def other_method(request, senders):
    request.method = "PATCH"


def no_permission(request, senders):
    request.authorization = basic("reader", senders.readers[request.host])


def suspended(request, senders):
    request.host = senders.suspended.host
    request.authorization = senders.suspended.client.authorization


def unknown_parameter(request, senders):
    request.query = "unknown=1"


def undecodable_query(request, senders):
    request.query = "%FF"


def media_type(request, senders):
    request.headers["Content-Type"] = "text/plain"


def content_encoding(request, senders):
    request.headers["Content-Encoding"] = "gzip"


def malformed_identifier(request, senders):
    request.target = BASE + "customers/1x"


def malformed_xml(request, senders):
    request.body = request.body.replace(b"</account>", b"")


def wrong_root(request, senders):
    request.body = request.body.replace(b"account>", b"acount>")


def unknown_account(request, senders):
    request.target = BASE + "customers/1"


def inactive_account(request, senders):
    request.target = BASE + f"customers/{senders.inactive}"


def invalid_value(request, senders):
    request.body = account({GENDER: "x"})


def account_limit(request, senders):
    request.host = senders.limited.host
    request.authorization = senders.limited.client.authorization


# In order; those of one rank may be answered either first.
CREATE_FAULTS = [
    (0, too_large, 413, "too-large"),
    (0, too_long, 414, "uri-too-long"),
    (1, unknown_host, 404, "unknown-host"),
    (1, undecodable_path, 400, "malformed-request"),
    (2, no_credentials, 401, "unauthenticated"),
    (2, wrong_secret, 401, "unauthenticated"),
    (3, unknown_path, 404, "unknown-path"),
    (4, other_method, 405, "method-not-allowed"),
    (5, no_permission, 403, "not-permitted"),
    (6, unknown_parameter, 400, "malformed-request"),
    (6, undecodable_query, 400, "malformed-request"),
    (7, media_type, 415, "unsupported-media-type"),
    (7, content_encoding, 415, "unsupported-media-type"),
    (8, malformed_xml, 400, "malformed-xml"),
    (8, wrong_root, 400, "malformed-xml"),
    (9, invalid_value, 400, "validation"),
    (10, account_limit, 403, "account-limit"),
]

READ_FAULTS = [
    (0, too_long, 414, "uri-too-long"),
    (1, unknown_host, 404, "unknown-host"),
    (1, undecodable_path, 400, "malformed-request"),
    (2, no_credentials, 401, "unauthenticated"),
    (2, wrong_secret, 401, "unauthenticated"),
    (3, unknown_path, 404, "unknown-path"),
    (4, other_method, 405, "method-not-allowed"),
    (5, unknown_parameter, 400, "malformed-request"),
    (6, malformed_identifier, 400, "malformed-identifier"),
    (7, unknown_account, 404, "unknown-account"),
    (7, inactive_account, 404, "inactive-account"),
]


def name(fault):
    return fault[1].__name__


def pairs(faults):
    return [
        pytest.param(first, second, id=f"{name(first)}-{name(second)}")
        for first, second in itertools.combinations(faults, 2)
        if first[0] < second[0]
    ]


def answer(senders, request, *faults):
    """Status and code of the request with these faults, which are given from the first in the order to the last."""
    for _, change, _, _ in reversed(faults):
        change(request, senders)
    response = senders.send(request)
    return response.status, response.code if response.status >= 400 else None


@pytest.mark.parametrize("fault", CREATE_FAULTS, ids=name)
def test_each_fault_of_a_create_by_itself(senders, fault):
    assert answer(senders, senders.good_create(), fault) == fault[2:]


@pytest.mark.parametrize("first, second", pairs(CREATE_FAULTS))
def test_the_first_of_two_faults_of_a_create_is_answered(senders, first, second):
    assert answer(senders, senders.good_create(), first, second) == first[2:]


def test_a_create_with_every_fault_loses_them_one_by_one(senders):
    """From the first to the last, each is answered once those before it are mended."""
    ranks = {fault[0]: fault for fault in CREATE_FAULTS}
    for rank in ranks:
        left = [fault for number, fault in ranks.items() if number >= rank]
        assert answer(senders, senders.good_create(), *left) == ranks[rank][2:]


@pytest.mark.parametrize("fault", READ_FAULTS, ids=name)
def test_each_fault_of_a_read_by_itself(senders, fault):
    assert answer(senders, senders.good_read(), fault) == fault[2:]


@pytest.mark.parametrize("first, second", pairs(READ_FAULTS))
def test_the_first_of_two_faults_of_a_read_is_answered(senders, first, second):
    assert answer(senders, senders.good_read(), first, second) == first[2:]


def test_a_read_without_a_fault_is_answered(senders):
    assert answer(senders, senders.good_read()) == OK


def test_reads_take_no_permission_but_that_to_read(senders):
    request = senders.good_read()
    no_permission(request, senders)
    assert answer(senders, request) == OK


# OPTIONS of a known path is answered without credentials; all that comes before it in the order is not.


@pytest.mark.parametrize(
    "fault",
    [no_credentials, wrong_secret, no_permission, suspended, unknown_parameter, undecodable_query, media_type]
    + [content_encoding, malformed_identifier, unknown_account, inactive_account],
)
@pytest.mark.parametrize("good", [Senders.good_create, Senders.good_read])
def test_options_of_a_known_path_is_answered_whatever_else_is_wrong(senders, good, fault):
    request = good(senders)
    fault(request, senders)
    request.method = "OPTIONS"
    assert senders.send(request).status == 204


@pytest.mark.parametrize(
    "fault, status, code",
    [
        (too_long, 414, "uri-too-long"),
        (unknown_host, 404, "unknown-host"),
        (undecodable_path, 400, "malformed-request"),
        (unknown_path, 404, "unknown-path"),
    ],
)
def test_options_is_refused_for_what_comes_before_it(senders, fault, status, code):
    request = senders.good_read()
    fault(request, senders)
    request.method = "OPTIONS"
    response = senders.send(request)
    assert (response.status, response.code) == (status, code)


def test_options_of_an_unknown_path_needs_credentials(senders):
    response = senders.company.anonymous.options("nothing")
    assert (response.status, response.code) == (401, "unauthenticated")


# A suspended company


@pytest.mark.parametrize(
    "fault",
    [unknown_parameter, media_type, content_encoding, malformed_xml, wrong_root, invalid_value],
)
def test_every_create_of_a_suspended_company_is_refused(senders, fault):
    request = senders.good_create()
    fault(request, senders)
    suspended(request, senders)
    response = senders.send(request)
    assert (response.status, response.code) == (403, "not-permitted")


@pytest.mark.parametrize("fault", [unknown_parameter, malformed_identifier, unknown_account])
def test_every_read_of_a_suspended_company_is_refused(senders, fault):
    request = senders.good_read()
    fault(request, senders)
    suspended(request, senders)
    response = senders.send(request)
    assert (response.status, response.code) == (403, "not-permitted")


def test_a_suspended_company_is_not_told_to_those_without_credentials(senders):
    request = senders.good_read()
    suspended(request, senders)
    no_credentials(request, senders)
    assert answer(senders, request) == (401, "unauthenticated")


def test_suspension_takes_effect_on_the_next_request_and_ends_so(company):
    identifier = insert_account(company)
    for status, answered in (("Suspended", 403), ("Active", 200)) * 2:
        company.dba(f"SELECT leap.set_company_status(:'company', '{status}');")
        assert [company.client.get(f"customers/{identifier}").status for _ in range(8)] == [answered] * 8


# Bodies before authentication


@pytest.mark.parametrize("body", [b"<", b"\x00", b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>"])
@pytest.mark.parametrize(
    "sender, expected",
    [
        (no_credentials, (401, "unauthenticated")),
        (wrong_secret, (401, "unauthenticated")),
        (no_permission, (403, "not-permitted")),
    ],
)
def test_no_body_is_parsed_before_its_sender_is_authenticated_and_permitted(senders, sender, expected, body):
    request = senders.good_create()
    request.body = body
    sender(request, senders)
    assert answer(senders, request) == expected


def test_a_create_that_is_refused_leaves_nothing_behind(senders):
    count = "SELECT count(*) FROM leap.account;"
    before = senders.company.dba(count)
    for fault in CREATE_FAULTS:
        assert answer(senders, senders.good_create(), fault) == fault[2:]
    assert senders.company.dba(count) == before
