"""/healthz and /metrics: outside the API, without credentials, for loopback and an allow list only."""

import os
import re
import signal
import subprocess
import time

import pytest

from leap_client import send_plain
from leap_instance import DOMAIN, SOURCE, wait_until
from open_transaction import OpenTransaction
from processes import backends, postmaster

pytestmark = pytest.mark.alone

SAMPLE = re.compile(r"^(leap_\w+)(\{[^}]*\})? ([0-9.e+-]+)$", re.MULTILINE)


@pytest.fixture
def anyone(instance):
    """A client at a host name that no company has."""
    return instance.client(f"nobody.{DOMAIN}")


def from_elsewhere(instance, path):
    """The answer to a request from an address that is not allowed."""
    host = f"nobody.{DOMAIN}"
    done = subprocess.run(
        ["curl", "--silent", "--interface", "127.0.0.2", "--cacert", instance.ca, "--include"]
        + ["--resolve", f"{host}:{instance.https_port}:127.0.0.1", f"https://{host}:{instance.https_port}{path}"],
        capture_output=True, text=True, timeout=30, check=True,
    )  # fmt: skip
    return done.stdout


def test_it_is_healthy_on_any_host_name_without_credentials(anyone, company):
    for client in (anyone, company.anonymous, company.client):
        reply = client.request("GET", "/healthz")
        assert (reply.status, reply.body) == (200, b"healthy\n")
        assert reply.headers["Content-Type"] == "text/plain; charset=UTF-8"
        assert reply.headers["Cache-Control"] == "private, no-store"
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert reply.headers["X-Request-Id"]


def test_plain_http_will_do(instance):
    assert send_plain(instance.http_port, "GET", "/healthz", [("Host", "127.0.0.1")]).body == b"healthy\n"


def test_head_and_other_methods(anyone):
    reply = anyone.request("HEAD", "/healthz")
    assert (reply.status, reply.body, reply.headers["Content-Length"]) == (200, b"", "8")
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        reply = anyone.request(method, "/healthz")
        assert (reply.status, reply.code, reply.headers["Allow"]) == (405, "method-not-allowed", "GET, HEAD")


@pytest.mark.parametrize("path", ["/healthz", "/%68ealthz", "/metrics"])
def test_others_are_told_that_there_is_nothing(instance, path):
    answer = from_elsewhere(instance, path)
    assert " 404" in answer.splitlines()[0] and 'code="unknown-path"' in answer


@pytest.mark.parametrize("path", ["/healthz/", "//healthz", "/api/v1/healthz", "/healthz/x"])
def test_nothing_else_is_taken_for_it(company, path):
    assert company.client.request("GET", path).code == "unknown-path"


def test_it_is_unhealthy_within_a_second_when_the_database_is_silent(instance, anyone):
    assert anyone.request("GET", "/healthz").status == 200
    stopped = [postmaster(instance), *backends(instance)]
    for process in stopped:
        os.kill(process, signal.SIGSTOP)
    try:
        begun = time.monotonic()
        reply = anyone.request("GET", "/healthz")
        assert (reply.status, reply.code) == (503, "unavailable")
        assert time.monotonic() - begun < 2
    finally:
        for process in reversed(stopped):
            os.kill(process, signal.SIGCONT)
    wait_until(lambda: anyone.request("GET", "/healthz").status == 200)


def test_the_log_names_the_operation_and_the_age_of_the_oldest_write(instance, anyone, company):
    with OpenTransaction(instance, "SELECT pg_current_xact_id();"):
        age = "SELECT 1 FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND clock_timestamp() - xact_start > '0.3 s'"
        wait_until(lambda: instance.psql(age) != "")
        assert anyone.request("GET", "/healthz").status == 200
    line = re.findall(r"^time=\S+ oldest_write_ms=(\d+)$", instance.log("leap-ws.log"), re.MULTILINE)[-1]
    assert 300 <= int(line) < 60000
    assert re.search(r" company=- client=- operation=health status=200 code=- ", instance.log("leap-ws.log"))


@pytest.fixture
def exporter(instance):
    """mtail with the program's numbers, where the site looks for it."""
    directory = instance.directory
    socket = directory / "run" / "mtail.sock"
    arguments = ["-progs", SOURCE / "metrics", "-unix_socket", socket, "-log_dir", directory / "tmp"]
    arguments += [f"-logs={directory / 'log' / name}" for name in ("leap-ws.log", "leap-ws-create.log")]
    # The web server's worker is another user, and has to write to the socket.
    process = subprocess.Popen(["/usr/bin/mtail", *arguments], umask=0, stderr=subprocess.DEVNULL)
    try:
        wait_until(socket.exists)
        yield process
    finally:
        process.terminate()
        process.wait(timeout=10)


def test_metrics_are_those_of_the_log(anyone, company, exporter):
    def samples():
        reply = anyone.request("GET", "/metrics")
        assert reply.status == 200, reply.body
        return {(name, labels): float(value) for name, labels, value in SAMPLE.findall(reply.body.decode())}

    def requests(operation, status):
        label = f'{{operation="{operation}",prog="leap-ws.mtail",status="{status}"}}'
        return samples().get(("leap_requests_total", label), 0)

    # mtail reads a log from where it ends when it starts.
    wait_until(lambda: anyone.request("GET", "/healthz").status == 200 and requests("health", 200) > 0)
    known, unknown = requests("list", 200), requests("list", 401)
    for client in (company.client, company.client, company.anonymous):
        client.get("customers")
    wait_until(lambda: (requests("list", 200), requests("list", 401)) == (known + 2, unknown + 1))
    found = samples()
    names = {name for name, _ in found}
    assert {"leap_request_seconds_total", "leap_database_seconds_total", "leap_request_seconds_bucket"} <= names
    labels = '{operation="list",prog="leap-ws.mtail"}'
    assert 0 < found["leap_database_seconds_total", labels] < found["leap_request_seconds_total", labels]
    assert found["leap_oldest_write_seconds", '{prog="leap-ws.mtail"}'] >= 0
