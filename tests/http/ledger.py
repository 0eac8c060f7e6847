"""
A driver that keeps a ledger: each request goes into it before it is sent, its answer after. verify() holds the database
against it: what was acknowledged is there, what was refused is not, nothing is there twice or by half.
"""

import collections
import dataclasses
import http.client
import itertools
import threading
import time

from documents import CRM_IDENTIFIER, EMAIL, FAMILY_NAME, GIVEN_NAME, account, build, insert_account
from leap_instance import wait_until

LOST = (OSError, http.client.HTTPException)
COMMENT = b"<customer-update><comment>%s</comment></customer-update>"
CLIENTS = 20
# A create costs as much as hundreds of others, so few clients send them: they would hold up the rest.
CREATING = ("create", "read")
CHANGING = ("update", "comment", "read")
_numbers = itertools.count(1)


@dataclasses.dataclass
class Entry:
    """One request: its key is in what it writes, and is its Idempotency-Key where there is one."""

    kind: str
    client: int
    key: str
    status: int = None  # None: no answer yet, or none that came
    code: str = None  # also "lost", where the connection ended before the answer
    answered: float = None  # when, by time.monotonic()

    @property
    def acknowledged(self):
        return self.status in (200, 201)

    @property
    def refused(self):
        """Nothing was written, and nothing can be any more."""
        return self.status is not None and not self.acknowledged and self.code != "outcome-unknown"

    @property
    def unknown(self):
        return self.code in ("outcome-unknown", "lost")

    @property
    def as_promised(self):
        """The contract's answers while something is broken; a lost one is the network's."""
        broken = (self.status, self.code) in ((503, "unavailable"), (503, "outcome-unknown"))
        return self.acknowledged or broken or self.code == "lost"


class Ledger:
    def __init__(self, company):
        self.company = company
        self.entries = []
        self.paths = [f"customers/{insert_account(company)}" for _ in range(CLIENTS)]
        self._lock = threading.Lock()

    def enter(self, kind, client):
        with self._lock:
            entry = Entry(kind, client, f"{kind}-{next(_numbers)}")
            self.entries.append(entry)
            return entry

    def send(self, entry):
        """Sends an entry's request, also again, and notes the answer."""
        entry.status = entry.code = None
        try:
            reply = self._exchange(entry)
            code = reply.code if reply.status >= 400 else None
        except LOST:
            entry.code = "lost"
            return
        entry.answered = time.monotonic()
        entry.code = code
        entry.status = reply.status

    def _exchange(self, entry):
        client, path = self.company.client, self.paths[entry.client]
        if entry.kind == "read":
            return client.get(path)
        if entry.kind == "update":
            return client.put(path, build({FAMILY_NAME: "Other", GIVEN_NAME: "Ann", CRM_IDENTIFIER: entry.key}))
        if entry.kind == "comment":
            return client.post(f"{path}/comments", COMMENT % entry.key.encode(), {"Idempotency-Key": entry.key})
        document = account({EMAIL: f"{entry.key}@example.net", CRM_IDENTIFIER: entry.key})
        return client.post("customers", document, {"Idempotency-Key": entry.key})

    def since(self, mark):
        return self.entries[mark:]

    def resolve(self):
        """Finds out about what nobody knows, as a client would: by the same Idempotency-Key, again and again."""
        for entry in self.entries:
            if entry.kind in ("create", "comment") and entry.unknown:
                wait_until(lambda entry=entry: self.send(entry) or entry.acknowledged)

    def outcomes(self):
        """How many requests were answered, and how many had each other outcome."""
        return collections.Counter(entry.code or "answered" for entry in self.entries)

    def seconds_since_refusal(self):
        """Since the last request was refused; for ever, where none was."""
        times = [entry.answered for entry in self.entries if entry.refused]
        return time.monotonic() - max(times) if times else float("inf")

    def verify(self):
        """What is wrong; nothing, where every promise was kept."""
        written = self._written()
        problems = [f"{entry} is no answer of the contract" for entry in self.entries if not entry.as_promised]
        for entry in self.entries:
            number = written[entry.key]
            if entry.kind != "read" and number > 1:
                problems.append(f"{entry} was written {number} times")
            if entry.kind != "read" and entry.acknowledged and number == 0:
                problems.append(f"{entry} was acknowledged and is lost")
            if entry.refused and number > 0:
                problems.append(f"{entry} was refused and is there")
        return problems + self._halves()

    def _written(self):
        """How often each key was written: in an account, a comment, or the history of updates."""
        sql = """
            SELECT split_part(email, '@', 1) FROM leap.account JOIN leap.company USING (company_id)
            WHERE company = :'company'
            UNION ALL
            SELECT comment FROM leap.account_comment JOIN leap.company USING (company_id) WHERE company = :'company'
            UNION ALL
            SELECT new_value FROM leap.account_history
            WHERE company = :'company' AND column_name = 'additional_fields.crm-identifier' AND operation = 'update';
        """
        return collections.Counter(self.company.dba(sql).splitlines())

    def _halves(self):
        """Accounts made through the API that lack a part which is written with them."""
        sql = """
            SELECT a.email FROM leap.account a JOIN leap.company c USING (company_id)
            WHERE c.company = :'company' AND a.email LIKE 'create-%' AND NOT (
                EXISTS (SELECT FROM leap.account_password p WHERE (p.company_id, p.identifier) = (a.company_id, a.identifier))
                AND EXISTS (SELECT FROM leap.account_community m
                            WHERE (m.company_id, m.identifier) = (a.company_id, a.identifier))
                AND EXISTS (SELECT FROM leap.account_field_key k
                            WHERE (k.company_id, k.identifier) = (a.company_id, a.identifier))
                AND EXISTS (SELECT FROM leap.account_change h
                            WHERE (h.company_id, h.identifier) = (a.company_id, a.identifier) AND h.operation = 'create')
                AND EXISTS (SELECT FROM leap.retry_key k
                            WHERE (k.company_id, k.account_identifier) = (a.company_id, a.identifier)));
        """
        return [f"{email} is there by half" for email in self.company.dba(sql).splitlines()]


class Driver:
    """20 clients that send one request after the other, for as long as the context lasts."""

    def __init__(self, ledger):
        self.ledger = ledger
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._drive, args=(number,)) for number in range(CLIENTS)]

    def _drive(self, number):
        kinds = itertools.cycle(CREATING if number % 5 == 0 else CHANGING)
        while not self._stop.is_set():
            self.ledger.send(self.ledger.enter(next(kinds), number))

    def wait_for(self, count, wanted=lambda entry: entry.acknowledged, seconds=60):
        """Until this many entries from now on are wanted ones."""
        mark = len(self.ledger.entries)
        wait_until(lambda: sum(map(wanted, self.ledger.since(mark))) >= count, seconds)

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        self.wait_for(CLIENTS)
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join()
