"""
A flood of creates: each is one account or 503, as many hash at once as there are workers for creates, and all else is
served meanwhile.
"""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

import plain_cgi
from documents import EMAIL, GENDER, account, insert_account
from leap_instance import wait_until
from processes import create_workers, worker_processes

pytestmark = pytest.mark.alone

# More than the queue of creates holds, and fewer than an address may send at once.
CREATES = 100
QUEUE = 64
READS = 30


@pytest.fixture
def no_create_goes_on(instance):
    """Lets creates into their queue, and no worker take one before it is called."""
    stopped = create_workers(instance)
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)

    def go_on():
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)

    yield go_on
    go_on()


def count_accounts(company):
    accounts = company.dba("SELECT count(*) FROM leap.account JOIN leap.company USING (company_id) WHERE company = :'company';")
    return int(accounts)


def test_reads_go_on_while_creates_flood(instance, company, no_create_goes_on):
    path = f"customers/{insert_account(company)}"
    processes = worker_processes(instance)
    log_before = len(instance.log("leap-ws.log"))
    bodies = [account({EMAIL: f"flood{number}@example.net"}) for number in range(CREATES)]
    with ThreadPoolExecutor(CREATES) as pool:
        creates = [pool.submit(company.client.post, "customers", body) for body in bodies]
        # Whom the queue has no room for is told at once, while nobody works on the queue.
        wait_until(lambda: sum(create.done() for create in creates) >= CREATES - QUEUE - 1, 30)
        replies = [company.client.get(target).status for target in (path, "customers") for _ in range(READS)]
        assert replies == [200] * 2 * READS
        comment = b"<customer-update><comment>Called.</comment></customer-update>"
        assert company.client.post(f"{path}/comments", comment).status == 201
        waiting = [create for create in creates if not create.done()]
        assert {create.result().status for create in set(creates) - set(waiting)} == {503}
        no_create_goes_on()
        replies = [create.result() for create in creates]
    refused = [reply for reply in replies if reply.status != 201]
    for reply in refused:
        assert (reply.status, reply.code) in {(503, "outcome-unknown"), (503, "unavailable")}
        assert int(reply.headers["Retry-After"]) > 0
    # Of those that waited the last may have come to their turn too late.
    created = len(replies) - len(refused)
    assert 0 < created <= len(waiting)
    # Each 201 is an account, beside the one that was there, and no 503 is.
    assert count_accounts(company) == created + 1
    # The memory that hashing takes is bounded by the workers for creates: there are no more than before, and no other hashed.
    assert worker_processes(instance) == processes
    assert "operation=create" not in instance.log("leap-ws.log")[log_before:]


def test_reads_overtake_creates_that_hash(company):
    """They are done, one after the other, before creates that were there first and share the processors with them."""
    path = f"customers/{insert_account(company)}"
    bodies = [account({EMAIL: f"hashed{number}@example.net"}) for number in range(QUEUE)]
    with ThreadPoolExecutor(QUEUE) as pool:
        creates = [pool.submit(company.client.post, "customers", body) for body in bodies]
        wait_until(lambda: any(create.done() for create in creates), 30)
        assert [company.client.get(path).status for _ in range(READS)] == [200] * READS
        assert not all(create.done() for create in creates)
        assert {create.result().status for create in creates} <= {201, 503}


# A create that comes to its turn when its client has been given up


def received(seconds_ago):
    """What the web server says of when it got the request."""
    return {"LEAP_RECEIVED": f"{time.time() - seconds_ago:.3f}"}


def test_a_create_that_queued_too_long_changes_nothing(company):
    reply = plain_cgi.run(company, "POST", "customers", account(), **received(25))
    assert (reply.status, reply.document.get("code")) == (503, "unavailable")
    assert int(reply.headers["Retry-After"]) > 0
    assert count_accounts(company) == 0


def test_a_create_that_queued_less_is_carried_out(company):
    assert plain_cgi.run(company, "POST", "customers", account(), **received(15)).status == 201
    assert count_accounts(company) == 1


def test_what_is_wrong_with_a_create_is_told_however_long_it_queued(company):
    reply = plain_cgi.run(company, "POST", "customers", account({GENDER: "x"}), **received(25))
    assert (reply.status, reply.document.get("code")) == (400, "validation")
