"""A FastCGI application that keeps what the web server told it: for what the web server decides."""

import os
import socketserver
import threading

from fastcgi import END_REQUEST, PARAMS, STDIN, STDOUT, decode_parameters, read_record, record

REPLY = b"Content-Type: text/plain\r\nContent-Length: 7\r\n\r\nreached"


class _Handler(socketserver.StreamRequestHandler):
    def handle(self):
        streams = {PARAMS: b"", STDIN: b""}
        while True:
            try:
                kind, content = read_record(self.rfile)
            except EOFError:
                return
            if kind in streams:
                streams[kind] += content
                if kind == STDIN and not content:
                    break
        self.server.requests.append((decode_parameters(streams[PARAMS]), streams[STDIN]))
        self.wfile.write(
            record(STDOUT, REPLY) + record(STDOUT, b"") + record(END_REQUEST, bytes(8))
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
