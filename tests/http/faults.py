"""Faults of the database, the workers and the web server. Each is a function of the instance and the driver at work."""

import contextlib
import os
import signal
import socket
import struct
import threading

from leap_instance import wait_until
from open_transaction import OpenTransaction
from processes import backends, children, is_running, postmaster, worker_processes


# Of PostgreSQL's protocol.
PROTOCOL_VERSION = 3 << 16
READY_FOR_QUERY, ERROR_RESPONSE = b"Z", b"E"


def refused(entry):
    return entry.refused


def not_acknowledged(entry):
    return entry.refused or entry.unknown


# Processes


def process_of(instance, name):
    """The process id of a part of the instance that tools/instance started."""
    return int((instance.directory / "run" / f"{name}.pid").read_text().split()[0])


# The database


def database_is_restarted(instance, driver):
    instance.run("stop-database")
    driver.wait_for(1, not_acknowledged)
    instance.run("start-database")


def postmaster_dies(instance):
    """Its children notice, and end."""
    pid = postmaster(instance)
    family = [pid, *children(pid)]
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not any(map(is_running, family)), 30)


def postmaster_is_killed(instance, driver):
    postmaster_dies(instance)
    instance.run("start-database")


def backends_are_ended(instance, driver):
    """Again and again, wherever they are."""
    for _ in range(5):
        instance.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'leap_api'")
        driver.wait_for(5)


def backend_is_killed(instance, driver):
    """Within a transaction, that of a write which waits for a row. The server takes all backends down and recovers."""
    with lock_rows(instance, driver) as locking:
        waiting = f"SELECT pid FROM pg_stat_activity WHERE {locking.backend} = ANY (pg_blocking_pids(pid)) LIMIT 1"
        victim = wait_until(lambda: instance.psql(waiting))
        family = backends(instance)
        os.kill(int(victim), signal.SIGKILL)
        wait_until(lambda: not any(map(is_running, family)), 30)
        locking.abandon()
    wait_until(lambda: accepts(instance), 30)


def accepts(instance):
    """Whether the database takes connections."""
    try:
        return instance.psql("SELECT true") == "t"
    except RuntimeError:
        return False


def database_is_silent(instance, driver):
    parent = postmaster(instance)
    family = [parent, *children(parent)]
    for pid in family:
        os.kill(pid, signal.SIGSTOP)
    try:
        driver.wait_for(5, not_acknowledged)
    finally:
        for pid in family:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def lock_rows(instance, driver):
    """A transaction of psql's that holds accounts which clients change."""
    identifiers = ", ".join(path.split("/")[1] for path in driver.ledger.paths[:3])
    return OpenTransaction(instance, f"SELECT FROM leap.account WHERE identifier IN ({identifiers}) FOR UPDATE;")


def rows_are_locked(instance, driver):
    """Longer than a request waits."""
    with lock_rows(instance, driver):
        driver.wait_for(3, refused)


def take_connection(instance):
    """A session of the DBA's that does nothing, by the protocol's first message; None where the server has no place left."""
    parameters = b"user\0leap_dba\0database\0leap\0\0"
    session = socket.socket(socket.AF_UNIX)
    session.settimeout(30)
    session.connect(str(instance.directory / "run" / "postgresql" / ".s.PGSQL.5432"))
    session.sendall(struct.pack("!II", 8 + len(parameters), PROTOCOL_VERSION) + parameters)
    with session.makefile("rb") as answers:
        while (header := answers.read(5)) and header[:1] not in (READY_FOR_QUERY, ERROR_RESPONSE):
            answers.read(int.from_bytes(header[1:], "big") - 4)
    if header[:1] == READY_FOR_QUERY:
        return session
    session.close()
    return None


def connections_are_used_up(instance, driver):
    """By others: max_connections of them. The workers fight for what is let go of, until some have none."""
    with contextlib.ExitStack() as taken:

        def take():
            instance.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'leap_api'")
            while session := take_connection(instance):
                taken.callback(session.close)

        mark = len(driver.ledger.entries)
        wait_until(lambda: take() or sum(map(refused, driver.ledger.since(mark))) >= 8, 60)
    # The server takes a while to end so many, and has not returned before.
    wait_until(lambda: instance.psql("SELECT count(*) < 10 FROM pg_stat_activity WHERE usename = 'leap_dba'") == "t")


# The network: a proxy in the place of the database's socket, which cuts connections at COMMIT


class Proxy:
    """Takes the socket's place for as long as the context lasts."""

    def __init__(self, instance, cut_before):
        self.cut_before = cut_before
        self.cuts = 0
        self.path = instance.directory / "run" / "postgresql" / ".s.PGSQL.5432"
        self.behind = self.path.with_name(".s.PGSQL.5433")

    def __enter__(self):
        self.path.rename(self.behind)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.path))
        self.path.chmod(0o777)
        self.listener.listen(100)
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.behind.rename(self.path)

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            try:
                server.connect(str(self.behind))
            except OSError:  # the fault has ended meanwhile
                client.close()
                server.close()
                continue
            session = _Session(self, client, server)
            threading.Thread(target=session.forward, daemon=True).start()
            threading.Thread(target=session.return_answers, daemon=True).start()


class _Session:
    def __init__(self, proxy, client, server):
        self.proxy, self.client, self.server = proxy, client, server
        self.commit_was_sent = False

    def forward(self):
        """A write sends COMMIT by itself; a read together with all else, and so with its BEGIN."""
        with contextlib.suppress(OSError):
            while data := self.client.recv(65536):
                if b"commit" in data and b"begin_read" not in data:
                    self.proxy.cuts += 1
                    if self.proxy.cut_before:
                        break
                    self.commit_was_sent = True
                self.server.sendall(data)
        self._cut()

    def return_answers(self):
        with contextlib.suppress(OSError):
            while data := self.server.recv(65536):
                if self.commit_was_sent:
                    break
                self.client.sendall(data)
        self._cut()

    def _cut(self):
        for end in (self.client, self.server):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


def _connections_are_cut(instance, driver, cut_before):
    with Proxy(instance, cut_before) as proxy:
        instance.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'leap_api'")
        wait_until(lambda: proxy.cuts >= 10, 60)
    instance.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'leap_api'")


def connections_are_cut_before_commit(instance, driver):
    _connections_are_cut(instance, driver, cut_before=True)


def connections_are_cut_after_commit(instance, driver):
    _connections_are_cut(instance, driver, cut_before=False)


# The workers and the web server


def workers_are_killed(instance, driver):
    for pid in worker_processes(instance):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        driver.wait_for(5)


def workers_are_ended(instance, driver):
    """By SIGTERM, which loses no request; each leaves, and is replaced."""
    for _ in range(3):
        ended = worker_processes(instance)
        for pid in ended:
            os.kill(pid, signal.SIGTERM)
        driver.wait_for(20)
        wait_until(lambda: not ended & worker_processes(instance), 30)


def web_server_is_reloaded(instance, driver):
    """Others take the place of its processes, which finish what they have in hand."""
    master = process_of(instance, "nginx")
    for _ in range(3):
        before = children(master)
        os.kill(master, signal.SIGHUP)
        driver.wait_for(20)
        wait_until(lambda before=before: children(master) - before, 30)


FAULTS = [
    database_is_restarted,
    postmaster_is_killed,
    backends_are_ended,
    backend_is_killed,
    database_is_silent,
    rows_are_locked,
    connections_are_used_up,
    connections_are_cut_before_commit,
    connections_are_cut_after_commit,
    workers_are_killed,
    workers_are_ended,
    web_server_is_reloaded,
]
