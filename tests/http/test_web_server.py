"""What the web server decides alone, nginx and Apache alike: behind it stands a FastCGI application that answers anything."""

import os
import re
import socketserver
import ssl
import threading

import pytest

from fastcgi_responder import Responder
from leap_client import basic, receive_all, send_plain
from leap_instance import wait_until
from web_differences import EXPECTED
from web_server import HOST, METHODS, assert_refused, refusal

CANARY = "canary7f3a"
MEBIBYTE = 1024 * 1024


@pytest.fixture
def silent(site):
    """The site while no worker listens."""
    site.silence()
    yield site
    site.listen()


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
    assert_refused(response, *EXPECTED.plain_on_the_port_of_https)


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
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_a_malformed_request_is_400(site, request_bytes):
    answer = refusal(site.client.exchange(request_bytes))
    assert answer.status == 400
    assert answer.code == "malformed-request"


def test_trace_is_405(site):
    answer = refusal(site.client.exchange(f"TRACE / HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode()))
    assert (answer.status, answer.code) == (405, "method-not-allowed")
    assert f"Allow: {METHODS}" in answer.head


def test_an_unknown_transfer_encoding_is_refused(site):
    request = f"POST / HTTP/1.1\r\nHost: {HOST}\r\nTransfer-Encoding: gzip\r\n\r\n"
    answer = refusal(site.client.exchange(request.encode()))
    assert (answer.status, answer.code) == EXPECTED.unknown_transfer_encoding


def test_a_body_of_one_mebibyte_arrives_whole(site):
    body = b"x" * MEBIBYTE
    assert site.client.put("customers/1", body).status == 200
    assert site.seen[1] == body


@pytest.mark.parametrize("method", ["POST", "HEAD"])
def test_a_larger_body_is_413(site, method):
    response = site.client.request(method, "/api/v1/customers/1", b"x" * (MEBIBYTE + 1))
    assert_refused(response, 413, "too-large")


def request_line_target(size):
    return "/" + "x" * (size - len("GET / HTTP/1.1"))


def test_the_longest_request_line_arrives(site):
    target = request_line_target(EXPECTED.request_line)
    assert site.client.request("GET", target).status == 200
    assert site.seen[0]["REQUEST_URI"] == target


@pytest.mark.parametrize("size", [EXPECTED.request_line + 1, 64 * 1024])
def test_a_longer_request_line_is_414(site, size):
    assert_refused(site.client.request("GET", request_line_target(size)), 414, "uri-too-long")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_header_that_is_too_large_is_refused(site, method):
    assert_refused(site.client.request(method, "/", headers={"A": "x" * 21000}), *EXPECTED.header_too_large)


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_without_workers_a_read_is_503_unavailable(silent, method):
    response = silent.client.request(method, "/api/v1/customers")
    assert_refused(response, 503, "unavailable", Retry_After="1")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_without_workers_a_write_is_503_outcome_unknown(silent, method):
    response = silent.client.request(method, "/api/v1/customers", b"")
    assert_refused(response, 503, "outcome-unknown", Retry_After="1")


class Deserter(socketserver.ThreadingUnixStreamServer):
    """Takes each request and ends without an answer, as a program that crashes does."""

    def __init__(self, path):
        super().__init__(str(path), socketserver.BaseRequestHandler)
        os.chmod(path, 0o666)
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()


@pytest.fixture
def deserted(site):
    site.general.close()
    server = Deserter(site.paths[0])
    yield site
    server.shutdown()
    server.server_close()
    os.unlink(site.paths[0])
    site.general = Responder(site.paths[0])


@pytest.mark.parametrize("method, code", [("GET", "unavailable"), ("OPTIONS", "unavailable"), ("PUT", "outcome-unknown")])
def test_a_worker_that_ends_without_an_answer_is_503(deserted, method, code):
    response = deserted.client.request(method, "/api/v1/customers/1", b"x" if method == "PUT" else None)
    assert_refused(response, 503, code, Retry_After="1")


def test_slow_headers_and_slow_bodies_are_cut_off(site):
    slow = [site.client.open() for _ in range(2)]
    slow[0].sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
    slow[1].sendall(f"POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 9\r\n\r\nx".encode())
    for connection in slow:
        with connection:
            received = receive_all(connection)
        if EXPECTED.slow_is_answered:
            assert (refusal(received).status, refusal(received).code) == (408, "timeout")
        else:
            assert received == b""


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
    ],
)
def test_the_path_reaches_the_program_as_it_was_sent(site, target):
    assert site.client.request("GET", target).status == 200
    assert site.seen[0]["REQUEST_URI"] == target


def test_a_hash_in_the_path(site):
    response = site.client.request("GET", "/a#b")
    if EXPECTED.hash_in_path:
        assert response.status == 200
        assert site.seen[0]["REQUEST_URI"] == "/a#b"
    else:
        assert_refused(response, 400, "malformed-request")


def test_the_host_name_is_folded_for_the_program_and_kept_as_sent(site):
    site.client.request("GET", "/", headers={"Host": "DEMO.leap.localhost.:1234"})
    parameters = site.seen[0]
    assert parameters["LEAP_HOST"] == "demo.leap.localhost"
    assert parameters["HTTP_HOST"] == "DEMO.leap.localhost.:1234"


def test_the_target_may_be_absolute(site):
    site.client.request("GET", f"https://{HOST}/api/v1/customers?x")
    assert site.seen[0]["REQUEST_URI"] == EXPECTED.origin_of_absolute_target + "/api/v1/customers?x"


@pytest.mark.parametrize("host", ["x.leap.localhost", "elsewhere.example", "localhost", "127.0.0.1"])
def test_any_host_name_reaches_the_program(site, host):
    assert site.client.request("GET", "/", headers={"Host": host}).status == 200
    assert site.seen[0]["LEAP_HOST"] == host


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


def test_nobody_is_believed_about_scheme_host_and_address(site):
    forwarded = [("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "elsewhere.example"), ("X-Forwarded-For", "198.51.100.7")]
    assert_refused(site.plain("PUT", headers=forwarded), 403, "insecure")
    site.client.get("customers/1", dict(forwarded))
    parameters = site.seen[0]
    assert parameters["REMOTE_ADDR"] == "127.0.0.1"
    assert parameters["LEAP_HOST"] == HOST
    assert parameters["HTTP_HOST"] == f"{HOST}:{site.instance.https_port}"


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
    assert site.client.get("customers").headers["Server"] == EXPECTED.server


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


# A company's own domain


def test_the_base_domain_comes_before_an_own_domain(site):
    assert site.instance.client("api.leap.localhost").get("customers").status == 200


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
        r"time=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:?00 "
        rf"request_id={request_id} client_address=127\.0\.0\.1 " + EXPECTED.access_log,
        line,
    )
