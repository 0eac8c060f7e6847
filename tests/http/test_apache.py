"""What Apache alone does. What nginx does too is in test_web_server.py, where they differ in web_differences.py."""

import email.utils
import os
import re
import socket
import ssl
import subprocess

import pytest

from documents import insert_account
from fastcgi_responder import Responder
from leap_client import basic, trusting
from leap_instance import SOURCE, wait_until
from web_server import HOST, Site, assert_refused, make_certificate, site_with

ERRORS = SOURCE / "apache" / "errors"


# The error documents


def nginx_map(name, variable):
    """The rows of a map of nginx's site."""
    text = (SOURCE / "nginx" / "leap-ws.conf").read_text()
    rows = re.search(rf"^map \{name} \{variable} \{{\n(.*?)^\}}", text, re.MULTILINE | re.DOTALL)[1]
    return {key: value.strip('"') for key, value in re.findall(r"^ +(\S+) (.*);$", rows, re.MULTILINE)}


def error_document(name):
    """Status, code and message of a file."""
    head, _, body = (ERRORS / name).read_text().partition("\n\n")
    status = re.match(r"Status: (\d{3}) ", head)[1]
    return status, *re.search(r'code="(.*)">\n    <message>(.*)</message>', body).groups()


def test_the_error_documents_are_those_of_nginx():
    codes = nginx_map("$status", "$leap_code")
    del codes["default"]
    codes |= {"417": "malformed-request", "500": "internal", "503": "unavailable"}
    messages = nginx_map("$leap_code", "$leap_message")
    messages |= {"internal": messages["default"], "too-large": nginx_map("$status", "$leap_message_too_large")["default"]}
    expected = {f"{status}.asis": (status, code, messages[code]) for status, code in codes.items()}
    expected["431.asis"] = ("431", "too-large", nginx_map("$status", "$leap_message_too_large")["431"])
    expected["503-outcome-unknown.asis"] = ("503", "outcome-unknown", messages["outcome-unknown"])
    assert {path.name: error_document(path.name) for path in ERRORS.iterdir()} == expected


def test_every_error_document_is_used():
    used = set(re.findall(r"ErrorDocument \d{3} /\.leap-error/(\S+)", (SOURCE / "apache" / "leap-ws.server.conf").read_text()))
    assert used == {path.name for path in ERRORS.iterdir()}


@pytest.mark.parametrize("path", ["/.leap-error/", "/.leap-error/413.asis", "/.leap-error/../.leap-error/413.asis"])
def test_the_path_of_the_error_documents_is_the_programs(site, path):
    assert site.client.request("GET", path).body == b"reached"


def test_an_unknown_expectation_is_417(site):
    assert_refused(site.client.get("customers", {"Expect": "x"}), 417, "malformed-request")


def test_a_host_name_of_another_certificate_is_421(own_domain):
    site, client = own_domain
    assert_refused(site.client.get("customers", {"Host": client.host}), 421, "unknown-host")


# What reaches the program


def test_the_program_gets_the_variables_that_it_reads(site):
    headers = {
        "Authorization": "Basic eDp5",
        "Content-Type": "text/xml",
        "Content-Encoding": "gzip",
        "Idempotency-Key": "k",
        "If-Match": '"7"',
        "If-None-Match": '"8"',
        "Proxy": "http://attacker.example",
        "X-Request-Id": "mine",
        "Leap-Host": "other",
        "Leap_Host": "other",
        "UNIQUE_ID": "mine",
    }
    response = site.client.put("customers/1", b"<x/>", headers)
    parameters, body = site.seen
    assert body == b"<x/>"
    assert "HTTP_PROXY" not in parameters
    expected = {
        "REQUEST_METHOD": "PUT",
        "REQUEST_URI": "/api/v1/customers/1",
        "CONTENT_TYPE": "text/xml",
        "CONTENT_LENGTH": "4",
        "HTTP_HOST": f"{HOST}:{site.instance.https_port}",
        "LEAP_HOST": HOST,
        "LEAP_REQUEST_ID": response.headers["X-Request-Id"],
        "REQUEST_SCHEME": "https",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_AUTHORIZATION": "Basic eDp5",
        "HTTP_CONTENT_ENCODING": "gzip",
        "HTTP_IDEMPOTENCY_KEY": "k",
        "HTTP_IF_MATCH": '"7"',
        "HTTP_IF_NONE_MATCH": '"8"',
    }
    assert {name: parameters.get(name) for name in expected} == expected


@pytest.mark.parametrize("name", ["Authorization", "If-Match", "If-None-Match", "Idempotency-Key", "Content-Type"])
def test_the_largest_header_fits_a_variable_of_fastcgi(site, name):
    variable = name.upper().replace("-", "_")
    variable = variable if name == "Content-Type" else f"HTTP_{variable}"
    value = "x" * (16360 - len(f"{name}: "))
    assert site.client.put("customers", b"", {name: value}).status == 200
    assert site.seen[0][variable] == value


@pytest.mark.parametrize(
    "request_line, method",
    [("get / HTTP/1.1", "get"), ("GET / HTTP/3.0", "GET")],
)
def test_unknown_methods_and_versions_are_the_programs_to_refuse(site, request_line, method):
    answer = site.client.exchange(f"{request_line}\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode())
    assert b"reached" in answer
    assert site.seen[0]["REQUEST_METHOD"] == method


def test_of_two_lengths_of_a_body_the_chunks_count(site):
    site.client.put("customers/1", [b"abc", b"de"], {"Content-Length": "1"})
    parameters, body = site.seen
    assert body == b"abcde"
    assert parameters.get("CONTENT_LENGTH", "5") == "5"


def test_a_chunked_body_that_breaks_off_changes_nothing(company):
    instance = company.instance
    identifier = insert_account(company)
    lines = [
        f"POST /api/v1/customers/{identifier}/extid HTTP/1.1",
        f"Host: {company.host}",
        f"Authorization: {company.client.authorization}",
        "Transfer-Encoding: chunked",
    ]
    last_statement = "SELECT max(query_start) FROM pg_stat_activity WHERE usename = 'leap_api';"
    before, log = instance.psql(last_statement), instance.log("leap-ws.log")
    with company.client.open() as connection:
        connection.sendall(("\r\n".join(lines) + "\r\n\r\n8\r\nextid=ab\r\n").encode())
        # The program has the request in hand once it has authenticated its sender.
        wait_until(lambda: instance.psql(last_statement) != before)
    line = wait_until(lambda: instance.log("leap-ws.log").removeprefix(log))
    assert "operation=extid status=400 code=malformed-request" in line
    assert company.client.get(f"customers/{identifier}").document.get("extid") is None


@pytest.mark.parametrize(
    "condition",
    [("If-Match", '"7"'), ("If-Unmodified-Since", "Mon, 01 Jan 2001 00:00:00 GMT"), ("If-Modified-Since", None)],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_condition_that_the_program_ignores_is_ignored(site, method, condition):
    name, value = condition
    headers = {name: value or email.utils.formatdate(usegmt=True)}
    assert site.client.request(method, "/api/v1/customers", headers=headers).status == 200


def test_replies_are_the_programs_but_for_what_the_site_adds(site):
    headers = {name.lower() for name in site.client.get("customers").headers}
    added = {"x-request-id", "strict-transport-security"}
    assert headers - {"date", "server"} == {"content-type", "content-length"} | added


@pytest.fixture
def full_queue(site):
    """The site while nobody takes creates from their queue and the queue is full."""
    path = site.paths[1]
    site.creates.close()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        path.chmod(0o666)
        listener.listen(0)
        yield site
    path.unlink()
    site.creates = Responder(path)


def test_many_creates_that_wait_hold_up_nothing_else(full_queue):
    """More of them than Apache serves requests at once: a few wait, the others are refused in time."""
    request = f"POST /api/v1/customers HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()
    waiting = []
    try:
        for _ in range(200):
            waiting.append(full_queue.client.open())
            waiting[-1].sendall(request)
        assert full_queue.client.get("customers").status == 200
        wait_until(lambda: full_queue.instance.log("leap-ws.access.log").count("status=503") > 100, 20)
    finally:
        for connection in waiting:
            connection.close()


# A company's own domain


@pytest.fixture
def apachectl(site, tmp_path, monkeypatch):
    """Debian's command of that name, for the Apache of this instance."""
    etc = site.instance.directory / "etc"
    pid = site.instance.directory / "run" / "apache2.master.pid"
    path = tmp_path / "bin" / "apachectl"
    path.parent.mkdir()
    path.write_text(
        "#!/bin/sh\n"
        f"/usr/sbin/apache2 -d {etc} -f apache2.conf -t || exit\n"
        f'[ "$1" != graceful ] || kill -USR1 "$(cat {pid})"\n'
    )
    path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{path.parent}:{os.environ['PATH']}")


def leap_ws_domains(site):
    """What the administrator runs; waits until Apache has read its configuration anew."""
    command = [SOURCE / "apache" / "leap-ws-domains", site.instance.directory / "domains"]

    def reloads():
        return site.instance.log("apache2.log").count("resuming normal operations")

    before = reloads()
    status = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
    wait_until(lambda: reloads() > before)
    return status


def is_served(client):
    """Processes of before a reload may still take connections for a moment: so what it changes is waited for."""
    try:
        return client.get("customers").status == 200
    except (ssl.SSLCertVerificationError, ConnectionError):
        return False


@pytest.fixture
def own_domain(site, tmp_path, apachectl):
    """The site with api.customer.example and a client of it, by two files and a reload."""
    host = "api.customer.example"
    domains = site.instance.directory / "domains"
    make_certificate(domains, host)
    client = site.instance.client(host, ca=domains / f"{host}.crt")
    assert leap_ws_domains(site) == 0
    wait_until(lambda: is_served(client))
    yield site, client
    for path in domains.glob(f"{host}.*"):
        path.unlink()
    assert leap_ws_domains(site) == 0
    wait_until(lambda: not is_served(client))


def test_an_own_domain_is_served_after_a_reload(own_domain):
    site, client = own_domain
    client.get("customers")
    assert site.seen[0]["LEAP_HOST"] == client.host
    assert_refused(client.request("GET", "/%zz"), 400, "malformed-request")
    assert client.get("customers").headers["Strict-Transport-Security"] == "max-age=31536000"


@pytest.mark.parametrize("key", ["none", "no key\n", "another's"])
def test_a_pair_that_cannot_be_used_is_left_out(own_domain, tmp_path, key):
    site, client = own_domain
    domains = site.instance.directory / "domains"
    make_certificate(domains, "api.bad.example")
    make_certificate(tmp_path, "api.another.example")
    bad = domains / "api.bad.example.key"
    bad.unlink()
    if key != "none":
        bad.write_text((tmp_path / "api.another.example.key").read_text() if key == "another's" else key)
    assert leap_ws_domains(site) == 1
    (domains / "api.bad.example.crt").unlink()
    bad.unlink(missing_ok=True)
    assert (domains / "leap-ws.conf").read_text() == f"Use leap_domain {client.host}\n"
    wait_until(lambda: is_served(client))


def test_an_own_domain_without_files_is_shown_the_certificate_of_the_base_domain(site):
    client = site.instance.client(HOST)
    client.host = "api.unknown.example"
    client.context = trusting(site.instance.ca)
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        client.get("customers")


# Limits for an address


@pytest.fixture(scope="module")
def limited(tmp_path_factory):
    """The site with its limits switched on, but lower."""
    changes = [("RequestLimit 256", "RequestLimit 4"), ("Count 3000", "Count 40")]
    made = Site(**site_with(tmp_path_factory.mktemp("site"), "Limits for an address", changes))
    yield made
    made.close()


def test_too_many_requests_at_once_are_429(limited):
    request = f"POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 1\r\n\r\n".encode()
    waiting = []
    try:
        for _ in range(4):
            waiting.append(limited.client.open())
            waiting[-1].sendall(request)
        # Those are in hand once Apache has read them, which nothing shows but the refusal itself.
        response = wait_until(lambda: (answer := limited.client.get("customers/1")).status == 429 and answer)
    finally:
        for connection in waiting:
            connection.close()
    assert_refused(response, 429, "rate-limited", Retry_After="1")
    wait_until(lambda: limited.client.get("customers/1").status == 200)


@pytest.fixture(scope="module")
def over_the_limit(limited):
    """A client at an address that has sent all that it may send in a minute."""
    client = limited.instance.client(HOST)
    client.source = "127.0.0.10"
    statuses = [client.get("customers/1").status for _ in range(41)]
    assert (statuses[0], statuses[-1]) == (200, 429)
    return client


def test_too_many_requests_in_a_minute_are_429(limited, over_the_limit):
    before = len(limited.general.requests) + len(limited.creates.requests)
    for method in ("GET", "HEAD", "OPTIONS", "PUT", "POST"):
        response = over_the_limit.request(method, "/api/v1/customers", b"" if method in ("PUT", "POST") else None)
        assert_refused(response, 429, "rate-limited", Retry_After="1")
    assert len(limited.general.requests) + len(limited.creates.requests) == before


def test_neither_a_made_up_address_nor_other_credentials_get_round_the_limit(over_the_limit):
    for number in range(3):
        address = f"203.0.113.{number}"
        headers = {"X-Forwarded-For": address, "X-Real-IP": address, "Authorization": basic(f"client-{number}", "x")}
        assert_refused(over_the_limit.get("customers/1", headers), 429, "rate-limited", Retry_After="1")


def test_other_addresses_are_served_while_one_is_refused(limited, over_the_limit):
    other = limited.instance.client(HOST)
    other.source = "127.0.0.11"
    assert other.get("customers/1").status == 200
    assert over_the_limit.get("customers/1").status == 429


def test_no_log_holds_the_path_of_a_request_over_the_limit(limited, over_the_limit):
    response = over_the_limit.get("customers/extid/canaryqzjx?canaryqzjx")
    wait_until(lambda: response.headers["X-Request-Id"] in limited.instance.log("leap-ws.access.log"))
    assert "canaryqzjx" not in limited.instance.logs()
