"""A replica (a hot standby) serves reads, lists and the change feed; a write there is refused, and nothing is changed."""

import pytest

from conftest import Company
from documents import insert_account
from feed_follower import Follower, present_states
from leap_instance import PROGRAM, Instance
from moved_data import served_by
from operations import BODIES, READS, parts
from standby import start_standby, wait_until_replayed


@pytest.fixture(scope="module")
def replica():
    """A company at a primary, and the same as a replica serves it."""
    primary, standby = Instance(PROGRAM), Instance(PROGRAM)
    try:
        primary.start()
        company = Company(primary)
        company.account = insert_account(company, extid="known", additional_fields='{"shoe-size": "Nine"}')
        start_standby(primary, standby)
        wait_until_replayed(primary, standby)
        there = served_by(company, standby)
        there.primary = company
        yield there
        standby.stop_workers()
        primary.stop_workers()
    finally:
        standby.close()
        primary.close()


@pytest.mark.parametrize("name", READS)
def test_each_read_is_served(replica, name):
    path = READS[name].format(replica.account)
    response = replica.client.get(path)
    assert response.status == 200
    assert replica.client.get(path).body == response.body


@pytest.mark.parametrize("name", BODIES)
def test_each_write_is_refused_as_unavailable(replica, name):
    response = replica.client.request(*parts(name, replica.account))
    assert (response.status, response.code) == (503, "unavailable")
    assert int(response.headers["Retry-After"]) > 0


def test_the_change_feed_is_followed_there_and_goes_on_at_the_primary(replica):
    primary = replica.primary
    follower = Follower(replica, limit=2)
    follower.catch_up()
    for _ in range(3):
        insert_account(primary)
    wait_until_replayed(primary.instance, replica.instance)
    follower.catch_up()
    assert follower.states == present_states(primary)
    created = insert_account(primary)
    follower.go_on_at(primary)
    assert follower.page() == [created]


def test_a_revocation_counts_there_as_soon_as_it_has_arrived(replica):
    primary = replica.primary
    primary.dba("SELECT leap.create_api_client(:'company', 'other') \\g /dev/null")
    secret = primary.dba("SELECT leap.rotate_api_client(:'company', 'other');")
    wait_until_replayed(primary.instance, replica.instance)
    client = replica.as_client("other", secret)
    assert client.get("customers").status == 200
    primary.dba("SELECT leap.revoke_api_client(:'company', 'other');")
    wait_until_replayed(primary.instance, replica.instance)
    assert client.get("customers").status == 401
