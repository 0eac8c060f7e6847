"""The change feed followed while many write at once, one of them in a transaction that stays open."""

from documents import insert_account
from feed_follower import Follower, present_states
from feed_writers import FeedWriters
from open_transaction import OpenTransaction


def test_while_twenty_write_and_one_commits_late_a_follower_ends_with_the_present_state(company, instance):
    held = insert_account(company)
    follower = Follower(company, limit=3)
    with FeedWriters(company, by_http=10, by_psql=9) as writers:
        writers.round(follower.page)
        late = f"UPDATE leap.account SET given_name = 'Late' WHERE identifier = {held};"
        with OpenTransaction(instance, late) as twentieth:
            for _ in range(4):
                writers.round(follower.page)
            # What began after the open transaction waits for it.
            follower.catch_up()
            assert follower.states != present_states(company)
            twentieth.end("COMMIT")
        writers.round(follower.page)
    follower.catch_up()
    assert follower.states == present_states(company)
    assert follower.states[held][1] == "Late"
