"""
Hostile documents are refused, before they take processor time or memory of note, and only after authentication. While they
are parsed, no file and no socket is opened.

The program is the released one: sanitizers multiply both.
"""

import pathlib
import re
import subprocess

import pytest

from conftest import Company
from documents import insert_account
from hostile_documents import SHAPES, documents
from leap_instance import Instance, wait_until
from measured_worker import MeasuredWorker
from processes import backends, workers_of
from release_build import release_program

pytestmark = pytest.mark.alone

MILLISECONDS = 50
MEBIBYTES = 32
# Of what is not parsed: a mebibyte is passed over.
STRANGERS_MILLISECONDS = 5
ATTEMPTS = 5
XML = {"Content-Type": "application/xml"}

# Each operation with a body of XML: method, path, root, the pool of its workers, and the status of a validation error.
OPERATIONS = {
    "create": ("POST", "customers", "account", "leap-ws-create", 400),
    "update": ("PUT", "customers/{}", "account", "leap-ws", 409),
    "login": ("PUT", "customers/{}/change-login", "change-login", "leap-ws", 400),
    "acknowledge": ("POST", "customers/acked", "acknowledgements", "leap-ws", 400),
    "acknowledge by extid": ("POST", "customers/external/acked", "acknowledgements", "leap-ws", 400),
    "comment": ("POST", "customers/{}/comments", "customer-update", "leap-ws", 400),
}
DOCUMENTS = {root: documents(root) for root in SHAPES}
CASES = [(operation, name) for operation, (_, _, root, _, _) in OPERATIONS.items() for name in DOCUMENTS[root]]


class Hostile:
    """A company whose requests meet one worker for everything and one for creates."""

    def __init__(self, instance):
        self.instance = instance
        self.company = Company(instance)
        self.identifier = insert_account(self.company)
        self.stranger = self.company.as_client("tests", self.company.secret[::-1])
        for method, path, _, _, _ in OPERATIONS.values():
            assert self.send(self.company.client, method, path, b"<").code == "malformed-xml"
        self.workers = {pool: MeasuredWorker(*workers_of(instance, pool)) for pool in ("leap-ws", "leap-ws-create")}

    def send(self, client, method, path, document):
        with client.kept_alive() as client:
            return client.request(method, "/api/v1/" + path.format(self.identifier), document, XML)

    def measure(self, client, operation, document):
        """The reply, milliseconds of the worker's processor time, and MiB of memory beyond what it has."""
        method, path, _, pool, _ = OPERATIONS[operation]
        return self.workers[pool].measure(lambda: self.send(client, method, path, document))


@pytest.fixture(scope="module")
def hostile():
    instance = Instance(release_program(), INSTANCE_WORKERS="1", INSTANCE_CREATE_WORKERS="1")
    try:
        instance.start()
        yield Hostile(instance)
    finally:
        instance.close()


def judge(hostile, operation, client, document, limit):
    """
    The reply, and what it took. What runs beside it on the machine can make a measurement larger, never smaller: the
    least of a few counts.
    """
    for _ in range(ATTEMPTS):
        reply, milliseconds, mebibytes = hostile.measure(client, operation, document)
        if milliseconds < limit:
            break
    return reply, milliseconds, mebibytes


@pytest.mark.parametrize("operation, name", CASES)
def test_it_is_refused_at_little_cost_and_not_read_of_a_stranger(hostile, operation, name):
    code, document = DOCUMENTS[OPERATIONS[operation][2]][name]
    reply, milliseconds, mebibytes = judge(hostile, operation, hostile.company.client, document, MILLISECONDS)
    assert (reply.code, reply.status) == (code, OPERATIONS[operation][4] if code == "validation" else 400)
    assert len(reply.problems) <= 100
    assert milliseconds < MILLISECONDS
    assert mebibytes < MEBIBYTES
    reply, milliseconds, mebibytes = judge(hostile, operation, hostile.stranger, document, STRANGERS_MILLISECONDS)
    assert (reply.code, reply.status) == ("unauthenticated", 401)
    assert milliseconds < STRANGERS_MILLISECONDS


def test_a_document_that_is_not_parsed_costs_little_of_what_parsing_takes(hostile):
    for operation, (_, _, root, _, _) in OPERATIONS.items():
        for name in ("siblings", "an element full of elements"):
            document = DOCUMENTS[root][name][1]
            parsed = min(hostile.measure(hostile.company.client, operation, document)[1] for _ in range(ATTEMPTS))
            refused = min(hostile.measure(hostile.stranger, operation, document)[1] for _ in range(ATTEMPTS))
            assert refused < parsed / 4


class Trace:
    """The system calls by which a process opens files and sockets, as strace sees them."""

    def __init__(self, pid, path):
        self.path = path
        calls = "open,openat,openat2,creat,socket,socketpair,connect,bind,execve,fork,vfork,clone,clone3"
        self.strace = subprocess.Popen(
            ["strace", "-f", "-q", "-e", f"trace={calls}", "-e", "signal=none", "-o", path, "-p", str(pid)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        wait_until(lambda: re.search(r"^TracerPid:\s+[1-9]", pathlib.Path(f"/proc/{pid}/status").read_text(), re.M))

    def stop(self):
        self.strace.terminate()
        self.strace.wait(timeout=10)

    def calls(self):
        """(name, arguments and result) of each."""
        return re.findall(r"^\d+ +(\w+)(\(.*)$", pathlib.Path(self.path).read_text(), re.M)


@pytest.mark.parametrize("pool", ["leap-ws", "leap-ws-create"])
def test_no_file_and_no_socket_is_opened_while_they_are_parsed(hostile, pool, tmp_path):
    method, path = next(parts[:2] for parts in OPERATIONS.values() if parts[3] == pool)
    assert hostile.send(hostile.company.client, method, path, b"<").code == "malformed-xml"
    trace = Trace(*workers_of(hostile.instance, pool), tmp_path / "trace")
    try:
        for each, target, root, own_pool, _ in OPERATIONS.values():
            for code, document in DOCUMENTS[root].values() if own_pool == pool else ():
                assert hostile.send(hostile.company.client, each, target, document).code == code
        assert trace.calls() == []
        # It would have seen one: the worker whose connection ends opens another to the database.
        for pid in backends(hostile.instance):
            hostile.instance.psql(f"SELECT pg_terminate_backend({pid}, 5000);")
        assert hostile.send(hostile.company.client, method, path, b"<").code == "malformed-xml"
        wait_until(lambda: {"socket", "connect"} <= {name for name, _ in trace.calls()})
    finally:
        trace.stop()
