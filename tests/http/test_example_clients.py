"""The clients that people copy, doc/examples/crm.*: each does the same, and says the same when it is refused."""

import os
import subprocess

import pytest

from documents import EMAIL, account, insert_account
from leap_instance import SOURCE, wait_until

EXAMPLES = SOURCE / "doc" / "examples"
CLIENTS = {"sh": ["bash"], "py": ["/usr/bin/python3", "-B"], "php": ["php"]}
# Only curl finds names under "localhost" by itself.
LOOPBACK = """
import socket

lookup = socket.getaddrinfo
socket.getaddrinfo = lambda host, *rest, **more: lookup("127.0.0.1" if str(host).endswith(".localhost") else host, *rest, **more)
"""


class Program:
    """One of the clients, used by the company's API client."""

    def __init__(self, suffix, company, directory):
        self.command = [*CLIENTS[suffix], EXAMPLES / f"crm.{suffix}"]
        self.directory = directory
        (directory / "sitecustomize.py").write_text(LOOPBACK)
        self.environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(directory),
            "LEAP_URL": f"https://{company.host}:{company.client.port}/api/v1",
            "LEAP_CLIENT": "tests",
            "LEAP_SECRET": company.secret,
            "LEAP_CA": str(company.instance.ca),
        }

    def start(self, *arguments, **environment):
        return subprocess.Popen(
            [*self.command, *arguments],
            cwd=self.directory,
            env=self.environment | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=open(self.directory / "stderr", "w"),
            text=True,
        )

    def said(self):
        return (self.directory / "stderr").read_text()

    def run(self, *arguments, status=0, **environment):
        """What it prints, as a list of the fields of each line."""
        process = self.start(*arguments, **environment)
        printed, _ = process.communicate(timeout=60)
        assert process.returncode == status, self.said()
        return [line.split("\t") for line in printed.splitlines()]


@pytest.fixture(params=CLIENTS)
def program(request, company, tmp_path):
    return Program(request.param, company, tmp_path)


@pytest.fixture
def document(tmp_path):
    path = tmp_path / "account.xml"
    path.write_bytes(account())
    return path


def test_every_client_is_tested():
    assert {path.name for path in EXAMPLES.glob("crm.*")} == {f"crm.{suffix}" for suffix in CLIENTS}


def test_a_create_with_the_same_key_again_is_one_account(program, document, company):
    [[identifier]] = program.run("create", document, "order-7")
    assert program.run("create", document, "order-7") == [[identifier]]
    assert company.client.get(f"customers/{identifier}").document.findtext("owner/email") == "joe@example.net"
    of_company = "FROM leap.account JOIN leap.company USING (company_id) WHERE company = :'company'"
    assert company.dba(f"SELECT count(*) {of_company};") == "1"


def test_a_create_that_is_refused_names_the_fields(program, company):
    (program.directory / "bad.xml").write_bytes(account({EMAIL: "joe"}))
    assert program.run("create", "bad.xml", "order-8", status=1) == []
    assert "crm: 400 validation: Validation failed." in program.said()
    assert "  /account/owner/email: invalid\n" in program.said()


def test_an_external_identifier_is_set_whatever_it_holds(program, company):
    identifier, other = insert_account(company), insert_account(company)
    extid = "CRM/7 ä&=+'\"<%>"
    assert program.run("extid", identifier, extid) == []
    assert company.client.get(f"customers/{identifier}").document.get("extid") == extid
    program.run("extid", other, extid, status=1)
    assert "crm: 409 extid-in-use: " in program.said() and "Another account has this" in program.said()


def test_a_login_is_changed_only_at_the_version_that_was_read(program, company):
    identifier = insert_account(company)
    program.run("login", identifier, "1", "a&b@example.net")
    assert company.client.get(f"customers/{identifier}").document.findtext("owner/email") == "a&b@example.net"
    program.run("login", identifier, "1", "new@example.net", status=1)
    assert "crm: 412 precondition-failed: " in program.said() and "read it again" in program.said()


def test_the_feed_is_followed_from_where_it_was_left(program, company):
    first, second = insert_account(company, extid="<CRM>&1"), insert_account(company)
    assert program.run("follow", "place") == [[first, "1", "Active", "<CRM>&1"], [second, "1", "Active", ""]]
    assert program.run("follow", "place") == []
    company.dba(f"SELECT leap.set_account_status(:'company', {first}, 'Inactive');")
    assert program.run("follow", "place") == [[first, "2", "Inactive", "<CRM>&1"]]


def test_the_feed_is_followed_over_many_pages(program, company):
    company.dba(
        """
        INSERT INTO leap.account (company_id, email, given_name, family_name, communities)
        SELECT company_id, 'a' || n || '@example.net', 'A', 'B', '{original}'
        FROM leap.company, generate_series(1, 205) n WHERE company = :'company';
        """
    )
    assert len(program.run("follow", "place")) == 205
    assert program.run("follow", "place") == []


def test_a_poll_acknowledges_what_it_printed(program, company):
    first, second = insert_account(company), insert_account(company, extid="CRM-1")
    assert program.run("poll") == [[first, "1", "Active", ""], [second, "1", "Active", "CRM-1"]]
    assert program.run("poll") == []
    company.dba(f"UPDATE leap.account SET gender = 'FEMALE' WHERE identifier = {second};")
    assert program.run("poll") == [[second, "2", "Active", "CRM-1"]]


@pytest.mark.parametrize("command", [["poll"], ["follow", "place"], ["extid", "1", "x"]])
def test_wrong_credentials_are_told(program, command):
    program.run(*command, status=1, LEAP_SECRET="wrong")
    assert "crm: 401 unauthenticated: " in program.said() and "expired or revoked" in program.said()
    assert not (program.directory / "place").exists()


def test_an_unknown_account_is_told(program):
    program.run("extid", "1", "x", status=1)
    assert "crm: 404 unknown-account: " in program.said() and "check LEAP_URL and the identifier" in program.said()


def test_a_service_that_is_away_is_tried_again_until_it_is_back(program, document, company):
    company.instance.run("stop-workers")
    try:
        process = program.start("create", document, "order-9", LEAP_TRIES="100")
        wait_until(lambda: program.said().count("crm: 503 outcome-unknown, trying again\n") >= 2, 30)
    finally:
        company.instance.run("start-workers")
    [identifier] = process.communicate(timeout=60)[0].split()
    assert process.returncode == 0
    assert company.client.get(f"customers/{identifier}").status == 200


def test_a_service_that_stays_away_is_given_up_with_a_status_of_its_own(program):
    url = program.environment["LEAP_URL"].replace(f":{program.environment['LEAP_URL'].split(':')[2].split('/')[0]}", ":1")
    program.run("poll", status=75, LEAP_TRIES="2", LEAP_URL=url)
    assert "crm: 000 , trying again" in program.said() and "Try again later" in program.said()


@pytest.mark.parametrize("arguments", [[], ["create"], ["poll", "x"], ["nothing"]])
def test_without_the_right_arguments_it_says_which(program, arguments):
    program.run(*arguments, status=2)
    for command in ("create FILE KEY", "extid IDENTIFIER EXTID", "follow FILE", "LEAP_SECRET", "try again later"):
        assert command in program.said()
