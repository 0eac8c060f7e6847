"""
Idempotency-Key and sudden death: whenever a worker or its database session is killed, the write, the key and the reply
are there together or not at all, and a repeat gets a reply of the one account or comment that there is.
"""

import contextlib
import os
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from conftest import Company
from documents import EMAIL, EXTID, account, insert_account
from leap_instance import running, wait_until
from open_transaction import OpenTransaction
from processes import worker_processes

pytestmark = pytest.mark.alone

ROUNDS = 12
OF_COMPANY = " WHERE company_id = (SELECT company_id FROM leap.company WHERE company = :'company')"


@pytest.fixture(scope="module")
def small_instance():
    """An instance of their own, of which just the worker that gets the request and one of the other kind are replaced."""
    with running(INSTANCE_WORKERS="1", INSTANCE_CREATE_WORKERS="1") as made:
        yield made


@contextlib.contextmanager
def killing_workers(instance):
    """What kills all workers; others take their places."""

    def kill():
        for pid in worker_processes(instance):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    yield kill


@contextlib.contextmanager
def ending_sessions(instance):
    """What ends the database sessions of all workers; psql is connected before, so that it takes no time."""
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'leap_api' \\g /dev/null\n"
    with subprocess.Popen(["psql", "-X", "-q"], env=instance.connection(), stdin=subprocess.PIPE, text=True) as psql:

        def kill():
            psql.stdin.write(end)
            psql.stdin.flush()

        yield kill


class Creates:
    def __init__(self, company):
        self.company = company

    def send(self, key):
        headers = {"Content-Type": "application/xml", "Idempotency-Key": key}
        return self.company.client.post("customers", account({EMAIL: f"{key}@example.net", EXTID: key}), headers)

    def written(self):
        """(key, identifier) of what there is, the key being in the write."""
        return self.company.dba("SELECT extid, identifier FROM leap.account" + OF_COMPANY)


class Comments:
    def __init__(self, company):
        self.company = company
        self.account = insert_account(company)

    def send(self, key):
        headers = {"Content-Type": "application/xml", "Idempotency-Key": key}
        body = f"<customer-update><comment>{key}</comment></customer-update>".encode()
        return self.company.client.post(f"customers/{self.account}/comments", body, headers)

    def written(self):
        return self.company.dba("SELECT comment, account_identifier FROM leap.account_comment" + OF_COMPANY)


KILLS = pytest.mark.parametrize("killing", [killing_workers, ending_sessions])
WRITES = pytest.mark.parametrize("writes", [Creates, Comments], indirect=True)


@pytest.fixture
def writes(request, small_instance):
    return request.param(Company(small_instance))


def is_replayed(reply):
    return "Idempotency-Replayed" in reply.headers


def repeat(writes, key, first):
    """Repeats until there is success, which has to fit the answer to the first."""
    assert first.status == 201 or (first.status, first.code) in [(503, "unavailable"), (503, "outcome-unknown")]

    def success():
        reply = writes.send(key)
        assert reply.status in (201, 503) or (reply.status, reply.code) == (409, "key-in-progress")
        return reply if reply.status == 201 else None

    again = wait_until(success)
    if first.status == 201:
        assert is_replayed(again) and again.body == first.body
    elif first.code == "unavailable":
        assert not is_replayed(again)  # nothing was written, nor could be any more
    return again


def assert_one_for_each(writes, replies):
    """Each key, {key: its reply}, has one write and one kept reply, which names what the reply did."""
    expected = sorted(f"{key}|{reply.document.get('identifier')}" for key, reply in replies.items())
    assert sorted(writes.written().splitlines()) == expected
    kept = writes.company.dba("SELECT key, account_identifier FROM leap.retry_key" + OF_COMPANY)
    assert sorted(kept.splitlines()) == expected


@KILLS
@WRITES
def test_at_whatever_instant_it_is_killed_the_repeats_find_one_write(writes, killing):
    """
    The instants close in on the end of the request: each is later than one that left nothing, and earlier than one that
    left all.
    """
    replies = {"warm-up": writes.send("warm-up")}
    begun = time.monotonic()
    replies["undisturbed"] = writes.send("undisturbed")
    step = delay = (time.monotonic() - begun) / 2
    outcomes = []
    with killing(writes.company.instance) as kill, ThreadPoolExecutor(1) as threads:
        for number in range(ROUNDS):
            key = f"round-{number}"
            sent = threads.submit(writes.send, key)
            time.sleep(delay)  # waits for nothing: this is the instant
            answered = sent.done()
            kill()
            first = sent.result()
            replies[key] = repeat(writes, key, first)
            outcomes.append(answered or (first.status != 201 and is_replayed(replies[key])))
            step = step if outcomes[-1] == outcomes[0] else step / 2
            delay = max(0, delay + (-step if outcomes[-1] else step))
    assert set(outcomes) == {False, True}
    assert_one_for_each(writes, replies)


@KILLS
@WRITES
def test_killed_between_the_write_and_keeping_the_reply_it_leaves_neither(writes, killing):
    instance = writes.company.instance
    lock = "LOCK TABLE leap.retry_key IN EXCLUSIVE MODE;"
    with killing(instance) as kill, OpenTransaction(instance, lock) as transaction, ThreadPoolExecutor(1) as threads:
        sent = threads.submit(writes.send, "k")
        transaction.wait_until_somebody_waits()
        kill()
        transaction.end("ROLLBACK")
        first = sent.result()
    assert_one_for_each(writes, {"k": repeat(writes, "k", first)})


@contextlib.contextmanager
def unanswered_commits(instance):
    """Commits wait for a standby that does not exist: they are written, but not answered."""
    reload = "SELECT pg_reload_conf() \\g /dev/null\n"
    instance.psql(f"ALTER SYSTEM SET synchronous_standby_names = 'nobody'; {reload}")
    try:
        wait_until(lambda: instance.psql("SHOW synchronous_standby_names") == "nobody")
        yield
    finally:
        instance.psql(f"ALTER SYSTEM RESET synchronous_standby_names; {reload}")


@KILLS
@WRITES
def test_killed_when_it_has_committed_the_repeat_gets_the_reply_that_was_lost(writes, killing):
    instance = writes.company.instance
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
    with killing(instance) as kill, ThreadPoolExecutor(1) as threads:
        with unanswered_commits(instance):
            sent = threads.submit(writes.send, "k")
            wait_until(lambda: instance.psql(waiting) == "1")
            kill()
            first = sent.result()
        assert (first.status, first.code) == (503, "outcome-unknown")
        again = repeat(writes, "k", first)
    assert is_replayed(again)
    assert_one_for_each(writes, {"k": again})
