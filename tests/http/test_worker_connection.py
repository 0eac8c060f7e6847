"""A worker's connection to the web server: it is closed as soon as that takes nothing away from the reply."""

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
    """A company of an instance with one worker for all but creates."""
    with running(INSTANCE_WORKERS="1") as made:
        company = Company(made)
        company.account = insert_account(company)
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
        connection.sendall(encode_request(sent, body)[:until])
        with connection.makefile("rb") as stream:
            yield stream


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
