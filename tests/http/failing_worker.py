"""
A worker in whose process chosen allocations fail: it serves a socket without a web server, and is started anew when it
ended. tests/preload/failing_allocation.c does it.
"""

import contextlib
import mmap
import pathlib
import signal
import socket
import struct
import subprocess
import tempfile

from fastcgi import encode_request, read_answer
from leap_client import BASE, TIMEOUT
from leap_instance import PROGRAM, wait_until
from processes import is_ready

PRELOADED = pathlib.Path(PROGRAM).parent / "tests" / "preload" / "failing_allocation.so"
PLAN = struct.Struct("QQQ")
FOR_GOOD = 2**63
# The cheapest that the program takes.
PASSWORD_COST = "ln=13,r=8,p=10"
# Libraries that end the process when they get no memory: libfcgi by an assertion, which glibc words otherwise where there
# is no memory for that either; libzxcvbn by a null pointer, which the sanitizers report.
ENDED_BY_LIBRARY = (b"fcgiapp.c", b"Unexpected error.", b"libzxcvbn")


class Worker:
    def __init__(self, instance):
        self.environment = instance.connection("leap_api")
        self.directory = tempfile.TemporaryDirectory(prefix="leap-ws-test-", dir="/tmp")
        self.plan = pathlib.Path(self.directory.name) / "plan"
        self.plan.write_bytes(bytes(PLAN.size))
        self.log = open(pathlib.Path(self.directory.name) / "log", "w+b")
        with self.plan.open("r+b") as file:
            self.memory = mmap.mmap(file.fileno(), PLAN.size)
        self.path = f"{self.directory.name}/socket"
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen(10)
        self.process = None

    def start(self):
        self.log.truncate(0)
        self.log.seek(0)
        self.process = subprocess.Popen(
            [PROGRAM],
            stdin=self.listener,
            stderr=self.log,
            env=self.environment
            | {
                "LD_PRELOAD": str(PRELOADED),
                "FAILING_ALLOCATIONS": str(self.plan),
                "LEAP_PASSWORD_COST": PASSWORD_COST,
                # The sanitizers want to come first; what libraries leak when they fail is theirs; names take long.
                "ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=0:symbolize=0",
            },
        )
        wait_until(lambda: is_ready(self.process.pid))

    def stop(self):
        if self.process:
            self.process.send_signal(signal.SIGTERM)
            assert self.process.wait(TIMEOUT) == 0
            self.process = None

    def close(self):
        self.stop()
        self.listener.close()
        self.memory.close()
        self.log.close()
        self.directory.cleanup()

    @property
    def allocations(self):
        """How many there were since the last request began."""
        return PLAN.unpack(self.memory)[2]

    def exchange(self, company, method, path, body=b"", headers=(), first=0, last=FOR_GOOD):
        """
        What it answers, as it stands; None where it ended before the answer was whole. The allocations with these
        numbers fail, counted from the beginning of the request; from 0 on: none.
        """
        if self.process is None:
            self.start()
        sent = {
            "REQUEST_METHOD": method,
            "REQUEST_URI": path if path.startswith("/") else BASE + path,
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_HOST": company.host,
            "REQUEST_SCHEME": "https",
            "REMOTE_ADDR": "192.0.2.1",
            "LEAP_REQUEST_ID": "0123456789abcdef0123456789abcdef",
            "HTTP_AUTHORIZATION": company.client.authorization,
        } | dict(headers)
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(TIMEOUT)
            self.memory[:] = PLAN.pack(first, last if first else 0, 0)
            connection.connect(self.path)
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.sendall(encode_request(sent, body))
            answer = self._answer(connection)
            self.memory[: PLAN.size - 8] = PLAN.pack(0, 0, 0)[:-8]
        if answer is None:
            self._expect_end()
        return answer

    @staticmethod
    def _answer(connection):
        try:
            with connection.makefile("rb") as stream:
                return read_answer(stream)
        except (EOFError, ConnectionResetError):
            return None

    def _expect_end(self):
        """Only a library may end it."""
        status = self.process.wait(TIMEOUT)
        self.process = None
        self.log.seek(0)
        log = self.log.read()
        assert status != 0 and any(words in log for words in ENDED_BY_LIBRARY), log.decode()
