"""Two clusters with synchronous replication: the primary is killed, the standby promoted, and nothing is lost."""

import copy

import pytest

from conftest import Company
from faults import postmaster_dies
from feed_follower import Follower, present_states
from leap_instance import Instance, wait_until
from ledger import CLIENTS, Driver, Ledger
from soak import ROUNDS, write_figures
from standby import promote, reload, start_standby

pytestmark = pytest.mark.alone

RETURN = 2.0


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
        wait_until(lambda: company.client.get(ledger.paths[0]).status == 200, RETURN)
        driver.wait_for(3 * CLIENTS)

    ledger.company = there = copy.copy(company)
    there.instance = standby
    ledger.resolve()
    assert ledger.verify() == []
    follower.catch_up()
    assert follower.states == present_states(there)
    write_figures("the primary dies and the standby is promoted", 1, ledger.outcomes())
