"""The program's log has a line for each request, and no log of any part holds anything of what came through the API."""

import base64
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from documents import (
    ADDITIONAL_NAMES, BILLING, COMMUNITY, EMAIL, EXTID, FAMILY_NAME, GIVEN_NAME, PASSWORD, RESIDENTIAL, SHOE_SIZE,
    account, insert_account,
)  # fmt: skip
from leap_client import basic
from leap_instance import wait_until
from web_differences import EXPECTED

LINE = re.compile(
    r"time=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z request_id=(?P<request_id>" + EXPECTED.request_id + r") "
    r"client_address=(?P<client_address>\S+) company=(?P<company>\S+) client=(?P<client>\S+) "
    r"operation=(?P<operation>\S+) status=(?P<status>\d{3}) code=(?P<code>\S+) "
    r"ms=(?P<ms>\d+(\.\d+)?) db_ms=(?P<db_ms>\d+(\.\d+)?)"
)
CANARY = "canaryqzjx"


def lines_of(instance, request_id):
    """The lines of the program about a request, by now."""
    logs = instance.log("leap-ws.log") + instance.log("leap-ws-create.log")
    return [line for line in logs.splitlines() if request_id in line]


def logged(instance, response):
    """What the program has logged of a request: one line, of which the values are returned."""
    request_id = response.headers["X-Request-Id"]
    lines = wait_until(lambda: lines_of(instance, request_id))
    assert len(lines) == 1
    return LINE.fullmatch(lines[0]).groupdict()


# A line for each request


class Requests:
    """Each kind of request, with what its line has to say: company and client known, operation, status, code."""

    def __init__(self, company):
        self.company = company
        self.identifier = insert_account(company, extid="logged")

    def get(self, path, client=None, **headers):
        return (client or self.company.client).get(path, headers)

    def post(self, body, **headers):
        return self.company.client.post("customers", body, headers)

    def show(self):
        return self.get(f"customers/{self.identifier}")

    def show_by_extid(self):
        return self.get("customers/extid/logged")

    def head(self):
        return self.company.client.head(f"customers/{self.identifier}")

    def create(self):
        return self.post(account({EMAIL: "logged@example.net"}))

    def invalid(self):
        return self.post(b"<account/>")

    def malformed(self):
        return self.post(b"<")

    def media_type(self):
        return self.post(b"", **{"Content-Type": "text/plain"})

    def unknown_account(self):
        return self.get("customers/1")

    def identifier_malformed(self):
        return self.get("customers/x")

    def query(self):
        return self.get("customers/1?x")

    def unknown_path(self):
        return self.get("x")

    def other_method(self):
        return self.company.client.delete("customers")

    def unauthenticated(self):
        return self.get(f"customers/{self.identifier}", self.company.anonymous)

    def wrong_secret(self):
        return self.get("customers/1", self.company.as_client("tests", "wrong"))

    def unknown_host(self):
        return self.get("customers/1", Host="nobody.leap.localhost")

    def undecodable(self):
        return self.get("customers/%FF")

    def options(self):
        return self.company.anonymous.options("customers")


@pytest.fixture(scope="module")
def requests(make_company):
    return Requests(make_company())


@pytest.mark.parametrize(
    "send, known, operation, status, code",
    [
        (Requests.show, True, "show", 200, "-"),
        (Requests.show_by_extid, True, "show", 200, "-"),
        (Requests.head, True, "show", 200, "-"),
        (Requests.create, True, "create", 201, "-"),
        (Requests.invalid, True, "create", 400, "validation"),
        (Requests.malformed, True, "create", 400, "malformed-xml"),
        (Requests.media_type, True, "create", 415, "unsupported-media-type"),
        (Requests.unknown_account, True, "show", 404, "unknown-account"),
        (Requests.identifier_malformed, True, "show", 400, "malformed-identifier"),
        (Requests.query, True, "show", 400, "malformed-request"),
        (Requests.unknown_path, True, "-", 404, "unknown-path"),
        (Requests.other_method, True, "-", 405, "method-not-allowed"),
        (Requests.unauthenticated, False, "show", 401, "unauthenticated"),
        (Requests.wrong_secret, False, "show", 401, "unauthenticated"),
        (Requests.unknown_host, False, "show", 404, "unknown-host"),
        (Requests.undecodable, False, "-", 400, "malformed-request"),
        (Requests.options, False, "-", 204, "-"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_request_has_a_line(instance, requests, send, known, operation, status, code):
    line = logged(instance, send(requests))
    assert line["client_address"] == "127.0.0.1"
    assert (line["operation"], line["status"], line["code"]) == (operation, str(status), code)
    assert (line["company"], line["client"]) == ((requests.company.key, "tests") if known else ("-", "-"))
    assert 0 <= float(line["db_ms"]) <= float(line["ms"]) < 60000


def test_the_times_are_those_of_the_request_and_of_the_database(instance, company):
    """Hashing a password takes far longer than the database."""
    line = logged(instance, company.client.post("customers", account()))
    assert float(line["ms"]) > 20
    assert 0 < float(line["db_ms"]) < float(line["ms"])


def test_a_request_that_was_refused_without_the_database_has_no_time_of_it(instance, requests):
    assert float(logged(instance, requests.undecodable())["db_ms"]) == 0


def test_the_address_of_the_client_is_the_web_servers_idea_of_it(instance, requests):
    forged = requests.get("customers/1", **{"X-Forwarded-For": "203.0.113.9", "X-Real-IP": "203.0.113.9"})
    assert logged(instance, forged)["client_address"] == "127.0.0.1"


# Nothing of what came through the API

# A value that each element accepts, and one that it does not, both with the canary.
ACCEPTED = {
    EXTID: CANARY,
    EMAIL: f"{CANARY}@example.net",
    PASSWORD: f"{CANARY} password",
    GIVEN_NAME: f"{CANARY} given",
    FAMILY_NAME: f"{CANARY} family",
    ADDITIONAL_NAMES: CANARY,
    f"{RESIDENTIAL}/street-address": f"{CANARY} street",
    f"{BILLING}/region": CANARY,
    SHOE_SIZE: CANARY,
}
INVALID = {path: f"\x85{value}" * 100 for path, value in ACCEPTED.items()} | {COMMUNITY: CANARY}


def all_logs(instance, response):
    """Everything that has been logged once this reply's request is in every log that names requests."""
    request_id = response.headers["X-Request-Id"]
    wait_until(lambda: lines_of(instance, request_id))
    wait_until(lambda: request_id in instance.log("leap-ws.access.log"))
    return instance.logs()


def assert_not_logged(instance, response, *also):
    logs = all_logs(instance, response).lower()
    for secret in (CANARY, base64.b64encode(CANARY.encode()).decode()[:8], *also):
        assert secret.lower() not in logs


def test_no_log_holds_a_path_a_query_or_a_header(instance, company):
    headers = {
        name: CANARY
        for name in ("User-Agent", "Referer", "Cookie", "Accept", "X-Request-Id", "Idempotency-Key", "If-None-Match")
    }
    for method in ("GET", "HEAD", "POST", "OPTIONS", "DELETE", CANARY.upper()):
        for path in (f"customers/extid/{CANARY}", f"customers/{CANARY}", f"{CANARY}/%FF", f"x?{CANARY}={CANARY}"):
            company.client.request(method, f"/api/v1/{path}", b"", headers)
    company.client.get("customers/1", {"Host": f"{CANARY}.leap.localhost"})
    assert_not_logged(instance, company.client.get(f"customers/extid/{CANARY}", headers))


def test_no_log_holds_a_credential(instance, company):
    for authorization in (
        basic(CANARY, CANARY),
        basic("tests", CANARY),
        basic(CANARY, company.secret),
        f"Bearer {CANARY}",
        CANARY,
    ):
        assert company.anonymous.get("customers/1", {"Authorization": authorization}).status == 401
    response = company.client.get("customers/1")
    assert_not_logged(instance, response, company.secret, company.client.authorization.split()[1])


def test_no_log_holds_a_body(instance, company):
    for body in (
        account(ACCEPTED),
        account(INVALID),
        account(ACCEPTED)[:-3],
        account(ACCEPTED).replace(b"</owner>", f"<{CANARY}></owner>".encode()),
        f"<{CANARY}>".encode(),
        f"<account>&{CANARY};</account>".encode(),
        f"<!DOCTYPE {CANARY}><account/>".encode(),
        f"<?xml version='1.0' encoding='{CANARY}'?><account/>".encode(),
        CANARY.encode() * 200000,
    ):
        response = company.client.post("customers", body, {"Content-Type": "application/xml"})
        assert response.status in (201, 400, 413)
    assert_not_logged(instance, company.client.get("customers/1"))


def test_no_log_holds_a_value_of_writes_that_lose_a_race(instance, company):
    """All at once, so that some find the e-mail address or the external identifier free and then taken."""
    bodies = [account(ACCEPTED | {path: f"{number}{CANARY}@x"}) for path in (EMAIL, EXTID) for number in range(3)]
    with ThreadPoolExecutor(len(bodies)) as pool:
        replies = list(pool.map(lambda body: company.client.post("customers", body), bodies))
    assert sorted(reply.status for reply in replies)[0] == 201
    assert {reply.code for reply in replies if reply.status != 201} == {"validation"}
    assert_not_logged(instance, replies[0])


def test_no_log_holds_a_value_of_a_write_that_the_database_refuses(instance, company):
    company.dba("SELECT leap.set_account_limit(:'company', 0);")
    response = company.client.post("customers", account(ACCEPTED))
    assert response.code == "account-limit"
    assert_not_logged(instance, response)


def test_no_log_holds_anything_of_requests_while_the_database_is_away(instance, company):
    instance.run("stop-database")
    try:
        assert company.client.get(f"customers/extid/{CANARY}").status == 503
        assert company.client.post("customers", account(ACCEPTED)).status == 503
        response = company.as_client(CANARY, CANARY).get("customers/1")
        assert_not_logged(instance, response)
    finally:
        instance.run("start-database")
