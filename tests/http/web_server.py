"""The web server alone, for what it decides alone: behind it stands a FastCGI application that answers anything."""

import re
import shutil
import subprocess
import types

from fastcgi_responder import Responder
from leap_client import NAMESPACE, read_document, send_plain
from leap_instance import SOURCE, WEB, Instance
from web_differences import EXPECTED

HOST = "demo.leap.localhost"
# TRACE has no path of its own that would know its methods.
METHODS = "GET, HEAD, OPTIONS, POST, PUT, DELETE"


class Site:
    """A web server with a responder for each of the two sockets."""

    def __init__(self, **environment):
        self.instance = Instance(**environment)
        run = self.instance.directory / "run"
        run.mkdir()
        self.paths = [run / "leap-ws.sock", run / "leap-ws-create.sock"]
        self.listen()
        self.instance.start_web()
        self.client = self.instance.client(HOST)

    def listen(self):
        self.general, self.creates = (Responder(path) for path in self.paths)

    def silence(self):
        self.general.close()
        self.creates.close()

    @property
    def seen(self):
        """(parameters, body) of the last request that reached the general workers."""
        return self.general.requests[-1]

    def plain(self, method, target="/api/v1/customers", headers=()):
        host = ("Host", f"{HOST}:{self.instance.http_port}")
        return send_plain(self.instance.http_port, method, target, [host, *headers])

    def close(self):
        self.silence()
        self.instance.close()


def site_with(directory, heading, changes):
    """A copy of the site's files in which the lines that are commented out under a heading are not, and with changes
    (old, new) of their text; the environment of an instance that uses it."""
    shutil.copytree(SOURCE / WEB, directory, dirs_exist_ok=True)
    found = 0
    for path in directory.glob("*.conf"):
        parts = path.read_text().split("\n\n")
        for number, part in enumerate(parts):
            if part.startswith(f"# {heading}"):
                parts[number], count = re.subn("^( *)#(?! )", r"\1", part, flags=re.MULTILINE)
                found += count
        text = "\n\n".join(parts)
        for old, new in changes:
            text = text.replace(old, new)
        path.write_text(text)
    assert found
    return {"INSTANCE_SITE": str(directory)}


def assert_refused(response, status, code, **headers):
    """An error document of the API, whole, with all the headers of the web server's own replies."""
    assert response.status == status
    assert response.headers["Content-Type"] == "application/xml; charset=UTF-8"
    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert re.fullmatch(EXPECTED.request_id, response.headers["X-Request-Id"])
    for name in ("Retry-After", "Allow"):
        assert response.headers[name] == headers.get(name.replace("-", "_"))
    if response.method == "HEAD":
        assert response.body == b""
        assert (int(response.headers.get("Content-Length", 0)) > 150) == EXPECTED.length_of_refused_head
    else:
        assert re.fullmatch(
            '<\\?xml version="1.0" encoding="UTF-8"\\?>\n'
            f'<error xmlns="{NAMESPACE}" code="{code}">\n'
            "    <message>[^<&]+</message>\n"
            "    <field-errors/>\n"
            "</error>\n",
            response.body.decode(),
        )
        assert response.code == code


def refusal(received):
    """The parts of a response whose body is an error document."""
    head, _, body = received.partition(b"\r\n\r\n")
    code = read_document(body).get("code")
    return types.SimpleNamespace(status=int(head.split()[1]), head=head.decode(), code=code)


def make_certificate(directory, name):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
        + ["-nodes", "-days", "2", "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
        + ["-keyout", directory / f"{name}.key", "-out", directory / f"{name}.crt"],
        check=True,
        stderr=subprocess.DEVNULL,
    )
    (directory / f"{name}.key").chmod(0o644)
