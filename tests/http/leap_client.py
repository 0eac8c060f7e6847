"""A client of the API that sends exactly what a test says, to loopback, under any host name."""

import base64
import contextlib
import copy
import functools
import http.client
import pathlib
import socket
import ssl

from lxml import etree

NAMESPACE = "http://schema.majitek.com/leap-ws-v1.0"
BASE = "/api/v1/"
TIMEOUT = 30
SCHEMA = pathlib.Path(__file__).resolve().parents[2] / "doc" / "leap-ws-v1.0.xsd"


@functools.cache
def xml_schema():
    """The XML Schema of all documents."""
    return etree.XMLSchema(file=str(SCHEMA))


def read_document(body):
    """The root element of a document that is valid by the XML Schema, its names without the namespace."""
    root = etree.fromstring(body)
    xml_schema().assertValid(root)
    for element in root.iter(etree.Element):
        element.tag = etree.QName(element).localname
    etree.cleanup_namespaces(root)
    return root


class Response:
    def __init__(self, response, method):
        self.status = response.status
        self.reason = response.reason
        self.headers = response.headers
        self.body = response.read()
        self.method = method

    @property
    def document(self):
        assert self.headers["Content-Type"] == "application/xml; charset=UTF-8"
        return read_document(self.body)

    @property
    def code(self):
        """The code of an error document."""
        root = self.document
        assert root.tag == "error" and [child.tag for child in root] == ["message", "field-errors"]
        return root.get("code")

    @property
    def message(self):
        return self.document.findtext("message")

    @property
    def problems(self):
        """(xpath, errorhint) of each field error, in order."""
        return [(field.get("xpath"), field.get("errorhint")) for field in self.document.iter("field")]


class _Verbatim:
    """Leaves the request line as it is given: http.client would refuse or change some targets."""

    def _validate_path(self, url):
        pass

    def _encode_request(self, request):
        return request.encode("latin-1")


class _PlainConnection(_Verbatim, http.client.HTTPConnection):
    pass


class _TLSConnection(_Verbatim, http.client.HTTPConnection):
    def __init__(self, port, host, context, source):
        super().__init__("127.0.0.1", port, timeout=TIMEOUT, source_address=(source, 0))
        self.tls_host = host
        self.context = context

    def connect(self):
        super().connect()
        self.sock = self.context.wrap_socket(self.sock, server_hostname=self.tls_host)


def basic(name, secret):
    return "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()


def trusting(ca):
    """A TLS context that trusts this CA alone."""
    return ssl.create_default_context(cafile=str(ca))


def send(connection, method, target, headers, body):
    """One request and its response. A body that is an iterable of bytes is sent chunked."""
    chunked = body is not None and not isinstance(body, bytes)
    connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
    for name, value in headers:
        connection.putheader(name, value)
    if chunked:
        connection.putheader("Transfer-Encoding", "chunked")
    elif body is not None and not any(name.lower() == "content-length" for name, _ in headers):
        connection.putheader("Content-Length", str(len(body)))
    try:
        connection.endheaders(body, encode_chunked=chunked)
    except (BrokenPipeError, ConnectionResetError):
        pass  # refused before all of it was sent: the response says why
    with connection.getresponse() as response:
        return Response(response, method)


def send_plain(port, method, target, headers, body=None, source="127.0.0.1"):
    """A request over plain HTTP, from an address of this machine."""
    connection = _PlainConnection("127.0.0.1", port, timeout=TIMEOUT, source_address=(source, 0))
    try:
        return send(connection, method, target, headers, body)
    finally:
        connection.close()


class Client:
    """
    One host name of the API; every request has a connection of its own, but in kept_alive(), from the address `source`.
    """

    kept = None

    def __init__(self, port, host, ca, name=None, secret=None):
        self.port = port
        self.host = host
        self.source = "127.0.0.1"
        self.context = trusting(ca)
        self.authorization = basic(name, secret) if name else None

    def request(self, method, target, body=None, headers=()):
        """`target` goes into the request line as it stands; `headers` is a dict, or pairs."""
        pairs = list(headers.items() if isinstance(headers, dict) else headers)
        names = {name.lower() for name, _ in pairs}
        if "host" not in names:
            pairs.insert(0, ("Host", f"{self.host}:{self.port}"))
        if self.authorization and "authorization" not in names:
            pairs.append(("Authorization", self.authorization))
        if self.kept:
            return send(self.kept, method, target, pairs, body)
        with self._connection() as connection:
            return send(connection, method, target, pairs, body)

    def _connection(self):
        return contextlib.closing(_TLSConnection(self.port, self.host, self.context, self.source))

    @contextlib.contextmanager
    def kept_alive(self):
        """This client with one connection for all its requests: for one thread that sends many."""
        client = copy.copy(self)
        with self._connection() as client.kept:
            yield client

    def get(self, path, headers=()):
        return self.request("GET", BASE + path, headers=headers)

    def head(self, path, headers=()):
        return self.request("HEAD", BASE + path, headers=headers)

    def options(self, path, headers=()):
        return self.request("OPTIONS", BASE + path, headers=headers)

    def delete(self, path, headers=()):
        return self.request("DELETE", BASE + path, headers=headers)

    def post(self, path, body=b"", headers=()):
        return self.request("POST", BASE + path, body, headers)

    def put(self, path, body=b"", headers=()):
        return self.request("PUT", BASE + path, body, headers)

    def open(self):
        """A bare TLS connection, for bytes that are no well-formed request; the caller closes it."""
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=TIMEOUT)
        return self.context.wrap_socket(plain, server_hostname=self.host)

    def exchange(self, data):
        """Sends bytes and returns all that comes back before the server closes."""
        with self.open() as connection:
            connection.sendall(data)
            return receive_all(connection)


def receive_all(connection):
    received = b""
    while True:
        try:
            piece = connection.recv(65536)
        except (ConnectionResetError, ssl.SSLEOFError):
            return received
        if not piece:
            return received
        received += piece
