"""What the web server decides alone: behind it stands a FastCGI application that answers anything."""

import os
import re
import socket
import ssl
import subprocess
import types

import pytest

from fastcgi_responder import Responder
from leap_client import NAMESPACE, basic, read_document, receive_all, send_plain, trusting
from leap_instance import Instance, wait_until

HOST = "demo.leap.localhost"
CANARY = "canary7f3a"
MEBIBYTE = 1024 * 1024
# TRACE has no path of its own that would know its methods.
METHODS = "GET, HEAD, OPTIONS, POST, PUT, DELETE"


class Site:
    """nginx alone, with a responder for each of the two sockets."""

    def __init__(self):
        self.instance = Instance()
        run = self.instance.directory / "run"
        run.mkdir()
        self.paths = [run / "leap-ws.sock", run / "leap-ws-create.sock"]
        self.listen()
        self.instance.start_web()
        self.client = self.instance.client(HOST)

    def listen(self):
        self.general, self.creates = (Responder(path) for path in self.paths)

    def silence(self):
        self.general.close()
        self.creates.close()

    @property
    def seen(self):
        """(parameters, body) of the last request that reached the general workers."""
        return self.general.requests[-1]

    def plain(self, method, target="/api/v1/customers", headers=()):
        host = ("Host", f"{HOST}:{self.instance.http_port}")
        return send_plain(self.instance.http_port, method, target, [host, *headers])

    def close(self):
        self.silence()
        self.instance.close()


@pytest.fixture(scope="module")
def site():
    made = Site()
    yield made
    made.close()


@pytest.fixture
def silent(site):
    """The site while no worker listens."""
    site.silence()
    yield site
    site.listen()


def assert_refused(response, status, code, **headers):
    """An error document of the API, whole, with all the headers of the web server's own replies."""
    assert response.status == status
    assert response.headers["Content-Type"] == "application/xml; charset=UTF-8"
    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert re.fullmatch("[0-9a-f]{32}", response.headers["X-Request-Id"])
    for name in ("Retry-After", "Allow"):
        assert response.headers[name] == headers.get(name.replace("-", "_"))
    if response.method == "HEAD":
        assert response.body == b"" and int(response.headers["Content-Length"]) > 150
    else:
        assert re.fullmatch(
            '<\\?xml version="1.0" encoding="UTF-8"\\?>\n'
            f'<error xmlns="{NAMESPACE}" code="{code}">\n'
            "    <message>[^<&]+</message>\n"
            "    <field-errors/>\n"
            "</error>\n",
            response.body.decode(),
        )
        assert response.code == code


def refusal(received):
    """The parts of a response whose body is an error document."""
    head, _, body = received.partition(b"\r\n\r\n")
    code = read_document(body).get("code")
    return types.SimpleNamespace(status=int(head.split()[1]), head=head.decode(), code=code)


# Plain HTTP


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_plain_http_redirects_a_read_without_credentials(site, method):
    target = "/api/v1/customers/extid/a%2Fb//c?x=%2B+y"
    response = site.plain(method, target)
    assert response.status == 308
    assert response.headers["Location"] == f"https://{HOST}:{site.instance.https_port}{target}"
    assert response.headers["Strict-Transport-Security"] is None
    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["X-Request-Id"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_plain_http_refuses_what_is_no_read(site, method):
    response = site.plain(method)
    assert_refused(response, 403, "insecure")
    assert response.headers["Strict-Transport-Security"] is None


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_plain_http_refuses_credentials_and_says_to_replace_them(site, method):
    response = site.plain(method, headers=[("Authorization", basic("crm", "secret"))])
    assert_refused(response, 403, "insecure")
    if method != "HEAD":
        assert "replaced" in response.message


def test_plain_http_never_reaches_the_program(site):
    before = len(site.general.requests) + len(site.creates.requests)
    for method in ("GET", "HEAD", "POST", "PUT", "OPTIONS"):
        site.plain(method)
    assert len(site.general.requests) + len(site.creates.requests) == before


def test_plain_http_on_the_port_of_https_is_refused(site):
    response = send_plain(site.instance.https_port, "GET", "/api/v1/customers", [("Host", HOST)])
    assert_refused(response, 403, "insecure")


# What the web server refuses


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", ["/%zz", "/%", "/%00", "/../x", "/%2e%2e/x", "/a/%2e%2e/%2e%2e/x"])
def test_a_path_that_cannot_be_decoded_is_400(site, method, path):
    assert_refused(site.client.request(method, path), 400, "malformed-request")


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"get / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_a_malformed_request_is_400(site, request_bytes):
    answer = refusal(site.client.exchange(request_bytes))
    assert answer.status == 400
    assert answer.code == "malformed-request"


@pytest.mark.parametrize("request_line, status", [("TRACE / HTTP/1.1", 405), ("GET / HTTP/3.0", 505)])
def test_what_http_allows_but_nobody_serves(site, request_line, status):
    answer = refusal(site.client.exchange(f"{request_line}\r\nHost: {HOST}\r\n\r\n".encode()))
    assert answer.status == status
    assert answer.code == {405: "method-not-allowed", 505: "malformed-request"}[status]
    assert (f"Allow: {METHODS}" in answer.head) == (status == 405)


def test_an_unknown_transfer_encoding_is_501(site):
    request = f"POST / HTTP/1.1\r\nHost: {HOST}\r\nTransfer-Encoding: gzip\r\n\r\n"
    answer = refusal(site.client.exchange(request.encode()))
    assert answer.status == 501
    assert answer.code == "malformed-request"


def test_a_body_of_one_mebibyte_arrives_whole(site):
    body = b"x" * MEBIBYTE
    assert site.client.put("customers/1", body).status == 200
    assert site.seen[1] == body


@pytest.mark.parametrize("method", ["POST", "HEAD"])
def test_a_larger_body_is_413(site, method):
    response = site.client.request(method, "/api/v1/customers/1", b"x" * (MEBIBYTE + 1))
    assert_refused(response, 413, "too-large")


def test_a_larger_chunked_body_is_413(site):
    pieces = [b"x" * MEBIBYTE, b"x"]
    assert_refused(site.client.put("customers/1", pieces), 413, "too-large")


def request_line_target(size):
    return "/" + "x" * (size - len("GET / HTTP/1.1"))


def test_a_request_line_of_16_kib_arrives(site):
    target = request_line_target(16 * 1024)
    assert site.client.request("GET", target).status == 200
    assert site.seen[0]["REQUEST_URI"] == target


@pytest.mark.parametrize("size", [16 * 1024 + 1, 64 * 1024])
def test_a_longer_request_line_is_414(site, size):
    assert_refused(site.client.request("GET", request_line_target(size)), 414, "uri-too-long")


@pytest.mark.parametrize("headers", [{"A": "x" * 21000}, {name: "x" * 16000 for name in "ABCD"}])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_headers_that_are_too_large_are_431(site, method, headers):
    assert_refused(site.client.request(method, "/", headers=headers), 431, "too-large")


def test_the_largest_headers_fit_what_fastcgi_carries(site):
    names = ("Authorization", "If-Match", "If-None-Match", "Idempotency-Key", "Content-Type")
    for first in range(len(names)):
        for second in range(first + 1, len(names)):
            headers = {names[first]: "x" * 16300, names[second]: "y" * 16300}
            response = site.client.request("GET", request_line_target(16384), headers=headers)
            assert response.status == 200


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_without_workers_a_read_is_503_unavailable(silent, method):
    response = silent.client.request(method, "/api/v1/customers")
    assert_refused(response, 503, "unavailable", Retry_After="1")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_without_workers_a_write_is_503_outcome_unknown(silent, method):
    response = silent.client.request(method, "/api/v1/customers", b"")
    assert_refused(response, 503, "outcome-unknown", Retry_After="1")


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


def test_the_web_servers_own_location_is_not_to_be_had(site):
    assert_refused(site.client.request("GET", "/.leap-error"), 404, "unknown-path")


def test_too_many_requests_at_once_are_429(site):
    request = f"POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 1\r\n\r\n".encode()
    waiting = []
    try:
        for _ in range(256):
            waiting.append(site.client.open())
            waiting[-1].sendall(request)
        # Those are in hand once nginx has read them, which nothing shows but the refusal itself.
        response = wait_until(
            lambda: (answer := site.client.get("customers/1")).status == 429 and answer
        )
    finally:
        for connection in waiting:
            connection.close()
    assert_refused(response, 429, "rate-limited", Retry_After="1")
    wait_until(lambda: site.client.get("customers/1").status == 200)


def test_slow_headers_and_slow_bodies_are_cut_off(site):
    slow = [site.client.open() for _ in range(2)]
    slow[0].sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
    slow[1].sendall(f"POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 9\r\n\r\nx".encode())
    for connection in slow:
        with connection:
            assert receive_all(connection) == b""


# What reaches the program


@pytest.mark.parametrize(
    "target",
    [
        "/api/v1/customers/extid/a%2Fb",
        "/api/v1/customers/extid/a%252Fb",
        "/api/v1//customers///",
        "/api/v1/customers/extid/x+y;z%3B%3F%23%25?q=%00&+",
        "/api/v1/customers/extid/%C3%A9",
        "/api/v1/customers/extid/%FF",
        "/a/./b/../c",
        "/a#b",
    ],
)
def test_the_path_reaches_the_program_as_it_was_sent(site, target):
    assert site.client.request("GET", target).status == 200
    assert site.seen[0]["REQUEST_URI"] == target


def test_the_host_name_is_folded_for_the_program_and_kept_as_sent(site):
    site.client.request("GET", "/", headers={"Host": "DEMO.leap.localhost.:1234"})
    parameters = site.seen[0]
    assert parameters["LEAP_HOST"] == "demo.leap.localhost"
    assert parameters["HTTP_HOST"] == "DEMO.leap.localhost.:1234"


def test_the_target_may_be_absolute(site):
    site.client.request("GET", f"https://{HOST}/api/v1/customers?x")
    assert site.seen[0]["REQUEST_URI"] == "/api/v1/customers?x"


@pytest.mark.parametrize("host", ["x.leap.localhost", "elsewhere.example", "localhost", "127.0.0.1"])
def test_any_host_name_reaches_the_program(site, host):
    assert site.client.request("GET", "/", headers={"Host": host}).status == 200
    assert site.seen[0]["LEAP_HOST"] == host


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
    site.client.put("customers/1", b"<x/>", headers)
    parameters, body = site.seen
    request_id = parameters.pop("LEAP_REQUEST_ID")
    assert re.fullmatch("[0-9a-f]{32}", request_id)
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


@pytest.mark.parametrize("path", ["customers", "customers/", "customers?x=y", "%63ustomers"])
def test_creates_have_workers_of_their_own(site, path):
    before = len(site.creates.requests)
    site.client.post(path)
    assert len(site.creates.requests) == before + 1


@pytest.mark.parametrize("method", ["GET", "PUT", "OPTIONS"])
def test_other_methods_do_not_use_the_workers_for_creates(site, method):
    before = len(site.creates.requests)
    site.client.request(method, "/api/v1/customers", None if method == "GET" else b"")
    assert len(site.creates.requests) == before


@pytest.mark.parametrize("path", ["customers/acked", "customers/1/comments", "customers//", "x"])
def test_other_posts_do_not_use_the_workers_for_creates(site, path):
    before = len(site.creates.requests)
    site.client.post(path)
    assert len(site.creates.requests) == before


# Headers


def test_replies_carry_the_request_id_that_the_program_was_told(site):
    replies = [site.client.get("customers/1", {"X-Request-Id": "mine"}) for _ in range(2)]
    told = [parameters["LEAP_REQUEST_ID"] for parameters, _ in site.general.requests[-2:]]
    assert [reply.headers["X-Request-Id"] for reply in replies] == told
    assert told[0] != told[1]


@pytest.mark.parametrize("path", ["/api/v1/customers", "/%zz"])
def test_https_replies_carry_hsts(site, path):
    assert site.client.request("GET", path).headers["Strict-Transport-Security"] == "max-age=31536000"


def test_the_server_does_not_tell_its_version(site):
    assert site.client.get("customers").headers["Server"] == "nginx"


# TLS


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_tls_1_2_and_1_3_are_served(site, version):
    client = site.instance.client(HOST)
    client.context.minimum_version = client.context.maximum_version = version
    assert client.get("customers").status == 200


@pytest.mark.filterwarnings("ignore:.*TLSv1_1:DeprecationWarning")
def test_tls_1_1_is_refused(site):
    client = site.instance.client(HOST)
    client.context.set_ciphers("ALL:@SECLEVEL=0")
    client.context.minimum_version = client.context.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(ssl.SSLError, match="PROTOCOL_VERSION"):
        client.get("customers")


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


# A company's own domain


def make_certificate(directory, name):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
        + ["-nodes", "-days", "2", "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
        + ["-keyout", directory / f"{name}.key", "-out", directory / f"{name}.crt"],
        check=True,
        stderr=subprocess.DEVNULL,
    )
    (directory / f"{name}.key").chmod(0o644)


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


def test_the_base_domain_comes_before_an_own_domain(site):
    assert site.instance.client("api.leap.localhost").get("customers").status == 200


def test_an_own_domain_without_files_fails_the_handshake(site):
    client = site.instance.client(HOST)
    client.host = "api.unknown.example"
    client.context = trusting(site.instance.ca)
    with pytest.raises(ssl.SSLError):
        client.get("customers")


# Logs


def send_canaries(site):
    target = f"/api/v1/customers/{CANARY}?{CANARY}"
    headers = [("Authorization", basic(CANARY, CANARY)), ("User-Agent", CANARY), ("Referer", CANARY)]
    for method in ("GET", "POST", "HEAD"):
        site.client.request(method, target, CANARY.encode(), headers)
        site.client.request(method, f"/%zz{CANARY}", headers=headers)
        site.plain(method, target, headers)
    site.client.request("GET", target, headers=[("Host", f"{CANARY}.leap.localhost")])
    site.client.request("PUT", target, CANARY.encode() * 200000, headers)
    site.client.request("GET", target + CANARY * 2000, headers=headers)
    site.client.exchange(f"{CANARY}\r\n\r\n".encode())


def test_no_log_holds_anything_of_a_request(site):
    send_canaries(site)
    site.silence()
    try:
        send_canaries(site)
    finally:
        site.listen()
    response = site.client.get("customers")
    request_id = response.headers["X-Request-Id"]
    logs = wait_until(lambda: request_id in (text := site.instance.logs()) and text)
    assert CANARY not in logs


def test_the_access_log_has_a_line_for_each_request(site):
    response = site.client.get("customers")
    request_id = response.headers["X-Request-Id"]
    line = wait_until(
        lambda: next(
            (line for line in site.instance.log("leap-ws.access.log").splitlines() if request_id in line),
            None,
        )
    )
    assert re.fullmatch(
        r"time=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00 "
        rf"request_id={request_id} client_address=127\.0\.0\.1 "
        r"status=200 upstream_status=200 bytes=\d+ seconds=\d+\.\d{3}",
        line,
    )
