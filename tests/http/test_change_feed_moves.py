"""The change feed where the data go on in another cluster: a dump restored, a standby promoted."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from documents import account, insert_account
from feed_follower import Follower, present_states
from feed_writers import FeedWriters
from leap_instance import Instance
from moved_data import dump, restore, served_by
from standby import part, promote, start_standby, wait_until_replayed


@pytest.fixture
def another(instance):
    """An instance that has nothing yet; its cluster will be no copy of the template, as the first one's may be."""
    made = Instance(instance.environment["INSTANCE_PROGRAM"], INSTANCE_TEMPLATE="")
    try:
        yield made
        made.stop_workers()
    finally:
        made.close()


def dump_while_writing(company, path, follower):
    """The dump is taken in the midst of changes; the follower also sees later ones, which it lacks."""
    with FeedWriters(company, by_http=1, by_psql=3) as writers, ThreadPoolExecutor(1) as pool:
        writers.round(follower.page)
        dumped = pool.submit(dump, company.instance, path)
        while not dumped.done():
            writers.round(follower.page)
        dumped.result()
        writers.round(follower.page)
    follower.catch_up()


def write_and_follow(company, *followers):
    """New changes, which may be the first ones in a cluster."""
    with FeedWriters(company, by_http=1, by_psql=3) as writers:
        for follower in followers:
            writers.round(follower.page)
    for follower in followers:
        follower.catch_up()


def assert_up_to_date(follower, company):
    """It may also know accounts that the old cluster alone had."""
    present = present_states(company)
    assert {identifier: follower.states.get(identifier) for identifier in present} == present


def test_where_a_dump_is_restored_elsewhere_old_cursors_go_on(company, instance, another, tmp_path):
    behind, ahead = Follower(company, limit=3), Follower(company, limit=3)
    for _ in range(4):
        insert_account(company)
    assert behind.page() != []
    dump_while_writing(company, tmp_path / "leap.dump", ahead)

    restore(another, tmp_path / "leap.dump")
    there = served_by(company, another)
    assert ahead.states.keys() > present_states(there).keys()
    behind.go_on_at(there)
    behind.catch_up()
    assert behind.states == present_states(there)
    ahead.go_on_at(there)
    write_and_follow(there, behind, ahead)
    assert behind.states == present_states(there)
    assert_up_to_date(ahead, there)


def rename(company, identifier, *names):
    """Each name in a transaction of its own."""
    for name in names:
        company.dba("UPDATE leap.account SET given_name = :'name' WHERE identifier = :id;", id=identifier, name=name)


def test_where_a_standby_is_promoted_that_lacked_the_last_changes_old_cursors_go_on(company, instance, another):
    first, second = insert_account(company), insert_account(company)
    between, ahead = Follower(company, limit=1), Follower(company, limit=3)
    start_standby(instance, another)
    wait_until_replayed(instance, another)
    part(another)
    rename(company, first, *(f"Lost {number}" for number in range(20)))
    # The first account has gone from before the second to behind it, and is still to come.
    assert between.page() == [second]
    ahead.catch_up()
    assert ahead.states == present_states(company)

    promote(another)
    there = served_by(company, another)
    # Fewer changes than were lost: what only counted on would leave them before the cursors.
    created = there.client.post("customers", account()).document.get("identifier")
    rename(there, second, "New")
    for follower in (between, ahead):
        follower.go_on_at(there)
        follower.catch_up()
        assert follower.states == present_states(there)
    there.dba("SELECT leap.set_account_status(:'company', :created, 'Inactive') \\g /dev/null", created=created)
    for follower in (between, ahead):
        assert follower.page() == [created]
        assert follower.states == present_states(there)
