"""An instance of the service for tests: a directory, two ports and what tools/instance does there."""

import contextlib
import os
import pathlib
import random
import shutil
import subprocess
import tempfile
import time

from leap_client import Client
from psql_session import PsqlSession

SOURCE = pathlib.Path(__file__).resolve().parents[2]
DOMAIN = "leap.localhost"
SANITIZER_REPORTS = ("ERROR: AddressSanitizer", "ERROR: LeakSanitizer", "runtime error:")
PROGRAM = os.environ.get("INSTANCE_PROGRAM", SOURCE / "var" / "build" / "leap-customers")
WEB = os.environ.get("LEAP_TEST_WEB", "nginx")  # which web server the tests run behind


def wait_until(condition, seconds=10):
    """Returns the first true value of condition(), or fails when there is none in time."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.02)


def random_ports():
    """Two ports below those that the system gives to outgoing connections."""
    return random.sample(range(10000, 32000), 2)


@contextlib.contextmanager
def running(program=PROGRAM, **environment):
    """An instance of everything, whose workers have nothing to report at the end."""
    made = Instance(program, **environment)
    try:
        made.start()
        yield made
        made.stop_workers()
    finally:
        made.close()


@contextlib.contextmanager
def running_behind(make_relay, **environment):
    """
    As running(), with what make_relay(instance) gives between the workers and PostgreSQL, which comes second: it has its
    socket in a directory, and a close().
    """
    made = Instance(PROGRAM, **environment)
    relay = None
    try:
        made.run("start-database")
        made.run("deploy")
        relay = make_relay(made)
        made.environment["INSTANCE_DATABASE_HOSTS"] = str(relay.directory)
        made.run("start-workers")
        made.start_web()
        yield made, relay
        made.stop_workers()
    finally:
        made.close()
        if relay:
            relay.close()


class Instance:
    """What is made here ends with close(); start_web() picks the ports."""

    def __init__(self, program=None, **environment):
        # The cluster and the workers run as users of their own, who must get there.
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="leap-ws-test-", dir="/tmp"))
        self.directory.chmod(0o755)
        self.environment = {"INSTANCE_WEB": WEB, "INSTANCE_SCRATCH": "1"} | environment
        if program:
            self.environment["INSTANCE_PROGRAM"] = str(program)
        self.https_port = self.http_port = None
        self.dba_sessions = []  # that nobody uses now

    @property
    def ca(self):
        return self.directory / "tls" / "ca.crt"

    def run(self, command):
        """One command of tools/instance; its message when it fails is the exception's."""
        done = subprocess.run(
            [SOURCE / "tools" / "instance", command, self.directory],
            env=os.environ | self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
        )
        if done.returncode:
            raise RuntimeError(f"tools/instance {command}: {done.stdout}")
        return done.stdout

    def start(self):
        self.run("start-database")
        self.run("deploy")
        self.run("start-workers")
        self.start_web()

    def start_web(self):
        """Another process may take a port between choice and use: then others are chosen."""
        for _ in range(10):
            self.https_port, self.http_port = random_ports()
            self.environment["LEAP_HTTPS_PORT"] = str(self.https_port)
            self.environment["LEAP_HTTP_PORT"] = str(self.http_port)
            try:
                self.run("start-web")
                return
            except RuntimeError as error:
                if "in use" not in str(error):
                    raise
        raise RuntimeError("no free ports")

    def stop_workers(self):
        """The sanitizers report at the end, too, what was never freed; none may have anything to report."""
        self.run("stop-workers")
        logs = self.log("leap-ws.log") + self.log("leap-ws-create.log")
        assert not any(report in logs for report in SANITIZER_REPORTS), logs

    def close(self):
        for session in self.dba_sessions:
            session.abandon()
        self.run("stop")
        shutil.rmtree(self.directory)

    def connection(self, role="postgres", database="leap"):
        """The environment of a program that connects to this instance's PostgreSQL."""
        return os.environ | {
            "PGHOST": str(self.directory / "run" / "postgresql"),
            "PGPORT": "5432",
            "PGDATABASE": database,
            "PGUSER": role,
        }

    def psql(self, sql, role="postgres", database="leap", **variables):
        """What psql prints, a line for each row; :'name' in the statement stands for a variable."""
        done = subprocess.run(
            ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]
            + [f"--set={name}={value}" for name, value in variables.items()],
            input=sql,
            env=self.connection(role, database),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout.rstrip("\n")

    def dba(self, sql, **variables):
        """As psql() for the DBA, in a session that is kept for the next time: to begin one takes longer than most statements."""
        session = self._dba_session()
        printed = session.run(sql, **variables)
        self.dba_sessions.append(session)
        return printed

    def _dba_session(self):
        """What others have set in it is forgotten. Where there is none, or the server has ended it meanwhile, another."""
        with contextlib.suppress(IndexError, RuntimeError):
            session = self.dba_sessions.pop()
            session.run("DISCARD ALL")
            return session
        return PsqlSession(self, "leap_dba")

    def client(self, host, name=None, secret=None, ca=None):
        """A client of the company at this host name; without a name it sends no credentials."""
        return Client(self.https_port, host, ca or self.ca, name, secret)

    def log(self, name):
        return (self.directory / "log" / name).read_text()

    def logs(self):
        """Everything that any part has logged."""
        return "".join(path.read_text() for path in (self.directory / "log").iterdir())
