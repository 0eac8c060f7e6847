#!/usr/bin/env python3
"""
A client of the Customer Web Services API, to copy. It needs Python's standard library alone.

  crm.py create FILE KEY                 creates the account in an XML file; again with the same KEY it
                                         is still one account
  crm.py extid IDENTIFIER EXTID          sets your own identifier
  crm.py login IDENTIFIER VERSION EMAIL  changes the login, unless the account is past that version
  crm.py follow FILE                     prints the accounts that changed since the last time; FILE
                                         keeps the place
  crm.py poll                            prints the accounts with changes and acknowledges these

An account is a line: identifier, version, status and your own identifier, with tabs between.
LEAP_URL is https://COMPANY.DOMAIN/api/v1, LEAP_CLIENT and LEAP_SECRET are the API client's, and
LEAP_CA is a file with the CA's certificate where the system's own do not do. What is not answered, or
only later, is tried LEAP_TRIES times (10). It ends with 1 when the service refused, and with 75 when
it pays to try again later.
"""

import base64
import http.client
import os
import pathlib
import re
import ssl
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from xml.etree import ElementTree

NAMESPACE = "{http://schema.majitek.com/leap-ws-v1.0}"
XML = {"Content-Type": "application/xml"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
TRIES = int(os.environ.get("LEAP_TRIES", "10"))
ADVICE = {
    401: "Check LEAP_CLIENT and LEAP_SECRET; the client may be expired or revoked.",
    404: "The account is unknown or inactive: check LEAP_URL and the identifier.",
    409: "Another account has this: find out which of the two is meant.",
    412: "Somebody else changed the account: read it again and decide anew.",
}


class Refused(Exception):
    """What the service answered in the place of the expected status."""

    def __init__(self, status, body):
        self.status = status
        self.code = self.message = ""
        self.fields = []
        if body.lstrip().startswith(b"<"):
            error = ElementTree.fromstring(body)
            self.code = error.get("code")
            self.message = error.findtext(f"{NAMESPACE}message")
            fields = error.iter(f"{NAMESPACE}field")
            self.fields = [(field.get("xpath"), field.get("errorhint")) for field in fields]

    @property
    def temporary(self):
        return self.status in (0, 429, 503) or self.code == "key-in-progress"


class Service:
    """
    The API as one of its clients. Every request of this program can be repeated (see at each), so that it
    is, where there was no answer or the service says so.
    """

    def __init__(self, url, client, secret, ca=None):
        self.url = url
        self.context = ssl.create_default_context(cafile=ca)
        self.authorization = "Basic " + base64.b64encode(f"{client}:{secret}".encode()).decode()

    def send_once(self, method, url, body, headers):
        """(status, headers, body) of the answer; the status is 0 where there was none."""
        headers = headers | {"Authorization": self.authorization}
        request = urllib.request.Request(url, body, headers, method=method)
        try:
            with urllib.request.urlopen(request, context=self.context, timeout=60) as reply:
                return reply.status, reply.headers, reply.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()
        except (OSError, http.client.HTTPException) as error:
            print(f"crm: {error}", file=sys.stderr)
            return 0, {}, b""

    def send(self, expected, method, url, body=None, headers=None):
        """(headers, body) of the answer; Refused where its status is not the expected one."""
        for left in reversed(range(TRIES)):
            status, got, reply = self.send_once(method, url, body, headers or {})
            if status == expected:
                return got, reply
            refused = Refused(status, reply)
            if not refused.temporary or left == 0:
                raise refused
            print(f"crm: {status:03} {refused.code}, trying again", file=sys.stderr)
            time.sleep(int(got.get("Retry-After", 1)))

    def create(self, file, key):
        """With the key it can be repeated: the first answer is kept for a day."""
        document = pathlib.Path(file).read_bytes()
        _, reply = self.send(201, "POST", f"{self.url}/customers", document, XML | {"Idempotency-Key": key})
        print(ElementTree.fromstring(reply).get("identifier"))

    def extid(self, identifier, extid):
        """It can be repeated: what is set already can be set again."""
        form = urllib.parse.urlencode({"extid": extid}).encode()
        self.send(200, "POST", f"{self.url}/customers/{identifier}/extid", form, FORM)

    def login(self, identifier, version, email):
        """
        It can be repeated: the account is at the version only once. 412 after a lost answer may be one's
        own change, so read the account.
        """
        document = ElementTree.Element("change-login")
        ElementTree.SubElement(document, "login-id").text = email
        body = ElementTree.tostring(document, "utf-8")
        headers = XML | {"If-Match": f'"{version}"'}
        self.send(201, "PUT", f"{self.url}/customers/{identifier}/change-login", body, headers)

    def follow(self, file):
        """
        The place is the URL of the next page. It is kept only when the page was dealt with: what comes
        twice does no harm, what is left out does.
        """
        place = pathlib.Path(file)
        url = place.read_text().strip() if place.exists() else f"{self.url}/customers?changed-after="
        while True:
            headers, reply = self.send(200, "GET", url)
            if not print_accounts(reply):
                return
            url = re.fullmatch('<(.*)>; rel="next"', headers["Link"])[1]
            new = place.with_name(place.name + ".new")
            new.write_text(url + "\n")
            new.replace(place)

    def poll(self):
        """Acknowledges the versions that it printed: an account that has changed since comes again."""
        while True:
            _, reply = self.send(200, "GET", f"{self.url}/customers?acked=false")
            accounts = print_accounts(reply)
            if not accounts:
                return
            document = ElementTree.Element("acknowledgements")
            for account in accounts:
                entry = ElementTree.SubElement(document, "acknowledgement", version=account.get("version"))
                entry.text = account.get("identifier")
            body = ElementTree.tostring(document, "utf-8")
            self.send(204, "POST", f"{self.url}/customers/acked", body, XML)


def print_accounts(reply):
    """Prints the accounts of a list, and returns them."""
    accounts = ElementTree.fromstring(reply).findall(f"{NAMESPACE}account")
    for account in accounts:
        status = account.findtext(f"{NAMESPACE}account-status")
        print(account.get("identifier"), account.get("version"), status, account.get("extid", ""), sep="\t")
    return accounts


def main(command="", *arguments):
    if {"create": 2, "extid": 2, "login": 3, "follow": 1, "poll": 0}.get(command) != len(arguments):
        print(__doc__, file=sys.stderr)
        return 2
    url, client, secret = (os.environ[name] for name in ("LEAP_URL", "LEAP_CLIENT", "LEAP_SECRET"))
    service = Service(url, client, secret, os.environ.get("LEAP_CA"))
    try:
        getattr(service, command)(*arguments)
    except Refused as refused:
        print(f"crm: {refused.status:03} {refused.code}: {refused.message}", file=sys.stderr)
        for xpath, hint in refused.fields:
            print(f"  {xpath}: {hint}", file=sys.stderr)
        if refused.temporary:
            print("Try again later, with the same key.", file=sys.stderr)
            return 75
        print(ADVICE.get(refused.status, ""), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
