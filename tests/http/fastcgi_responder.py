"""A FastCGI application that keeps what the web server told it: for what the web server decides."""

import os
import socketserver
import struct
import threading

BEGIN_REQUEST, ABORT_REQUEST, END_REQUEST, PARAMS, STDIN, STDOUT = range(1, 7)
REPLY = b"Content-Type: text/plain\r\nContent-Length: 7\r\n\r\nreached"


def _read_record(stream):
    header = stream.read(8)
    if len(header) < 8:
        raise EOFError
    _, kind, _, length, padding, _ = struct.unpack("!BBHHBB", header)
    content = stream.read(length)
    stream.read(padding)
    return kind, content


def _record(kind, content):
    return struct.pack("!BBHHBB", 1, kind, 1, len(content), 0, 0) + content


def _length(data, at):
    if data[at] < 128:
        return data[at], at + 1
    return struct.unpack_from("!I", data, at)[0] & 0x7FFFFFFF, at + 4


def _parameters(data):
    pairs = []
    at = 0
    while at < len(data):
        name_length, at = _length(data, at)
        value_length, at = _length(data, at)
        name = data[at : at + name_length].decode("latin-1")
        at += name_length
        pairs.append((name, data[at : at + value_length].decode("latin-1")))
        at += value_length
    assert len(pairs) == len(dict(pairs)), "a parameter was sent twice"
    return dict(pairs)


class _Handler(socketserver.StreamRequestHandler):
    def handle(self):
        streams = {PARAMS: b"", STDIN: b""}
        while True:
            try:
                kind, content = _read_record(self.rfile)
            except EOFError:
                return
            if kind in streams:
                streams[kind] += content
                if kind == STDIN and not content:
                    break
        self.server.requests.append((_parameters(streams[PARAMS]), streams[STDIN]))
        self.wfile.write(
            _record(STDOUT, REPLY) + _record(STDOUT, b"") + _record(END_REQUEST, bytes(8))
        )


class Responder(socketserver.ThreadingUnixStreamServer):
    """Listens on a path; `requests` grows by (parameters, body) for each request."""

    daemon_threads = True

    def __init__(self, path):
        super().__init__(str(path), _Handler)
        os.chmod(path, 0o666)
        self.requests = []
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        self.shutdown()
        self.server_close()
        os.unlink(self.server_address)
