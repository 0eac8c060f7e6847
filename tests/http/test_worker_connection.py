"""What a worker does on its connection, whatever the web server is: what nginx and Apache do not do comes here."""

import contextlib
import socket

import pytest

from conftest import Company
from documents import account, insert_account
from fastcgi import STDIN, encode_request, read_answer, record
from leap_client import BASE, TIMEOUT
from leap_instance import running, wait_until
from process_image import waits_for_events
from processes import workers_of

# libfcgi would wait for twice as long.
SOON = 1


@pytest.fixture(scope="module")
def single():
    """A company of an instance with one worker for all but creates, whose list is more than one record of FastCGI's."""
    with running(INSTANCE_WORKERS="1") as made:
        company = Company(made)
        company.account = [insert_account(company) for _ in range(20)][0]
        (company.worker,) = workers_of(made, "leap-ws")
        yield company


@contextlib.contextmanager
def asked(company, method, path, body=b"", until=None, **parameters):
    """A connection on which this was sent as the web server does, but for its end, and the stream of what comes back."""
    sent = {
        "REQUEST_METHOD": method,
        "REQUEST_URI": BASE + path,
        "CONTENT_LENGTH": str(len(body)) if body else "",
        "CONTENT_TYPE": "application/xml" if body else "",
        "HTTP_HOST": company.host,
        "REQUEST_SCHEME": "https",
        "REMOTE_ADDR": "192.0.2.1",
        "LEAP_REQUEST_ID": "0123456789abcdef0123456789abcdef",
        "HTTP_AUTHORIZATION": company.client.authorization,
    } | parameters
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(TIMEOUT)
        connection.connect(str(company.instance.directory / "run" / "leap-ws.sock"))
        with contextlib.suppress(BrokenPipeError):  # it is refused before it was sent whole
            connection.sendall(encode_request(sent, body)[:until])
        with connection.makefile("rb") as stream:
            yield stream


def answer(company, *arguments, **options):
    with asked(company, *arguments, **options) as stream:
        return read_answer(stream)


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_a_web_server_that_does_not_hang_up_keeps_no_worker(single, method):
    with asked(single, method, f"customers/{single.account}") as stream:
        assert read_answer(stream).startswith(b"Status: 20")
        wait_until(lambda: waits_for_events(single.worker), SOON)
        assert stream.read() == b""


@pytest.mark.parametrize(
    "method, parameters, status",
    [
        ("PUT", {"HTTP_AUTHORIZATION": "Basic eDp5"}, b"401"),
        ("GET", {}, b"200"),
        # As a web server says it that has not read the body itself.
        ("GET", {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}, b"200"),
        ("GET", {"CONTENT_LENGTH": ""}, b"200"),
    ],
)
def test_a_body_that_was_not_read_takes_nothing_from_the_reply(single, method, parameters, status):
    with asked(single, method, f"customers/{single.account}", account() * 50, **parameters) as stream:
        assert status in read_answer(stream).splitlines()[0]
        assert stream.read() == b""


@pytest.mark.parametrize("parameters", [{"HTTP_TRANSFER_ENCODING": "chunked"}, {"CONTENT_LENGTH": "1"}])
def test_a_body_that_is_not_read_is_not_waited_for(single, parameters):
    with asked(single, "GET", f"customers/{single.account}", until=-len(record(STDIN, b"")), **parameters) as stream:
        assert read_answer(stream).startswith(b"Status: 200")


@pytest.mark.parametrize("method, path, parameters", [
    ("PUT", "customers/{}", {"CONTENT_LENGTH": "100"}),
    ("GET", "customers/{}", {}),
    ("GET", "customers?limit=100", {}),
])  # fmt: skip
def test_a_web_server_that_is_gone_keeps_no_worker_and_changes_nothing(single, method, path, parameters):
    """In the midst of the body, before a reply of one write, and before one of several."""
    path = path.format(single.account)
    assert len(answer(single, "GET", "customers?limit=100")) > 8192
    before = answer(single, "GET", f"customers/{single.account}")
    log = single.instance.log("leap-ws.log").count(" request_id=")
    with asked(single, method, path, until=-len(record(STDIN, b"")), **parameters):
        pass
    wait_until(lambda: single.instance.log("leap-ws.log").count(" request_id=") > log)
    wait_until(lambda: waits_for_events(single.worker))
    assert answer(single, "GET", f"customers/{single.account}") == before


def test_a_body_that_the_web_server_lets_through_is_too_large_all_the_same(single):
    head = answer(single, "PUT", f"customers/{single.account}", b" " * (1 << 20) + b"x")
    assert head.startswith(b"Status: 413")
    assert not answer(single, "PUT", f"customers/{single.account}", b" " * (1 << 20)).startswith(b"Status: 413")


@pytest.mark.parametrize("port", [":", ":x", ":1x", "::1"])
def test_what_is_no_port_is_in_no_reference(single, port):
    reference = f'ref="https://{single.host}/api/v1/customers/{single.account}"'
    assert reference.encode() in answer(single, "GET", f"customers/{single.account}", HTTP_HOST=single.host + port)


@pytest.mark.parametrize("path, status", [("/healthz", b"200"), ("/healthz/x", b"401"), ("/health", b"401"), ("/", b"401")])
def test_who_may_ask_for_health_gets_nothing_else_by_it(single, path, status):
    may = answer(single, "GET", "", REQUEST_URI=path, LEAP_HEALTH="yes", HTTP_AUTHORIZATION="")
    assert may.startswith(b"Status: " + status)
