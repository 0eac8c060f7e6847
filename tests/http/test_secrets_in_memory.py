"""
Once a request has been answered, no password and no secret of it is in its worker's memory or registers: what dumps the
worker's memory, be it a crash, finds those of the request in hand at most.
"""

import threading

import pytest

from canaries import Scanner, new_canary
from conftest import Company
from documents import EMAIL, EXTID, GIVEN_NAME, PASSWORD, SHOE_SIZE, account, build, insert_account
from leap_instance import running, wait_until
from open_transaction import OpenTransaction
from process_image import waits_for_events, write_images
from processes import worker_processes
from release_build import release_program

UTF_16 = {"Content-Type": "application/xml; charset=UTF-16"}


class Workers:
    """An instance with one worker of each kind."""

    def __init__(self, instance):
        self.instance = instance
        self.company = Company(instance)
        self.company.dba("SELECT leap.set_password_score(:'company', 3);")
        self.client = self.company.client
        self.wrong = new_canary()
        self.path = f"customers/{insert_account(self.company, extid='known')}"
        assert self.client.get(self.path).status == 200
        assert self.client.post("customers", b"<").status == 400
        self.pids = sorted(worker_processes(instance))

    def findings(self, password):
        """(what, its encoding) of each piece of a password or secret that is in the workers."""
        image = self.instance.directory / "image"
        write_images(self.pids, image)
        scanner = Scanner({"password": password, "secret": self.company.secret, "wrong secret": self.wrong})
        return {(finding.canary, finding.encoding) for finding in scanner.in_files(str(image))}

    def findings_when_idle(self, password):
        wait_until(lambda: all(map(waits_for_events, self.pids)))
        return self.findings(password)

    # The requests, each with a password, and the status of its reply.

    def post(self, body, headers=()):
        return self.client.post("customers", body, headers).status

    def show(self, password):
        return self.client.get(self.path).status

    def create(self, password):
        return self.post(account({EMAIL: f"{new_canary()}@example.net", PASSWORD: password}))

    def create_with_key(self, password):
        body = account({EMAIL: f"{new_canary()}@example.net", PASSWORD: password})
        key = {"Idempotency-Key": new_canary()}
        assert self.post(body, key) == 201
        return self.post(body, key)

    def create_in_utf_16(self, password):
        body = account({EMAIL: f"{new_canary()}@example.net", PASSWORD: password})
        return self.post(body.decode().split("?>", 1)[1].encode("utf-16"), UTF_16)

    def create_with_character_references(self, password):
        body = account({EMAIL: f"{new_canary()}@example.net", PASSWORD: password})
        return self.post(body.replace(password[:9].encode(), "".join(f"&#{ord(c)};" for c in password[:9]).encode()))

    def create_among_much(self, password):
        """The document's size has the memory for it taken from another place."""
        body = account({EMAIL: f"{new_canary()}@example.net", PASSWORD: password})
        return self.post(body + b"<!-- comment -->" * 50000)

    def invalid(self, password):
        return self.post(account({EMAIL: "nobody", PASSWORD: password}))

    def too_long(self, password):
        return self.post(account({PASSWORD: password * 5}))

    def with_control_characters(self, password):
        return self.post(account({PASSWORD: f"{password}\x85{password}"}))

    def too_easy(self, password):
        """It is a name."""
        return self.post(account({GIVEN_NAME: password, PASSWORD: password}))

    def cut_off(self, password):
        return self.post(account({PASSWORD: password}).split(b"</password>")[0])

    def not_well_formed(self, password):
        return self.post(account({PASSWORD: password}).replace(b"</password>", b"</passwort>"))

    def unknown_entity(self, password):
        return self.post(account({PASSWORD: password}).replace(b"</password>", b"&x;</password>"))

    def element_of_that_name(self, password):
        return self.post(account({}).replace(b"<owner>", f"<owner><p{password}>{password}</p{password}>".encode()))

    def media_type(self, password):
        return self.post(account({PASSWORD: password}), {"Content-Type": "text/plain"})

    def update(self, password):
        return self.client.put(self.path, build({SHOE_SIZE: "9", PASSWORD: password})).status

    def update_of_nobody(self, password):
        return self.client.put("customers/1", build({PASSWORD: password})).status

    def change_login(self, password):
        body = f"<change-login><login-id>{new_canary()}@example.net</login-id><password>{password}</password></change-login>"
        return self.client.put(f"{self.path}/change-login", body.encode()).status

    def wrong_secret(self, password):
        return self.company.as_client("tests", self.wrong).get(self.path).status

    def wrong_secret_for_a_create(self, password):
        return self.company.as_client("tests", self.wrong).post("customers", account({PASSWORD: password})).status

    def no_basic_credentials(self, password):
        return self.company.anonymous.get(self.path, {"Authorization": f"Bearer {self.company.secret}"}).status

    def in_the_path(self, password):
        return self.client.get(f"customers/extid/{password}?{password}={password}").status

    def extid_in_use(self, password):
        return self.post(account({EXTID: "known", PASSWORD: password}))

    def options(self, password):
        return self.client.options(self.path).status

    def without_database(self, password):
        self.instance.run("stop-database")
        try:
            return self.create(password)
        finally:
            self.instance.run("start-database")


@pytest.fixture(scope="module")
def workers():
    # With the sanitizers it has another allocator.
    with running(release_program(), INSTANCE_WORKERS="1", INSTANCE_CREATE_WORKERS="1") as made:
        yield Workers(made)


def test_the_memory_of_a_request_in_hand_holds_its_password_and_the_secret(workers):
    """So they would be found."""
    password = new_canary()
    with OpenTransaction(workers.instance, "LOCK leap.account IN SHARE MODE;", role="postgres") as transaction:
        writer = threading.Thread(target=workers.create, args=[password])
        writer.start()
        transaction.wait_until_somebody_waits()
        found = workers.findings(password)
    writer.join()
    assert {canary for canary, _ in found} == {"password", "secret"}
    assert ("password", "plain") in found


@pytest.mark.parametrize(
    "send, status",
    [
        (Workers.show, 200),
        (Workers.create, 201),
        (Workers.create_with_key, 201),
        (Workers.create_in_utf_16, 201),
        (Workers.create_with_character_references, 201),
        (Workers.create_among_much, 201),
        (Workers.invalid, 400),
        (Workers.too_long, 400),
        (Workers.with_control_characters, 400),
        (Workers.too_easy, 400),
        (Workers.cut_off, 400),
        (Workers.not_well_formed, 400),
        (Workers.unknown_entity, 400),
        (Workers.element_of_that_name, 400),
        (Workers.media_type, 415),
        (Workers.update, 409),
        (Workers.update_of_nobody, 404),
        (Workers.change_login, 400),
        (Workers.wrong_secret, 401),
        (Workers.wrong_secret_for_a_create, 401),
        (Workers.no_basic_credentials, 401),
        (Workers.in_the_path, 400),
        (Workers.extid_in_use, 400),
        (Workers.options, 204),
        (Workers.without_database, 503),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_the_memory_of_an_idle_worker_holds_no_password_and_no_secret(workers, send, status):
    password = new_canary()
    assert send(workers, password) == status
    assert workers.findings_when_idle(password) == set()
