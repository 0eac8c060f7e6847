"""Two clusters with synchronous replication: the primary is killed, the standby promoted, and nothing is lost."""

import contextlib
import copy
import socket

import pytest

from conftest import Company
from documents import insert_account
from faults import postmaster_dies
from feed_follower import Follower, present_states
from leap_instance import Instance, wait_until
from ledger import CLIENTS, Driver, Ledger, assert_back
from promises import WORKERS
from soak import ROUNDS, write_figures
from standby import promote, reload, start_standby

pytestmark = pytest.mark.alone


@pytest.fixture
def pair(instance):
    """A primary, whose workers know both clusters, and its synchronous standby."""
    program = instance.environment["INSTANCE_PROGRAM"]
    standby = Instance(program)
    primary = Instance(program)
    hosts = [str(one.directory / "run" / "postgresql") for one in (primary, standby)]
    primary.environment["INSTANCE_DATABASE_HOSTS"] = ",".join(hosts)
    try:
        primary.start()
        start_standby(primary, standby)
        primary.psql("ALTER SYSTEM SET synchronous_standby_names = '*'")
        reload(primary)
        wait_until(lambda: primary.psql("SELECT sync_state FROM pg_stat_replication") == "sync")
        yield primary, standby
        primary.stop_workers()
    finally:
        primary.close()
        standby.close()


@pytest.mark.parametrize("number", range(ROUNDS))
def test_no_acknowledged_write_is_lost_and_the_change_feed_goes_on(pair, number):
    primary, standby = pair
    company = Company(primary)
    ledger = Ledger(company)
    follower = Follower(company, limit=50)
    with Driver(ledger) as driver:
        driver.wait_for(3 * CLIENTS)
        follower.page()
        postmaster_dies(primary)
        driver.wait_for(CLIENTS, lambda entry: entry.refused)
        promote(standby)
        assert_back(ledger)
        driver.wait_for(3 * CLIENTS)

    ledger.company = there = copy.copy(company)
    there.instance = standby
    ledger.resolve()
    assert ledger.verify() == []
    follower.catch_up()
    assert follower.states == present_states(there)
    write_figures("the primary dies and the standby is promoted", 1, ledger.outcomes())


@pytest.fixture
def swallowing_host():
    """An address that answers nothing, as if it were switched off: its queue of connections is full."""
    with contextlib.ExitStack() as sockets:
        listener = sockets.enter_context(socket.socket())
        listener.bind(("127.0.0.77", 5432))
        listener.listen(0)
        for _ in range(3):
            waiting = sockets.enter_context(socket.socket())
            waiting.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                waiting.connect(listener.getsockname())
        yield listener.getsockname()[0]


def test_a_host_that_is_switched_off_is_passed_over_in_time(swallowing_host, instance):
    made = Instance(instance.environment["INSTANCE_PROGRAM"])
    made.environment["INSTANCE_DATABASE_HOSTS"] = f"{swallowing_host},{made.directory}/run/postgresql"
    try:
        made.start()
        company = Company(made)
        path = f"customers/{insert_account(company)}"
        assert [company.client.get(path).status for _ in range(WORKERS)] == [200] * WORKERS
        made.stop_workers()
    finally:
        made.close()
