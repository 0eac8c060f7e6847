"""The program as plain CGI under Apache's mod_cgid: the main operations, and what is different there."""

import pytest

from conftest import Company
from documents import EMAIL, EXTID, FAMILY_NAME, GIVEN_NAME, REQUIRED, account, assert_invalid, build, insert_account
from leap_instance import PROGRAM, SANITIZER_REPORTS, Instance, wait_until

MEBIBYTE = 1024 * 1024


@pytest.fixture(scope="module")
def cgi():
    """A company of a service that has no workers: each request starts the program."""
    instance = Instance(PROGRAM, INSTANCE_WEB="cgi")
    try:
        instance.run("start-database")
        instance.run("deploy")
        instance.start_web()
        yield Company(instance)
    finally:
        instance.close()


def test_an_account_is_created_shown_changed_and_listed(cgi):
    created = cgi.client.post("customers", account({EXTID: "a/b"}))
    assert created.status == 201
    identifier = created.document.get("identifier")
    ref = f"https://{cgi.host}:{cgi.client.port}/api/v1/customers/{identifier}"
    assert created.headers["Location"] == created.document.get("ref") == ref

    shown = cgi.client.get("customers/extid/a%2Fb")
    assert shown.status == 200
    assert shown.document.findtext("owner/email") == REQUIRED[EMAIL]
    unchanged = cgi.client.get(f"customers/{identifier}", {"If-None-Match": shown.headers["ETag"]})
    assert (unchanged.status, unchanged.body) == (304, b"")

    updated = cgi.client.put(f"customers/{identifier}", build({FAMILY_NAME: "Banks", GIVEN_NAME: "Zo\u00eb"}))
    assert (updated.status, updated.reason) == (201, "Updated")
    listed = cgi.client.get("customers?acked=false").document
    assert [each.get("identifier") for each in listed] == [identifier]
    assert listed.findtext("account/owner/name/given-name") == "Zo\u00eb"


def test_the_login_and_the_external_identifier_of_an_account_are_set(cgi):
    identifier = insert_account(cgi)
    login = b"<change-login><login-id>other@example.net</login-id></change-login>"
    assert cgi.client.put(f"customers/{identifier}/change-login", login).status == 201
    assert cgi.client.post(f"customers/{identifier}/extid", b"extid=%C3%A9+x").status == 200
    shown = cgi.client.get(f"customers/{identifier}").document
    assert (shown.get("extid"), shown.findtext("owner/email")) == ("\u00e9 x", "other@example.net")
    assert cgi.client.delete(f"customers/{identifier}/extid").status == 204


def test_a_change_is_acknowledged(cgi):
    identifier = insert_account(cgi)
    body = f"<acknowledgements><acknowledgement>{identifier}</acknowledgement></acknowledgements>".encode()
    reply = cgi.client.post("customers/acked", body)
    assert (reply.status, reply.body) == (204, b"")
    assert cgi.client.get(f"customers/{identifier}").document.get("unacked-since") is None


def test_head_has_the_headers_of_get(cgi):
    identifier = insert_account(cgi)
    show, head = (cgi.client.request(method, f"/api/v1/customers/{identifier}") for method in ("GET", "HEAD"))
    assert (head.status, head.body) == (200, b"")
    assert head.headers["ETag"] == show.headers["ETag"]
    assert head.headers["Content-Type"] == show.headers["Content-Type"]


def test_errors_are_documents(cgi):
    assert_invalid(cgi.client.post("customers", account({EMAIL: None})), (EMAIL, "required"))
    unknown = cgi.client.get("customers/1")
    assert (unknown.status, unknown.code) == (404, "unknown-account")
    denied = cgi.anonymous.get("customers/1")
    assert (denied.status, denied.code) == (401, "unauthenticated")
    assert denied.headers["WWW-Authenticate"].startswith("Basic ")
    refused = cgi.client.get("customers/%zz")
    assert (refused.status, refused.code) == (400, "malformed-request")


def test_a_body_of_one_mebibyte_is_read_and_a_larger_one_refused(cgi):
    largest = account().ljust(MEBIBYTE)
    assert cgi.client.put("customers/1", largest).code == "unknown-account"
    larger = cgi.client.put("customers/1", largest + b" ")
    assert (larger.status, larger.code) == (413, "too-large")


def test_a_chunked_body_is_refused(cgi):
    response = cgi.client.post("customers", [account()])
    assert (response.status, response.code) == (411, "malformed-request")


def test_without_a_database_the_service_is_unavailable(cgi):
    cgi.instance.run("stop-database")
    response = cgi.client.get("customers")
    cgi.instance.run("start-database")
    assert (response.status, response.code) == (503, "unavailable")
    assert cgi.client.get("customers").status == 200


def test_the_programs_log_is_in_the_main_one_of_apache(cgi):
    response = cgi.client.get("customers")
    line = f"request_id={response.headers['X-Request-Id']} client_address=127.0.0.1 company={cgi.key} client=tests operation=list"
    wait_until(lambda: line in cgi.instance.log("apache2.log"))
    assert not any(report in cgi.instance.logs() for report in SANITIZER_REPORTS)
