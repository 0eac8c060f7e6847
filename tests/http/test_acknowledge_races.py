"""
Acknowledgements that meet a change of the same account: whichever commits first, the change stays flagged, and
unacked-since is its time.
"""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from documents import FAMILY_NAME, GIVEN_NAME, TEL_VOICE, build, insert_account
from open_transaction import OpenTransaction

RACES = 1000
XML = {"Content-Type": "application/xml"}
TIME = "to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"+0000\"')"


@pytest.fixture
def account(company):
    return insert_account(company)


def acknowledge(client, account, version):
    body = f'<acknowledgements><acknowledgement version="{version}">{account}</acknowledgement></acknowledgements>'
    return client.post("customers/acked", body.encode(), XML).status


def change(client, account, value):
    body = build({GIVEN_NAME: "Ann", FAMILY_NAME: "Other", TEL_VOICE: str(value)})
    return client.put(f"customers/{account}", body, XML).status


def version_and_flag(client, account):
    root = client.get(f"customers/{account}").document
    return int(root.get("version")), root.get("unacked-since")


def history(company, account):
    """(operation, version, time) of all that followed the account's creation, in the order in which it happened."""
    rows = company.dba(
        f"SELECT operation, version, {TIME} FROM leap.account_change WHERE identifier = :account ORDER BY change_id OFFSET 1",
        account=account,
    )
    return [(operation, int(version), at) for operation, version, at in (row.split("|") for row in rows.splitlines())]


def race(company, account):
    """
    One client acknowledges each version from 1 on while another makes the next one. What each race left: statuses, and
    the account's version and flag.
    """
    start = Barrier(2)

    def acknowledging(client, version):
        start.wait()
        return acknowledge(client, account, version)

    def changing(client, version):
        start.wait()
        return change(client, account, version)

    left = []
    with company.client.kept_alive() as one, company.client.kept_alive() as other, ThreadPoolExecutor(2) as threads:
        for version in range(1, RACES + 1):
            racing = [threads.submit(acknowledging, one, version), threads.submit(changing, other, version)]
            assert [each.result() for each in racing] == [204, 201]
            left.append(version_and_flag(one, account))
    return left


def test_in_a_thousand_races_the_change_stays_flagged_with_its_time_whichever_commits_first(company, account):
    left = race(company, account)
    events = history(company, account)
    seen = {"acknowledged first": 0, "changed first": 0}
    for version, event, then in zip(range(1, RACES + 1), events[::2], events[1::2], strict=True):
        if event[0] == "acknowledge":
            order, changed = "acknowledged first", then
            assert event[1] == version and then[0] == "update"
        else:
            order, changed = "changed first", event
            assert then[:2] == ("acknowledge", version + 1)
        seen[order] += 1
        assert changed[1] == version + 1
        assert left[version - 1] == (version + 1, changed[2]), order
    assert all(seen.values()), seen


def test_an_acknowledgement_that_waited_for_the_change_moves_the_flag_to_it(company, account):
    sql = f"UPDATE leap.account SET tel_voice = '1' WHERE identifier = {account};"
    with OpenTransaction(company.instance, sql) as transaction, ThreadPoolExecutor(1) as threads:
        acknowledging = threads.submit(acknowledge, company.client, account, 1)
        transaction.wait_until_somebody_waits()
        transaction.end("COMMIT")
        assert acknowledging.result() == 204
    (_, version, changed), *_ = history(company, account)
    assert version_and_flag(company.client, account) == (version, changed)


def test_a_change_that_waited_for_the_acknowledgement_flags_the_account_again(company, account):
    sql = f"UPDATE leap.account SET unacked_since = NULL WHERE identifier = {account};"
    with OpenTransaction(company.instance, sql) as transaction, ThreadPoolExecutor(1) as threads:
        changing = threads.submit(change, company.client, account, 1)
        transaction.wait_until_somebody_waits()
        transaction.end("COMMIT")
        assert changing.result() == 201
    _, (_, version, changed) = history(company, account)
    assert version_and_flag(company.client, account) == (version, changed)
