"""
What came through the API is where it belongs and nowhere else: not in a log, however much PostgreSQL is told to log, not
in what it shows of its sessions, not in tables that are not for it; and passwords and secrets are in no file at all.
"""

import contextlib
import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from canaries import Scanner, new_canary, percent_encoded
from conftest import Company
from documents import (
    ADDITIONAL_NAMES, EMAIL, EXTID, FAMILY_NAME, GIVEN_NAME, HONORIFIC_PREFIXES, PASSWORD, RESIDENTIAL, SHOE_SIZE, account,
    build, insert_account,
)  # fmt: skip
from leap_client import BASE, basic, send_plain
from leap_instance import PROGRAM, Instance, wait_until
from open_transaction import OpenTransaction
from processes import backends

# All that a server can be told to log, or nearly: what the role leap_api does not forbid would be there.
LOGGING = {
    "log_min_duration_statement": "0",
    "log_statement": "all",
    "log_duration": "on",
    "log_connections": "on",
    "log_disconnections": "on",
    "log_lock_waits": "on",
    "deadlock_timeout": "100ms",
    "log_temp_files": "0",
    "log_min_messages": "debug1",
    "log_min_error_statement": "debug1",
    "log_error_verbosity": "verbose",
    "log_parameter_max_length": "-1",
    "log_parameter_max_length_on_error": "-1",
    "debug_print_parse": "on",
    "debug_print_rewritten": "on",
    "debug_print_plan": "on",
    "session_preload_libraries": "auto_explain",
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_nested_statements": "on",
    "auto_explain.log_verbose": "on",
}

# What the database refuses though the program found nothing wrong: by what stands in honorific-prefixes.
REFUSALS = """
    ALTER TABLE leap.account ADD CONSTRAINT refused CHECK (honorific_prefixes IS DISTINCT FROM 'refused') NOT VALID;
    CREATE UNIQUE INDEX only_one ON leap.account (company_id, family_name) WHERE honorific_prefixes = 'only one';
    CREATE FUNCTION public.cannot_serialize() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'cannot serialize' USING ERRCODE = '40001', DETAIL = format('the row is %s', NEW);
    END $$;
    CREATE TRIGGER cannot_serialize BEFORE INSERT ON leap.account FOR EACH ROW
        WHEN (NEW.honorific_prefixes = 'cannot serialize') EXECUTE FUNCTION public.cannot_serialize();
"""

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
BY_HAND = new_canary()

# Where each value belongs in the database. (Additional fields are searched by digests, retry keys by HMACs.)
TABLES = {
    "e-mail": {"account", "account_change", "account_community"},
    "login": {"account", "account_change", "account_community"},
    "extid": {"account", "account_change", "retry_key"},
    "name": {"account", "account_change"},
    "field value": {"account", "account_change"},
    "comment": {"account_comment"},
    "idempotency key": {"retry_key"},
    "searched": set(),
    "password": set(),
    "wrong secret": set(),
    "secret": set(),
    "rotated secret": set(),
}
IN_NO_FILE = ("password", "wrong secret", "secret", "rotated secret")


class Traffic:
    """Sends each kind of request with canaries in it, and keeps what the database showed meanwhile."""

    def __init__(self, instance):
        self.instance = instance
        self.company = Company(instance)
        self.client = self.company.client
        self.canaries = {name: new_canary() for name in TABLES if name not in ("secret", "rotated secret")}
        self.canaries["secret"] = self.company.secret
        self.shown = b""
        c = self.canaries
        self.email = f"{c['e-mail']}@example.net"
        self.values = {
            EXTID: c["extid"],
            EMAIL: self.email,
            PASSWORD: c["password"],
            GIVEN_NAME: c["name"],
            FAMILY_NAME: c["name"],
            ADDITIONAL_NAMES: c["name"],
            f"{RESIDENTIAL}/street-address": c["name"],
            SHOE_SIZE: c["field value"],
        }
        # The update's, and those of an account that is never made.
        self.personal = {path: text for path, text in self.values.items() if path not in (EXTID, EMAIL, PASSWORD)}
        self.refused = {path: f"{text}@example.net" if path == EMAIL else text for path, text in self.values.items()}
        self.refused |= {EMAIL: f"{c['searched']}@example.net", EXTID: c["searched"]}

    def create(self, values, headers=()):
        return self.client.post("customers", account(values), headers)

    def every_operation(self):
        c, client = self.canaries, self.client
        key = {"Idempotency-Key": c["idempotency key"]}
        created = [self.create(self.values, key) for _ in range(2)]
        assert [reply.status for reply in created] == [201, 201]
        self.path = f"customers/{created[0].document.get('identifier')}"
        by_extid = f"customers/extid/{c['extid']}"
        acknowledgement = f"<acknowledgements><acknowledgement>{c['extid']}</acknowledgement></acknowledgements>"
        comment = f"<customer-update><comment>{c['comment']}</comment></customer-update>".encode()
        login = f"<change-login><login-id>{c['login']}@example.net</login-id></change-login>".encode()
        for reply, status in (
            (client.get(by_extid), 200),
            (client.get(f"customers/extid/{percent_encoded(c['extid'])}"), 200),
            (client.put(self.path, build(self.personal)), 201),
            (client.put(by_extid, build(self.personal | {SHOE_SIZE: "9"})), 201),
            (client.put(by_extid, build(self.personal)), 201),
            (client.get(f"customers/by_email/original/{self.email}"), 200),
            (client.put(f"{by_extid}/change-login", login), 201),
            (client.post(f"{self.path}/extid", f"extid={c['extid']}".encode(), FORM), 200),
            (client.post(f"{by_extid}/comments", comment, key | {"Idempotency-Key": f"{c['idempotency key']}-2"}), 201),
            (client.get(f"{by_extid}/comments"), 200),
            (client.post("customers/external/acked", acknowledgement.encode()), 204),
            (client.get(f"customers/by-additional-field/shoe-size/{c['field value']}"), 200),
            (client.get(f"customers/by-additional-field/shoe-size?value={percent_encoded(c['field value'])}"), 200),
            (client.get(f"customers?extid={c['extid']}&extid={c['searched']}"), 200),
            (client.get("customers"), 200),
            (client.get("customers?changed-after="), 200),
        ):
            assert reply.status == status, reply.body

    def refused_by_the_program(self):
        c, client = self.canaries, self.client
        wrong = self.company.as_client("tests", c["wrong secret"])
        document = account(self.refused)
        for reply, status in (
            (wrong.get(self.path), 401),
            (wrong.post("customers", document), 401),
            (self.company.as_client(c["searched"], c["wrong secret"]).get(self.path), 401),
            (self.company.anonymous.get(self.path, {"Authorization": f"Bearer {self.company.secret}"}), 401),
            (client.post("customers", document[:-5]), 400),
            (client.post("customers", document.replace(b"</owner>", f"<{c['searched']}>".encode())), 400),
            (client.post("customers", f"<!DOCTYPE {c['searched']}><account/>".encode()), 400),
            (client.post("customers", account(self.refused | {PASSWORD: f"\x85{c['password']}"})), 400),
            (client.post("customers", account(self.refused | {PASSWORD: c["password"] * 5})), 400),
            (client.post("customers", document, {"Content-Type": f"text/{c['searched']}"}), 415),
            (client.get(f"customers/{c['searched']}"), 400),
            (client.get(f"customers/extid/{c['searched']}"), 404),
            (client.get(f"customers?{c['searched']}={c['searched']}"), 400),
            (client.get(f"{c['searched']}/%FF"), 400),
        ):
            assert reply.status == status, reply.body

    def refused_by_the_web_server(self):
        c, client = self.canaries, self.client
        credentials = f"Host: {self.company.host}\r\nAuthorization: {client.authorization}\r\n"
        headers = {name: c["searched"] for name in ("User-Agent", "Referer", "Cookie", "X-Forwarded-For", "X-Request-Id")}
        big = (c["password"] * (2 * 1024 * 1024 // len(c["password"]))).encode()
        for reply in (
            client.exchange(f"GET {BASE}{c['searched']}%zz HTTP/1.1\r\n{credentials}\r\n".encode()),
            client.exchange(f"{c['searched']} {self.company.secret}\r\n{credentials}\r\n".encode()),
        ):
            assert b" 400 " in reply
        for reply, statuses in (
            (client.get(c["searched"] * 600, headers), (414,)),
            (client.get("customers", headers | {"X-Long": c["password"] * 1200}), (400, 431)),
            (client.post("customers", big, headers), (413,)),
            (client.post("customers", iter([big, c["password"].encode()]), headers), (413,)),
            (client.request(c["searched"].upper(), BASE + self.path), (400, 405)),
            (self.plainly("GET", f"{BASE}customers/extid/{c['extid']}"), (403,)),
            (self.plainly("POST", f"{BASE}customers", account(self.refused)), (403,)),
        ):
            assert reply.status in statuses, reply.body

    def plainly(self, method, target, body=None):
        headers = [("Host", self.company.host), ("Authorization", self.client.authorization)]
        return send_plain(self.instance.http_port, method, target, headers, body)

    def left_in_the_midst(self):
        body = account(self.refused)
        head = (
            f"POST {BASE}customers HTTP/1.1\r\nHost: {self.company.host}\r\nAuthorization: "
            f"{basic('tests', self.company.secret)}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        for sent in (0, len(body) // 2, len(body) - 1):
            with self.client.open() as connection:
                connection.sendall(head.encode() + body[:sent])

    def refused_by_the_database(self):
        self.instance.psql(REFUSALS)
        other = {EXTID: None, EMAIL: "only-one@example.net", HONORIFIC_PREFIXES: "only one"}
        assert self.create(self.refused | {HONORIFIC_PREFIXES: "refused"}).status == 500
        assert self.create(self.values | other).status == 201
        assert self.create(self.refused | {HONORIFIC_PREFIXES: "only one"}).status in (400, 500)
        assert self.create(self.refused | {HONORIFIC_PREFIXES: "cannot serialize"}).status == 503
        # All at once, so that some find the e-mail address free and then taken.
        at_once = self.values | {EXTID: None, EMAIL: f"at-once-{self.email}"}
        with ThreadPoolExecutor(4) as pool:
            statuses = sorted(reply.status for reply in pool.map(self.create, [at_once] * 4))
        assert statuses == [201, 400, 400, 400]

    def interrupted(self):
        """While it waits for a row, a write is cancelled, loses its session, comes to its time limit, and its server dies."""
        for end in ("pg_cancel_backend", "pg_terminate_backend", None):
            with self.waiting_write() as (transaction, waiting):
                if end:
                    self.instance.psql(f"SELECT {end}({waiting})")
        with self.waiting_write() as (transaction, waiting):
            os.kill(int(waiting), signal.SIGKILL)
            transaction.is_open = False
            transaction.session.psql.communicate(timeout=30)
        wait_until(lambda: self.client.get(self.path).status == 200, 30)

    @contextlib.contextmanager
    def waiting_write(self):
        replies = []
        body = build(self.personal | {SHOE_SIZE: f"other {self.canaries['field value']}"})
        writer = threading.Thread(target=lambda: replies.append(self.client.put(self.path, body)))
        lock = f"SELECT FROM leap.account WHERE identifier = {self.path.split('/')[1]} FOR UPDATE;"
        with OpenTransaction(self.instance, lock) as transaction:
            writer.start()
            transaction.wait_until_somebody_waits()
            self.shown += self.sessions()
            waiting = self.instance.psql(
                f"SELECT pid FROM pg_stat_activity WHERE {transaction.backend} = ANY (pg_blocking_pids(pid))"
            )
            yield transaction, waiting
            writer.join()
        assert replies[0].status == 503, replies[0].body

    def sessions(self):
        return self.instance.psql(f"/* {BY_HAND} */ TABLE pg_stat_activity;").encode()

    def without_database(self):
        self.instance.run("stop-database")
        assert self.client.get(f"customers/extid/{self.canaries['extid']}").status == 503
        assert self.create(self.refused).status == 503
        self.instance.run("start-database")

    def with_a_rotated_secret(self):
        self.canaries["rotated secret"] = self.company.dba("SELECT leap.rotate_api_client(:'company', 'tests');")
        self.client = self.company.as_client("tests", self.canaries["rotated secret"])
        assert self.client.get(self.path).status == 200

    def tables(self):
        """What each table of the schema holds, by its name."""
        names = self.instance.psql("SELECT tablename FROM pg_tables WHERE schemaname = 'leap'").split()
        return {name: self.instance.psql(f"COPY leap.{name} TO STDOUT").encode() for name in names}

    def run(self):
        self.every_operation()
        self.refused_by_the_program()
        self.refused_by_the_web_server()
        self.left_in_the_midst()
        self.refused_by_the_database()
        self.interrupted()
        self.without_database()
        self.with_a_rotated_secret()
        # The sessions of the workers are there still, with the statements that they ran last.
        assert backends(self.instance)
        self.shown += self.sessions()
        self.held = self.tables()
        insert_account(self.company, given_name=BY_HAND)


@pytest.fixture(scope="module")
def traffic():
    """What is left of it: nothing runs any more, so everything is in its files."""
    # One worker for creates less than there are creates at once.
    made = Instance(PROGRAM, INSTANCE_WORKERS="2", INSTANCE_CREATE_WORKERS="3")
    try:
        made.run("start-database")
        made.run("deploy")
        for name, value in LOGGING.items():
            made.psql(f"LOAD 'auto_explain'; ALTER SYSTEM SET {name} = '{value}';")
        made.psql("SELECT pg_reload_conf()")
        wait_until(lambda: made.psql("SHOW log_statement") == "all")
        made.run("start-workers")
        made.start_web()
        sent = Traffic(made)
        sent.run()
        made.run("stop-web")
        made.stop_workers()
        made.run("stop-database")
        yield sent
    finally:
        made.close()


def findings(traffic, *parts, names=TABLES):
    """Which of these canaries the parts of the instance's directory hold, and where."""
    scanner = Scanner({name: traffic.canaries[name] for name in names})
    return scanner.in_files(*(str(traffic.instance.directory / part) for part in parts))


# That the canaries would be found


def test_what_belongs_into_the_cluster_is_found_in_its_files(traffic):
    found = {(finding.canary, finding.encoding) for finding in findings(traffic, "data")}
    assert {("e-mail", "plain"), ("extid", "plain"), ("comment", "plain")} <= found


def test_what_the_dba_writes_is_found_in_the_log_of_the_server(traffic):
    log = str(traffic.instance.directory / "log" / "postgresql.log")
    encodings = {finding.encoding for finding in Scanner({"by hand": BY_HAND}).in_files(log)}
    assert encodings == {"plain", "decimal"}


@pytest.mark.parametrize("encode", [str, lambda secret: basic("tests", secret), percent_encoded], ids=["plain", "basic", "percent"])
def test_a_secret_that_is_logged_is_found(traffic, tmp_path, encode):
    log = tmp_path / "a.log"
    log.write_text(f"{traffic.instance.log('leap-ws.log')}{encode(traffic.company.secret)}\n")
    found = Scanner(traffic.canaries).in_files(str(tmp_path))
    assert {(finding.canary, finding.place) for finding in found} == {("secret", str(log))}


def test_the_server_logged_every_statement_of_the_workers(traffic):
    lines = [line for line in traffic.instance.log("postgresql.log").splitlines() if "] leap_api LOG:" in line]
    for query in ("create", "update", "set_extid", "find_by_email", "find_by_field", "add_comment"):
        assert any(f"  execute {query}: " in line for line in lines), query
    assert any("  duration: " in line for line in lines)
    assert all(" LOG:  plan:" not in line for line in lines)


# What was looked for


def test_no_log_holds_anything_of_what_came_through_the_api(traffic):
    assert findings(traffic, "log") == set()


def test_the_web_server_leaves_nothing_in_a_file(traffic):
    assert findings(traffic, "tmp", "run", "etc", "docs") == set()


def test_the_server_shows_nothing_of_it_with_its_sessions(traffic):
    # It shows statements, that of the psql that asked too.
    assert b"leap.update_account($" in traffic.shown
    assert Scanner({"by hand": BY_HAND}).in_bytes("pg_stat_activity", traffic.shown)
    assert Scanner(traffic.canaries).in_bytes("pg_stat_activity", traffic.shown) == set()


@pytest.mark.parametrize("name", TABLES)
def test_each_value_is_in_the_tables_where_it_belongs_and_in_no_other(traffic, name):
    scanner = Scanner({name: traffic.canaries[name]})
    assert {table for table, rows in traffic.held.items() if scanner.in_bytes(table, rows)} == TABLES[name]


def test_no_file_of_the_cluster_holds_a_password_or_a_secret(traffic):
    assert findings(traffic, "data", names=IN_NO_FILE) == set()
