"""What nginx alone does. What Apache does too is in test_web_server.py, where they differ in web_differences.py."""

import os
import re
import socket
import ssl
import subprocess
import time

import pytest

from fastcgi_responder import Responder
from leap_client import basic, trusting
from leap_instance import wait_until
from web_server import HOST, Site, assert_refused, make_certificate, refusal, site_with

MEBIBYTE = 1024 * 1024


@pytest.mark.parametrize(
    "request_bytes, status, code",
    [
        (b"get / HTTP/1.1\r\nHost: x\r\n\r\n", 400, "malformed-request"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "malformed-request"),
        (b"GET / HTTP/3.0\r\nHost: x\r\n\r\n", 505, "malformed-request"),
    ],
)
def test_what_nginx_alone_refuses(site, request_bytes, status, code):
    answer = refusal(site.client.exchange(request_bytes))
    assert (answer.status, answer.code) == (status, code)


def test_a_larger_chunked_body_is_413(site):
    pieces = [b"x" * MEBIBYTE, b"x"]
    assert_refused(site.client.put("customers/1", pieces), 413, "too-large")


def changes_of_directories(instance):
    """When a file was last made or removed in each directory for temporary files."""
    return {path: path.stat().st_mtime_ns for path in (instance.directory / "tmp").rglob("*") if path.is_dir()}


def test_no_body_and_no_reply_touches_the_disk(instance, company):
    before = changes_of_directories(instance)
    assert {path.name for path in before} >= {"body", "fastcgi"}
    for body in (b"x" * MEBIBYTE, [b"x" * 1000] * 1000):
        assert company.client.post("customers", body).code == "malformed-xml"
    company.dba(
        "INSERT INTO leap.account (company_id, email, given_name, family_name, communities, additional_fields)"
        " SELECT company_id, n || '@example.net', 'A', 'B', '{original}', jsonb_build_object('shoe-size', repeat('é', 1000))"
        " FROM leap.company, generate_series(1, 100) n WHERE company = :'company'")  # fmt: skip
    assert len(company.client.get("customers").body) > 200000
    assert changes_of_directories(instance) == before


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_headers_that_are_too_large_together_are_431(site, method):
    headers = {name: "x" * 16000 for name in "ABCD"}
    assert_refused(site.client.request(method, "/", headers=headers), 431, "too-large")


def test_the_largest_headers_fit_what_fastcgi_carries(site):
    names = ("Authorization", "If-Match", "If-None-Match", "Idempotency-Key", "Content-Type")
    for first in range(len(names)):
        for second in range(first + 1, len(names)):
            headers = {names[first]: "x" * 16300, names[second]: "y" * 16300}
            response = site.client.request("GET", "/" + "x" * (16384 - len("GET / HTTP/1.1")), headers=headers)
            assert response.status == 200


def test_the_web_servers_own_location_is_not_to_be_had(site):
    assert_refused(site.client.request("GET", "/.leap-error"), 404, "unknown-path")


AT_ONCE = 8


@pytest.fixture
def few_at_once(tmp_path):
    """The site with its limit of requests at once lower, so that they are quickly there."""
    made = Site(**site_with(tmp_path, "Limits for each address", [("leap_address 256", f"leap_address {AT_ONCE}")]))
    yield made
    made.close()


def test_too_many_requests_at_once_are_429(few_at_once):
    client = few_at_once.client
    other = few_at_once.instance.client(HOST)
    other.source = "127.0.0.2"
    request = f"POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 1\r\n\r\n".encode()
    waiting = []
    try:
        for _ in range(AT_ONCE):
            waiting.append(client.open())
            waiting[-1].sendall(request)
        # Those are in hand once nginx has read them, which nothing shows but the refusal itself.
        response = wait_until(lambda: (answer := client.get("customers/1")).status == 429 and answer)
        assert other.get("customers/1").status == 200
    finally:
        for connection in waiting:
            connection.close()
    assert_refused(response, 429, "rate-limited", Retry_After="1")
    wait_until(lambda: client.get("customers/1").status == 200)


@pytest.fixture
def full_queue(site):
    """The site while nobody takes creates from their queue and the queue is full."""
    site.creates.close()
    waiting = [socket.socket(socket.AF_UNIX)]
    waiting[0].bind(str(site.paths[1]))
    os.chmod(site.paths[1], 0o666)
    waiting[0].listen(4)
    try:
        while True:
            waiting.append(socket.socket(socket.AF_UNIX))
            waiting[-1].setblocking(False)
            waiting[-1].connect(str(site.paths[1]))
    except BlockingIOError:
        yield site
    for each in waiting:
        each.close()
    os.unlink(site.paths[1])
    site.creates = Responder(site.paths[1])


def test_a_create_that_finds_its_queue_full_is_503(full_queue):
    response = full_queue.client.post("customers", b"<account/>")
    assert_refused(response, 503, "outcome-unknown", Retry_After="1")


def test_a_full_queue_of_creates_keeps_nothing_else_from_being_served(full_queue):
    assert full_queue.client.get("customers").status == 200
    assert full_queue.client.put("customers/1", b"<account/>").status == 200


# The limit of requests in a second: each test has an address of its own

BURST = 5
BALANCER = "127.0.0.99"


@pytest.fixture(scope="module")
def limited(tmp_path_factory):
    """The site with this limit switched on, lower, and with a balancer that is believed about addresses."""
    lower = [("rate=50r/s", "rate=1r/m"), ("burst=500", f"burst={BURST}")]
    balancer = [("#real_ip_header", "real_ip_header"), ("#set_real_ip_from 192.0.2.10", f"set_real_ip_from {BALANCER}")]
    made = Site(**site_with(tmp_path_factory.mktemp("site"), "Limits for each address", lower + balancer))
    yield made
    made.close()


@pytest.fixture
def client_at(limited):
    """A function that gives a client at an address of this machine."""

    def make(address):
        client = limited.instance.client(HOST)
        client.source = address
        return client

    return make


def use_up(client, **headers):
    """Sends all the requests that this address may send at once."""
    assert [client.get("customers/1", headers).status for _ in range(BURST + 1)] == [200] * (BURST + 1)


def assert_limited(response):
    assert_refused(response, 429, "rate-limited", Retry_After="1")


def test_beyond_the_burst_requests_of_an_address_are_429_and_never_reach_the_program(limited, client_at):
    client = client_at("127.0.0.10")
    use_up(client)
    before = len(limited.general.requests) + len(limited.creates.requests)
    for method in ("GET", "HEAD", "OPTIONS", "PUT", "POST"):
        assert_limited(client.request(method, "/api/v1/customers", b"" if method in ("PUT", "POST") else None))
    assert len(limited.general.requests) + len(limited.creates.requests) == before


def test_a_kept_connection_outlives_429(client_at):
    with client_at("127.0.0.11").kept_alive() as client:
        use_up(client)
        for method in ("GET", "HEAD", "GET"):
            assert_limited(client.request(method, "/api/v1/customers/1"))


def test_other_addresses_are_served_while_one_is_refused(client_at):
    first, other = client_at("127.0.0.12"), client_at("127.0.0.13")
    use_up(first)
    assert_limited(first.get("customers/1"))
    use_up(other)


def test_neither_a_made_up_address_nor_other_credentials_get_round_the_limit(client_at):
    client = client_at("127.0.0.14")
    use_up(client)
    for number in range(BURST + 2):
        address = f"203.0.113.{number}"
        headers = {"X-Forwarded-For": address, "X-Real-IP": address, "Forwarded": f"for={address}"}
        assert_limited(client.get("customers/1", headers | {"Authorization": basic(f"client-{number}", "x")}))


def test_the_addresses_of_an_ipv6_network_count_as_one(client_at):
    client = client_at(BALANCER)
    for number in range(BURST + 1):
        assert client.get("customers/1", {"X-Forwarded-For": f"2001:db8:0:a::{number}"}).status == 200
    assert_limited(client.get("customers/1", {"X-Forwarded-For": "2001:db8:0:a:ffff:ffff:ffff:ff0a"}))
    use_up(client, **{"X-Forwarded-For": "2001:db8:0:b::1"})
    use_up(client, **{"X-Forwarded-For": "203.0.113.1"})
    use_up(client, **{"X-Forwarded-For": "203.0.113.2"})


def test_no_log_holds_the_path_of_a_request_over_the_limit(limited, client_at):
    client = client_at("127.0.0.15")
    use_up(client)
    response = client.get("customers/extid/canaryqzjx?canaryqzjx")
    wait_until(lambda: response.headers["X-Request-Id"] in limited.instance.log("leap-ws.access.log"))
    assert "canaryqzjx" not in limited.instance.logs()


def test_the_program_gets_the_headers_it_reads_and_no_others(site):
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
        "Cookie": "x",
    }
    # nginx's clock has milliseconds, and may be one behind.
    before = time.time() - 0.1
    site.client.put("customers/1", b"<x/>", headers)
    parameters, body = site.seen
    request_id = parameters.pop("LEAP_REQUEST_ID")
    assert re.fullmatch("[0-9A-Za-z@_-]{24,32}", request_id)
    assert before <= float(parameters.pop("LEAP_RECEIVED")) <= time.time()
    assert body == b"<x/>"
    assert parameters == {
        "REQUEST_METHOD": "PUT",
        "REQUEST_URI": "/api/v1/customers/1",
        "CONTENT_TYPE": "text/xml",
        "CONTENT_LENGTH": "4",
        "HTTP_HOST": f"{HOST}:{site.instance.https_port}",
        "LEAP_HOST": HOST,
        "HTTPS": "on",
        "REQUEST_SCHEME": "https",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_AUTHORIZATION": "Basic eDp5",
        "HTTP_CONTENT_ENCODING": "gzip",
        "HTTP_IDEMPOTENCY_KEY": "k",
        "HTTP_IF_MATCH": '"7"',
        "HTTP_IF_NONE_MATCH": '"8"',
    }


def test_a_chunked_body_arrives_with_its_length(site):
    site.client.put("customers/1", [b"abc", b"de"])
    parameters, body = site.seen
    assert (parameters["CONTENT_LENGTH"], body) == ("5", b"abcde")


# HTTP/2


def curl(site, *arguments):
    """Status, version of HTTP and body, as curl gets them over HTTP/2."""
    done = subprocess.run(
        ["curl", "--silent", "--http2", "--noproxy", "*", "--cacert", site.instance.ca]
        + ["--resolve", f"{HOST}:{site.instance.https_port}:127.0.0.1", "--path-as-is"]
        + ["--write-out", "\n%{http_code} %{http_version}", *arguments[:-1]]
        + [f"https://{HOST}:{site.instance.https_port}{arguments[-1]}"],
        stdout=subprocess.PIPE,
        text=True,
        timeout=30,
    )
    body, _, line = done.stdout.rpartition("\n")
    return (*line.split(), body)


def test_http_2_is_served(site):
    assert curl(site, "/api/v1/customers/extid/a%2Fb//c")[:2] == ("200", "2")
    parameters = site.seen[0]
    assert parameters["REQUEST_URI"] == "/api/v1/customers/extid/a%2Fb//c"
    assert parameters["HTTP_HOST"] == f"{HOST}:{site.instance.https_port}"


@pytest.mark.parametrize(
    "arguments, status, code",
    [
        (["/%zz"], "400", "malformed-request"),
        (["--data-binary", "x" * 100000 + "@", "/%zz"], "400", "malformed-request"),
        (["/" + "a" * 17000], "414", "uri-too-long"),
        (["/" + "a" * 30000], "414", "uri-too-long"),
    ],
)
def test_refusals_over_http_2_are_documents_too(site, arguments, status, code):
    got_status, version, body = curl(site, *arguments)
    assert (got_status, version) == (status, "2")
    assert f'code="{code}"' in body


def test_a_body_that_is_too_large_over_http_2_is_413(site, tmp_path):
    (tmp_path / "body").write_bytes(b"x" * (MEBIBYTE + 1))
    status, version, body = curl(site, "--data-binary", f"@{tmp_path}/body", "/api/v1/customers")
    assert (status, version) == ("413", "2")
    assert 'code="too-large"' in body


def test_an_own_domain_is_served_when_two_files_are_dropped_in(site, tmp_path):
    host = "api.customer.example"
    make_certificate(tmp_path, host)
    client = site.instance.client(host, ca=tmp_path / f"{host}.crt")
    with pytest.raises(ssl.SSLError):
        client.get("customers")
    for suffix in ("key", "crt"):
        (tmp_path / f"{host}.{suffix}").rename(site.instance.directory / "domains" / f"{host}.{suffix}")
    assert client.get("customers").status == 200
    assert site.seen[0]["LEAP_HOST"] == host
    assert_refused(client.request("GET", "/%zz"), 400, "malformed-request")


def test_an_own_domain_without_files_fails_the_handshake(site):
    client = site.instance.client(HOST)
    client.host = "api.unknown.example"
    client.context = trusting(site.instance.ca)
    with pytest.raises(ssl.SSLError):
        client.get("customers")
