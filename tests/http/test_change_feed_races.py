"""Systems that follow the change feed, and one that acknowledges changes, at the same time as the changes are made."""

import collections
import re
import threading
from concurrent.futures import ThreadPoolExecutor

from documents import FAMILY_NAME, GIVEN_NAME, TEL_VOICE, build, insert_account
from leap_instance import wait_until

ACCOUNTS = 10
CHANGES = 8  # of each account
XML = {"Content-Type": "application/xml"}


def change_all(company, accounts):
    with company.client.kept_alive() as client:
        for number in range(CHANGES):
            body = build({GIVEN_NAME: "Ann", FAMILY_NAME: "Other", TEL_VOICE: str(number)})
            for identifier in accounts:
                assert client.put(f"customers/{identifier}", body, XML).status == 201


def versions(reply):
    assert reply.status == 200
    return [(account.get("identifier"), int(account.get("version"))) for account in reply.document]


def follow(company, limit, ended):
    """The versions that a follower sees of each account, until nothing comes any more."""
    seen = collections.defaultdict(list)
    path = f"customers?changed-after=&limit={limit}"
    with company.client.kept_alive() as client:
        while True:
            last = ended.is_set()
            reply = client.get(path)
            path = re.search(r"(customers\?[^>]*)>", reply.headers["Link"])[1]
            for identifier, version in versions(reply):
                seen[identifier].append(version)
            if last and len(reply.document) == 0:
                return seen


def acknowledge_all(company, changed):
    """The last version that an external system sees of each account; it acknowledges what it sees, until nothing is left."""
    seen = {}

    def nothing_is_left():
        last = changed.is_set()
        found = versions(client.get("customers?acked=false"))
        seen.update(found)
        if found:
            entries = "".join(f'<acknowledgement version="{version}">{n}</acknowledgement>' for n, version in found)
            body = f"<acknowledgements>{entries}</acknowledgements>".encode()
            assert client.post("customers/acked", body, XML).status == 204
        return last and not found

    with company.client.kept_alive() as client:
        wait_until(nothing_is_left, 60)
    return seen


def test_two_followers_and_an_acknowledging_system_each_see_every_account_s_last_change(company):
    accounts = [insert_account(company) for _ in range(ACCOUNTS)]
    changed, ended = threading.Event(), threading.Event()
    with ThreadPoolExecutor(4) as threads:
        followers = [threads.submit(follow, company, limit, ended) for limit in (3, 100)]
        acknowledging = threads.submit(acknowledge_all, company, changed)
        try:
            change_all(company, accounts)
            changed.set()
            acknowledged = acknowledging.result()
        finally:
            changed.set()
            ended.set()
    assert acknowledged == {identifier: 1 + CHANGES for identifier in accounts}
    for follower in followers:
        seen = follower.result()
        assert {identifier: found[-1] for identifier, found in seen.items()} == acknowledged
        # Each change once at most: acknowledgements bring no account back.
        assert all(found == sorted(set(found)) for found in seen.values())
