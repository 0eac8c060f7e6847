"""Paging through all customers while accounts are added, acknowledged, deactivated and activated again."""

import collections
import itertools
import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from documents import insert_account

XML = {"Content-Type": "application/xml"}
LIMIT = 5
WRITES = 6  # at least so many of each kind happen meanwhile


class Accounts:
    """By their identifiers: those that stay acknowledged, those that stay flagged, and between them those that change."""

    def __init__(self, company):
        self.company = company
        made = company.dba(
            "INSERT INTO leap.account (company_id, email, given_name, family_name, communities)"
            " SELECT company_id, n || '@example.net', 'A', 'B', '{original}' FROM leap.company, generate_series(1, 90) n"
            " WHERE company = :'company' RETURNING identifier").splitlines()  # fmt: skip
        self.acked, self.flagged, self.changing = (made[n::3] for n in range(3))
        company.dba(f"UPDATE leap.account SET unacked_since = NULL WHERE identifier IN ({','.join(self.acked)})")

    def add(self, _):
        insert_account(self.company)

    def acknowledge(self, identifier):
        body = f"<acknowledgements><acknowledgement>{identifier}</acknowledgement></acknowledgements>"
        assert self.company.client.post("customers/acked", body.encode(), XML).status == 204

    def deactivate(self, identifier):
        self.company.dba("SELECT leap.set_account_status(:'company', :n, 'Inactive');"
                         "SELECT leap.set_account_status(:'company', :n, 'Active');", n=identifier)


def read_all(client, query):
    """The identifiers on all pages, from the first on by the links."""
    path = f"customers?limit={LIMIT}{query}"
    while path:
        reply = client.get(path)
        assert reply.status == 200
        yield from (account.get("identifier") for account in reply.document)
        link = re.search(r"(customers\?[^>]*)>", reply.headers.get("Link", ""))
        path = link and link[1]


@pytest.fixture
def accounts(company):
    return Accounts(company)


@pytest.mark.parametrize("query, throughout, never", [
    ("", ("acked", "flagged", "changing"), ()),
    ("&acked=true", ("acked",), ("flagged",)),
    ("&acked=false", ("flagged",), ("acked",)),
])  # fmt: skip
def test_pages_show_what_is_there_throughout_once_whatever_else_happens(company, accounts, query, throughout, never):
    written = collections.Counter()
    stop = threading.Event()

    def keep(write):
        for identifier in itertools.takewhile(lambda _: not stop.is_set(), itertools.cycle(accounts.changing)):
            write(identifier)
            written[write.__name__] += 1

    with company.client.kept_alive() as client, ThreadPoolExecutor(3) as threads:
        writers = [threads.submit(keep, write) for write in (accounts.add, accounts.acknowledge, accounts.deactivate)]
        try:
            while len(written) < 3 or min(written.values()) < WRITES:
                seen = list(read_all(client, query))
                assert len(seen) == len(set(seen))
                assert seen == sorted(seen, key=int)
                for kind in throughout:
                    assert set(getattr(accounts, kind)) <= set(seen)
                for kind in never:
                    assert set(getattr(accounts, kind)).isdisjoint(seen)
                assert not any(writer.done() for writer in writers)
        finally:
            stop.set()
    for writer in writers:
        writer.result()
