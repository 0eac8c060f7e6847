"""
The database away: 503 with Retry-After within 5 seconds, whatever the way, and served again by itself.

The schema that does not fit is here too: to clients it is one more way in which the service is unavailable.
"""

import contextlib
import os
import signal
import threading
import time

import pytest

from documents import EMAIL, PASSWORD, account, insert_account
from leap_instance import wait_until
from open_transaction import OpenTransaction
from processes import backends, children, is_running, postmaster, worker_processes
from promises import PATIENCE, RETURN, WORKERS
from soak import ROUNDS, write_round

pytestmark = pytest.mark.alone


def timed(send):
    begun = time.monotonic()
    response = send()
    return response, time.monotonic() - begun


def assert_unavailable(send, code="unavailable"):
    response, seconds = timed(send)
    assert (response.status, response.code) == (503, code), response.body
    assert response.problems == []
    assert int(response.headers["Retry-After"]) > 0
    assert seconds < PATIENCE
    return response


class Service:
    """A company with an account, and its requests."""

    def __init__(self, company):
        self.company = company
        self.instance = company.instance
        self.identifier = insert_account(company)
        self.path = f"customers/{self.identifier}"

    def read(self):
        return self.company.client.get(self.path)

    def update(self):
        return self.company.client.put(self.path, account({EMAIL: None, PASSWORD: None}))

    def create(self, email="away@example.net"):
        return self.company.client.post("customers", account({EMAIL: email}))

    def emails(self):
        sql = "SELECT email FROM leap.account JOIN leap.company USING (company_id) WHERE company = :'company';"
        return set(self.company.dba(sql).splitlines())

    def assert_serves(self):
        """All workers, within 2 seconds of the database's return and from then on."""
        wait_until(lambda: self.read().status == 200, RETURN)
        assert [self.read().status for _ in range(WORKERS)] == [200] * WORKERS
        response = self.create("served@example.net")
        assert response.status in (201, 400), response.body
        assert "served@example.net" in self.emails()


@pytest.fixture
def service(company):
    made = Service(company)
    # Every worker has a connection and its statements prepared.
    assert [made.read().status for _ in range(WORKERS)] == [200] * WORKERS
    return made


def kill_cluster(instance):
    """As a power failure would: the server recovers when it starts."""
    pid = postmaster(instance)
    os.kill(pid, signal.SIGQUIT)
    wait_until(lambda: not is_running(pid))


def stop_cluster(instance):
    instance.run("stop-database")


@pytest.mark.parametrize("stop", [stop_cluster, kill_cluster])
def test_a_stopped_database_is_503_and_served_again_when_it_is_back(service, stop):
    stop(service.instance)
    try:
        for _ in range(WORKERS):
            assert_unavailable(service.read)
        assert_unavailable(service.create)
        assert_unavailable(lambda: service.company.anonymous.get(service.path))
        assert_unavailable(lambda: service.company.anonymous.options("customers"))
    finally:
        service.instance.run("start-database")
    service.assert_serves()
    assert "away@example.net" not in service.emails()


def test_head_of_a_stopped_database_is_503_too(service):
    service.instance.run("stop-database")
    try:
        response = service.company.client.head(service.path)
        assert (response.status, response.body) == (503, b"")
        assert int(response.headers["Retry-After"]) > 0
    finally:
        service.instance.run("start-database")
    service.assert_serves()


def test_what_needs_no_database_is_still_refused(service):
    service.instance.run("stop-database")
    try:
        assert service.company.client.get("customers/%FF").code == "malformed-request"
    finally:
        service.instance.run("start-database")
    service.assert_serves()


@pytest.mark.repeat(ROUNDS)
def test_a_restart_between_two_requests_is_not_noticed(service):
    """The connections are gone, but the requests after it are the first to see it: none of them fails, no write either."""
    replies = [service.create("before@example.net")]
    for send in (service.read, service.update):
        service.instance.run("stop-database")
        service.instance.run("start-database")
        replies += [send() for _ in range(WORKERS)]
    replies.append(service.create())
    assert [reply.status for reply in replies] == [201] + [200] * WORKERS + [201] * (WORKERS + 1)
    write_round("idle connections died unseen", len(replies))


def end_backends(service):
    service.instance.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'leap_api';")
    wait_until(lambda: not backends(service.instance))


def test_a_connection_that_was_ended_is_not_noticed(service):
    for _ in range(3):
        end_backends(service)
        assert [service.read().status for _ in range(WORKERS)] == [200] * WORKERS
    end_backends(service)
    assert service.create().status == 201


def test_statements_that_are_no_longer_prepared_are_not_noticed(service):
    """A change to a table that the statements use makes their plans stale."""
    service.instance.psql("ALTER TABLE leap.account ADD COLUMN tried int; ALTER TABLE leap.account DROP COLUMN tried;")
    assert [service.read().status for _ in range(WORKERS)] == [200] * WORKERS
    assert service.create().status == 201


def test_a_killed_backend_makes_the_database_recover_and_then_it_is_served_again(service):
    ended = backends(service.instance)
    os.kill(ended[0], signal.SIGKILL)
    # All of them end when the server recovers; until then some would still answer.
    wait_until(lambda: not any(map(is_running, ended)))
    wait_until(lambda: service.read().status == 200)
    service.assert_serves()


@contextlib.contextmanager
def silenced(instance):
    """The whole cluster stopped in its tracks: it neither answers nor closes a connection."""
    parent = postmaster(instance)
    pids = [parent, *children(parent)]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def test_a_silent_database_is_503_and_what_was_not_written_then_is_never_written(service):
    with silenced(service.instance):
        for send in (service.read, service.read, service.create):
            assert_unavailable(send)
    service.assert_serves()
    assert "away@example.net" not in service.emails()


def test_a_locked_table_is_503(service):
    with OpenTransaction(service.instance, "LOCK TABLE leap.account IN ACCESS EXCLUSIVE MODE;", "postgres"):
        assert_unavailable(service.read)
        assert_unavailable(service.create)
    service.assert_serves()
    assert "away@example.net" not in service.emails()


def test_a_table_that_can_only_be_read_is_503_for_a_create(service):
    with OpenTransaction(service.instance, "LOCK TABLE leap.account IN EXCLUSIVE MODE;", "postgres"):
        assert service.read().status == 200
        assert_unavailable(service.create)
    service.assert_serves()
    assert "away@example.net" not in service.emails()


def waiting(instance):
    """The backends of workers that wait for a lock."""
    return instance.psql("SELECT pid FROM pg_stat_activity WHERE usename = 'leap_api' AND wait_event_type = 'Lock';")


def test_a_write_whose_connection_is_lost_before_commit_happens_once_or_is_503(service):
    """The backend is ended while it waits for a lock: nothing was committed, so the program may try again."""
    replies = []
    thread = threading.Thread(target=lambda: replies.append(service.create()))
    with OpenTransaction(service.instance, "LOCK TABLE leap.account IN EXCLUSIVE MODE;", "postgres"):
        thread.start()
        pid = wait_until(lambda: waiting(service.instance))
        service.instance.psql(f"SELECT pg_terminate_backend({pid});")
    thread.join()
    assert replies[0].status in (201, 503)
    assert ("away@example.net" in service.emails()) == (replies[0].status == 201)
    if replies[0].status == 503:
        assert replies[0].code == "unavailable"


@contextlib.contextmanager
def changed(instance, change, back):
    instance.psql(change)
    try:
        yield
    finally:
        instance.psql(back)


@pytest.mark.parametrize("sqlstate, status, code", [("53100", 503, "unavailable"), ("23514", 500, "internal")])
def test_a_commit_that_is_refused_changed_nothing_and_says_so(service, sqlstate, status, code):
    """By what is only checked then; the outcome is known."""
    refuse = f"""
        CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{sqlstate}'; END $$;
        CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON leap.account DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION public.refuse();
    """
    with changed(service.instance, refuse, "DROP TRIGGER refuse ON leap.account; DROP FUNCTION public.refuse();"):
        reply = service.create()
        assert (reply.status, reply.code) == (status, code)
        assert "Nothing was changed" in reply.message
    assert "away@example.net" not in service.emails()
    service.assert_serves()


def test_a_database_out_of_connections_is_503(service):
    limit = "ALTER ROLE leap_api CONNECTION LIMIT {};"
    with changed(service.instance, limit.format(0), limit.format(-1)):
        end_backends(service)
        assert_unavailable(service.read)
        assert_unavailable(service.create)
    service.assert_serves()


def test_where_the_answer_to_commit_is_lost_the_outcome_is_unknown_and_the_message_says_how_to_find_out(service):
    """A commit that waits for a standby that does not exist has been written, but is not answered."""
    reload = "SELECT pg_reload_conf() \\g /dev/null\n"
    with changed(
        service.instance,
        f"ALTER SYSTEM SET synchronous_standby_names = 'nobody'; {reload}",
        f"ALTER SYSTEM RESET synchronous_standby_names; {reload}",
    ):
        wait_until(lambda: service.instance.psql("SHOW synchronous_standby_names;") == "nobody")
        # A read has nothing to commit.
        assert service.read().status == 200
        response = assert_unavailable(service.create, "outcome-unknown")
    assert "Idempotency-Key" in response.message and "ead" in response.message
    # It is seen once its session no longer waits for the standby.
    wait_until(lambda: "away@example.net" in service.emails())
    service.assert_serves()


@contextlib.contextmanager
def stopped(instance):
    stop_cluster(instance)
    try:
        yield
    finally:
        instance.run("start-database")


@pytest.mark.parametrize("away", [stopped, silenced])
def test_many_requests_at_once_are_all_answered_in_time(service, away):
    """More than there are workers wait."""
    replies = []

    def ask():
        replies.append(timed(service.read))

    with away(service.instance):
        threads = [threading.Thread(target=ask) for _ in range(3 * WORKERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [response.code for response, _ in replies] == ["unavailable"] * (3 * WORKERS)
    assert max(seconds for _, seconds in replies) < PATIENCE
    service.assert_serves()


def test_the_processes_stay_up(service):
    before = worker_processes(service.instance)
    assert len(before) > 1
    service.instance.run("stop-database")
    try:
        for _ in range(WORKERS):
            assert_unavailable(service.read)
        assert_unavailable(service.create)
    finally:
        service.instance.run("start-database")
    service.assert_serves()
    assert worker_processes(service.instance) == before


# A schema that does not fit


@contextlib.contextmanager
def schema_version(service, version):
    """The version is asked for when a connection is made."""
    define = "CREATE OR REPLACE FUNCTION leap.schema_version() RETURNS int LANGUAGE sql IMMUTABLE RETURN {};"
    present = int(service.instance.psql("SELECT leap.schema_version();"))
    with changed(service.instance, define.format(version(present)), define.format(present)):
        end_backends(service)
        yield present
        end_backends(service)


@pytest.mark.parametrize("version", [lambda present: present - 1, lambda present: present + 100])
def test_a_schema_that_does_not_fit_is_503_and_the_log_says_both_numbers(service, version):
    before = len(service.instance.log("leap-ws.log"))
    with schema_version(service, version) as present:
        assert_unavailable(service.read)
        assert_unavailable(service.create)
        assert_unavailable(lambda: service.company.anonymous.get(service.path))
    events = [line for line in service.instance.log("leap-ws.log")[before:].splitlines() if "event=" in line]
    assert any(f"{version(present)}," in line and f" {present} " in line for line in events), events
    service.assert_serves()


def test_the_program_of_the_release_before_serves_an_upgraded_schema(service):
    with schema_version(service, lambda present: present + 1):
        assert [service.read().status for _ in range(WORKERS)] == [200] * WORKERS
    service.assert_serves()
