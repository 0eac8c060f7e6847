"""A relay between a worker and PostgreSQL that sees which statements are sent, and in how many round trips."""

import contextlib
import pathlib
import shutil
import socket
import socketserver
import tempfile
import threading


class _Handler(socketserver.BaseRequestHandler):
    def handle(self):
        with socket.socket(socket.AF_UNIX) as server:
            server.connect(self.server.target)
            back = threading.Thread(target=_pump, args=(server, self.request, lambda data: None))
            back.start()
            _pump(self.request, server, _Reader(self.server.relay).feed)
            back.join()


def _pump(source, target, see):
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            see(data)
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


class _Reader:
    """Takes what a client sends apart into the protocol's messages: a type, but for the first, a length, a content."""

    def __init__(self, relay):
        self.relay = relay
        self.data = b""
        self.first = True
        self.statements = []

    def feed(self, data):
        self.data += data
        while True:
            head = 0 if self.first else 1
            if len(self.data) < head + 4:
                return
            end = head + int.from_bytes(self.data[head : head + 4], "big")
            if len(self.data) < end:
                return
            if not self.first:
                self._message(self.data[:1], self.data[5:end])
            self.first = False
            self.data = self.data[end:]

    def _message(self, kind, content):
        if kind == b"B":  # Bind: the portal's name, the statement's
            self.statements.append(content.split(b"\0")[1].decode())
        elif kind == b"Q":
            self.statements.append(content.rstrip(b"\0").decode())
        if kind in b"SQ":  # Sync, or a simple query, which is answered at once
            self.relay.round_trips.append(self.statements)
            self.statements = []


class Relay:
    """In a directory that stands for the server's; `round_trips` has the statements' names of each, in order."""

    def __init__(self, instance):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="leap-ws-relay-", dir="/tmp"))
        self.directory.chmod(0o755)
        path = self.directory / ".s.PGSQL.5432"
        self.round_trips = []
        self.server = socketserver.ThreadingUnixStreamServer(str(path), _Handler)
        self.server.daemon_threads = True
        self.server.target = str(instance.directory / "run" / "postgresql" / ".s.PGSQL.5432")
        self.server.relay = self
        path.chmod(0o777)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def take(self):
        """What was sent since the last call."""
        taken, self.round_trips = self.round_trips, []
        return taken

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
        shutil.rmtree(self.directory)
