"""
Which refusal of an update or change-login wins: where a request has several faults, the first of them in the contract's
order is answered. And the accounts that they do not reach: unknown, inactive, of another company.
"""

import itertools
import types

import pytest

from documents import GENDER, GIVEN_NAME, FAMILY_NAME, build, insert_account, stored
from leap_client import BASE, basic
from leap_instance import DOMAIN

UPDATE = build({GIVEN_NAME: "Ann", FAMILY_NAME: "Other", GENDER: "FEMALE"})
LOGIN = b"<change-login><login-id>new@example.net</login-id></change-login>"
BODIES = {"": UPDATE, "/change-login": LOGIN}
INVALID = {"": build({GENDER: "x"}), "/change-login": b"<change-login/>"}
VALIDATION_STATUS = {"": 409, "/change-login": 400}


@pytest.fixture(scope="module")
def company(make_company):
    """A company with an account, .active, and a deactivated one, .inactive; a client that may only acknowledge."""
    company = make_company()
    company.active = insert_account(company, extid="known")
    company.inactive = insert_account(company, extid="gone", account_status="Inactive")
    company.acknowledger = company.dba("SELECT leap.create_api_client(:'company', 'other', 'read-acknowledge');")
    company.row = stored(company, company.active)
    return company


# The faults. Each changes a request, which has its own operation in .suffix.


def unknown_host(request, company):
    request.host = f"nobody.{DOMAIN}"


def undecodable_path(request, company):
    request.account = "customers/%C3"


def no_credentials(request, company):
    request.authorization = None


def unknown_path(request, company):
    request.account += "/nothing"


def other_method(request, company):
    request.method = "PATCH"


def no_permission(request, company):
    request.authorization = basic("other", company.acknowledger)


def unknown_parameter(request, company):
    request.query = "?limit=1"


def media_type(request, company):
    request.headers["Content-Type"] = "application/x-www-form-urlencoded"


def content_encoding(request, company):
    request.headers["Content-Encoding"] = "gzip"


def malformed_identifier(request, company):
    request.account = "customers/1x"


def malformed_xml(request, company):
    request.body = request.body[:-1]


def wrong_root(request, company):
    request.body = b"<customer/>"


def unknown_account(request, company):
    request.account = "customers/1"


def unknown_extid(request, company):
    request.account = "customers/extid/x"


def inactive_account(request, company):
    request.account = f"customers/{company.inactive}"


def inactive_extid(request, company):
    request.account = "customers/extid/gone"


def other_version(request, company):
    request.headers["If-Match"] = '"7"'


def invalid_value(request, company):
    request.body = INVALID[request.suffix]


# In order; those of one rank are not combined.
FAULTS = [
    (0, unknown_host, 404, "unknown-host"),
    (0, undecodable_path, 400, "malformed-request"),
    (1, no_credentials, 401, "unauthenticated"),
    (2, unknown_path, 404, "unknown-path"),
    (3, other_method, 405, "method-not-allowed"),
    (4, no_permission, 403, "not-permitted"),
    (5, unknown_parameter, 400, "malformed-request"),
    (6, media_type, 415, "unsupported-media-type"),
    (6, content_encoding, 415, "unsupported-media-type"),
    (7, malformed_identifier, 400, "malformed-identifier"),
    (8, malformed_xml, 400, "malformed-xml"),
    (8, wrong_root, 400, "malformed-xml"),
    (9, unknown_account, 404, "unknown-account"),
    (9, unknown_extid, 404, "unknown-account"),
    (9, inactive_account, 404, "inactive-account"),
    (9, inactive_extid, 404, "inactive-account"),
    (10, other_version, 412, "precondition-failed"),
    (11, invalid_value, None, "validation"),
]


def answer(company, suffix, *faults):
    """Status and code of a request with these faults, which are given from the first in the order to the last."""
    request = types.SimpleNamespace(
        method="PUT", host=company.host, authorization=company.client.authorization, suffix=suffix,
        account=f"customers/{company.active}", query="", headers={}, body=BODIES[suffix],
    )  # fmt: skip
    for fault in reversed(faults):
        fault(request, company)
    headers = [("Host", request.host), *request.headers.items()]
    if request.authorization:
        headers.append(("Authorization", request.authorization))
    target = BASE + request.account + suffix + request.query
    response = company.anonymous.request(request.method, target, request.body, headers)
    return response.status, response.code


def expected(suffix, status, code):
    return status or VALIDATION_STATUS[suffix], code


def pairs():
    for first, second in itertools.combinations(FAULTS, 2):
        if first[0] < second[0]:
            yield pytest.param(first[1], second[1], *first[2:], id=f"{first[1].__name__}-{second[1].__name__}")


@pytest.mark.parametrize("suffix", BODIES)
@pytest.mark.parametrize("rank, fault, status, code", FAULTS, ids=[fault[1].__name__ for fault in FAULTS])
def test_each_fault_by_itself(company, rank, fault, status, code, suffix):
    assert answer(company, suffix, fault) == expected(suffix, status, code)


@pytest.mark.parametrize("suffix", BODIES)
@pytest.mark.parametrize("first, second, status, code", pairs())
def test_the_first_of_two_faults_is_answered(company, first, second, status, code, suffix):
    assert answer(company, suffix, first, second) == (status, code)


@pytest.mark.parametrize("suffix", BODIES)
def test_a_request_with_every_fault_loses_them_one_by_one(company, suffix):
    ranks = {fault[0]: fault for fault in FAULTS}
    for rank, (_, _, status, code) in ranks.items():
        left = [fault for number, (_, fault, _, _) in ranks.items() if number >= rank]
        assert answer(company, suffix, *left) == expected(suffix, status, code)


def test_what_was_refused_changed_nothing(company):
    for suffix in BODIES:
        for _, fault, status, code in FAULTS:
            assert answer(company, suffix, fault) == expected(suffix, status, code)
    assert stored(company, company.active) == company.row


# Accounts that are not reached


@pytest.mark.parametrize("suffix", BODIES)
def test_an_account_of_another_company_is_unknown_and_stays_as_it_is(company, make_company, suffix):
    other = make_company()
    identifier = insert_account(other, extid="theirs")
    before = stored(other, identifier)
    for path in (f"customers/{identifier}", "customers/extid/theirs"):
        response = company.client.put(path + suffix, BODIES[suffix])
        assert (response.status, response.code, response.problems) == (404, "unknown-account", [])
    assert stored(other, identifier) == before


@pytest.mark.parametrize("suffix", BODIES)
def test_the_same_extid_of_two_companies_is_two_accounts(company, make_company, suffix):
    other = make_company()
    identifier = insert_account(other, extid="known")
    response = other.client.put(f"customers/extid/known{suffix}", BODIES[suffix])
    assert (response.status, response.document.get("identifier")) == (201, identifier)
    assert stored(company, company.active) == company.row


@pytest.mark.parametrize("suffix", BODIES)
def test_an_inactive_account_is_reached_again_once_it_is_active(make_company, suffix):
    company = make_company()
    identifier = insert_account(company, account_status="Inactive")
    before = stored(company, identifier)
    response = company.client.put(f"customers/{identifier}{suffix}", BODIES[suffix])
    assert (response.status, response.code, response.problems) == (404, "inactive-account", [])
    assert stored(company, identifier) == before
    company.dba("SELECT leap.set_account_status(:'company', :identifier, 'Active');", identifier=identifier)
    assert company.client.put(f"customers/{identifier}{suffix}", BODIES[suffix]).status == 201


@pytest.mark.parametrize("suffix", BODIES)
@pytest.mark.parametrize("identifier", ["x", "-1", "1.0", "0x1", "1" * 19, "%D9%A1", "1%202"])
def test_a_malformed_identifier_is_400(company, identifier, suffix):
    response = company.client.put(f"customers/{identifier}{suffix}", BODIES[suffix])
    assert (response.status, response.code, response.problems) == (400, "malformed-identifier", [])


@pytest.mark.parametrize("suffix", BODIES)
def test_leading_zeros_of_an_identifier_are_dropped(make_company, suffix):
    company = make_company()
    identifier = insert_account(company)
    response = company.client.put(f"customers/{identifier.zfill(18)}{suffix}", BODIES[suffix])
    assert (response.status, response.document.get("identifier")) == (201, identifier)


@pytest.mark.parametrize("suffix, allowed", [("", {"GET", "HEAD", "PUT"}), ("/change-login", {"PUT"})])
@pytest.mark.parametrize("path", ["customers/{}", "customers/extid/known"])
def test_other_methods_are_405_with_allow(company, path, suffix, allowed):
    for method in ("POST", "DELETE", "PATCH"):
        response = company.client.request(method, BASE + path.format(company.active) + suffix, b"")
        assert (response.status, response.code) == (405, "method-not-allowed")
        assert {name.strip() for name in response.headers["Allow"].split(",")} - {"OPTIONS"} == allowed
