"""The program run once, as plain CGI without a web server, with whatever environment a test gives it."""

import os
import subprocess
import tempfile
import types

from leap_client import BASE, read_document
from leap_instance import SANITIZER_REPORTS


def start(company, method, path, body=b"", **variables):
    """A process for one request of the company's client; `variables` go into its environment."""
    environment = company.instance.connection("leap_api") | {
        "REQUEST_METHOD": method,
        "REQUEST_URI": BASE + path,
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_HOST": company.host,
        "REQUEST_SCHEME": "https",
        "REMOTE_ADDR": "192.0.2.1",
        "LEAP_REQUEST_ID": os.urandom(16).hex(),
        "HTTP_AUTHORIZATION": company.client.authorization,
    }
    with tempfile.TemporaryFile() as sent:
        sent.write(body)
        sent.seek(0)
        return subprocess.Popen(
            [company.instance.environment["INSTANCE_PROGRAM"]],
            stdin=sent,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment | variables,
        )


def finish(process):
    """What it answered, when it has ended: status, headers, document and log line."""
    output, log = (stream.decode() for stream in process.communicate(timeout=60))
    assert process.returncode == 0 and not any(report in log for report in SANITIZER_REPORTS), log
    head, _, content = output.partition("\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.split("\r\n"))
    document = read_document(content.encode()) if content else None
    return types.SimpleNamespace(status=int(headers["Status"].split()[0]), headers=headers, document=document, log=log)


def run(company, method, path, body=b"", **variables):
    return finish(start(company, method, path, body, **variables))
