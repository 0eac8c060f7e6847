"""
A driver that keeps a ledger: each request goes into it before it is sent, its key and the hash of its body, its answer
after. verify() holds the database against it: what was acknowledged is there, what was refused is not, nothing is there
twice, by half, or otherwise than it was sent.
"""

import collections
import dataclasses
import hashlib
import http.client
import itertools
import threading
import time

from documents import CRM_IDENTIFIER, EMAIL, FAMILY_NAME, GIVEN_NAME, account, build, insert_account
from leap_instance import wait_until
from promises import LATER, RETURN, WORKERS

LOST = (OSError, http.client.HTTPException)
COMMENT = b"<customer-update><comment>%s</comment></customer-update>"
ACKNOWLEDGEMENT = b"<acknowledgements><acknowledgement>%s</acknowledgement></acknowledgements>"
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
    digest: str = None  # of its body
    sent: float = None  # when, by time.monotonic()
    answered: float = None
    status: int = None  # None: no answer yet, or none that came
    code: str = None  # also "lost", where the connection ended before the answer
    outcome: str = None  # that the client saw first: answered, or a code

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


def body_of(kind, key):
    """What a request of this kind sends: its key in every value that tells one from another."""
    if kind == "update":
        return rebuild(kind, "", key, f"Ann {key}", key)
    if kind == "comment":
        return rebuild(kind, key)
    if kind == "create":
        return rebuild(kind, f"{key}@example.net", key, f"Ann {key}", key)
    return b""


def rebuild(kind, first, family_name="", given_name="", crm_identifier=""):
    """The body that writes these values; `first` is the e-mail address, or the comment."""
    if kind == "comment":
        return COMMENT % first.encode()
    values = {FAMILY_NAME: family_name, GIVEN_NAME: given_name, CRM_IDENTIFIER: crm_identifier}
    return build(values) if kind == "update" else account(values | {EMAIL: first})


def digest(body):
    return hashlib.sha256(body).hexdigest()


def assert_back(ledger):
    """Within two seconds reads and writes are answered, and from then on by all workers."""
    deadline = time.monotonic() + RETURN
    client, path = ledger.company.client, ledger.paths[0]
    acknowledgement = ACKNOWLEDGEMENT % path.removeprefix("customers/").encode()
    wait_until(lambda: client.get(path).status == 200, RETURN)
    wait_until(lambda: client.post("customers/acked", acknowledgement).status == 204, RETURN)
    assert time.monotonic() <= deadline
    assert {client.get(path).status for _ in range(WORKERS)} == {200}


def give_time(ledgers):
    """To what was refused, which does not happen later either."""
    wait_until(lambda: all(ledger.seconds_since_refusal() >= LATER for ledger in ledgers), 2 * LATER)


class Ledger:
    def __init__(self, company):
        self.company = company
        self.entries = []
        self.paths = [f"customers/{insert_account(company)}" for _ in range(CLIENTS)]
        self._lock = threading.Lock()

    def enter(self, kind, client):
        with self._lock:
            entry = Entry(kind, client, f"{kind}-{next(_numbers)}")
            entry.digest = digest(body_of(kind, entry.key))
            self.entries.append(entry)
            return entry

    def send(self, entry):
        """Sends an entry's request, also again, and notes the answer."""
        entry.status = entry.code = None
        entry.sent = time.monotonic()
        try:
            reply = self._exchange(entry)
            code = reply.code if reply.status >= 400 else None
        except LOST:
            entry.code = "lost"
        else:
            entry.answered = time.monotonic()
            entry.code = code
            entry.status = reply.status
        entry.outcome = entry.outcome or entry.code or "answered"

    def _exchange(self, entry):
        client, path, body = self.company.client, self.paths[entry.client], body_of(entry.kind, entry.key)
        if entry.kind == "read":
            return client.get(path)
        if entry.kind == "update":
            return client.put(path, body)
        target = f"{path}/comments" if entry.kind == "comment" else "customers"
        return client.post(target, body, {"Idempotency-Key": entry.key})

    def since(self, mark):
        return self.entries[mark:]

    def resolve(self):
        """Finds out about what nobody knows, as a client would."""
        for entry in self.entries:
            if entry.unknown and entry.kind in ("create", "comment"):
                # By the same Idempotency-Key, again and again.
                wait_until(lambda entry=entry: self.send(entry) or entry.acknowledged)
        updates = {entry.client: entry for entry in self.entries if entry.kind == "update"}
        for entry in updates.values():
            if entry.unknown:  # By a read, since no other update came after it.
                there = entry.key.encode() in self.company.client.get(self.paths[entry.client]).body
                entry.status, entry.code = (200, None) if there else (503, "unavailable")
                entry.answered = time.monotonic()

    def outcomes(self):
        """How many requests had each outcome, before anything was found out."""
        return collections.Counter(entry.outcome for entry in self.entries)

    def slowest(self):
        """How many seconds the slowest answer took, but for creates, which may queue before."""
        return max(entry.answered - entry.sent for entry in self.entries if entry.answered and entry.kind != "create")

    def seconds_since_refusal(self):
        """Since the last request was refused; for ever, where none was."""
        times = [entry.answered for entry in self.entries if entry.refused]
        return time.monotonic() - max(times) if times else float("inf")

    def verify(self):
        """What is wrong; nothing, where every promise was kept."""
        written = self._written()
        problems = [f"{entry} is no answer of the contract" for entry in self.entries if not entry.as_promised]
        for entry in self.entries:
            number = written[entry.digest]
            if entry.kind != "read" and number > 1:
                problems.append(f"{entry} was written {number} times")
            if entry.kind != "read" and entry.acknowledged and number == 0:
                problems.append(f"{entry} was acknowledged and is lost")
            if entry.refused and number > 0:
                problems.append(f"{entry} was refused and is there")
        return problems + self._strangers(written) + self._present(written) + self._halves()

    def _written(self):
        """The digests of the bodies that would make what was written: accounts, comments, and the history of updates."""
        sql = """
            SELECT 'create', email, family_name, given_name, additional_fields ->> 'crm-identifier'
            FROM leap.account JOIN leap.company USING (company_id)
            WHERE company = :'company' AND email LIKE 'create-%'
            UNION ALL
            SELECT 'comment', comment, '', '', '' FROM leap.account_comment JOIN leap.company USING (company_id)
            WHERE company = :'company'
            UNION ALL
            SELECT operation, '', max(new_value) FILTER (WHERE column_name = 'family_name'),
                   max(new_value) FILTER (WHERE column_name = 'given_name'),
                   max(new_value) FILTER (WHERE column_name = 'additional_fields.crm-identifier')
            FROM leap.account_history WHERE company = :'company' AND operation = 'update' GROUP BY identifier, version, operation;
        """
        rows = (line.split("|") for line in self.company.dba(sql).splitlines())
        return collections.Counter(digest(rebuild(*row)) for row in rows)

    def _strangers(self, written):
        known = {entry.digest for entry in self.entries}
        return [f"what no client sent is there {written[found]} times: {found}" for found in written if found not in known]

    def _present(self, written):
        """Accounts whose values are not those of the last update that was written."""
        sql = """
            SELECT identifier, 'update', '', family_name, given_name, additional_fields ->> 'crm-identifier'
            FROM leap.account JOIN leap.company USING (company_id) WHERE company = :'company' AND email NOT LIKE 'create-%';
        """
        rows = (line.split("|") for line in self.company.dba(sql).splitlines())
        present = {f"customers/{identifier}": digest(rebuild(*row)) for identifier, *row in rows}
        last = {}
        for entry in self.entries:
            if entry.kind == "update" and written[entry.digest]:
                last[self.paths[entry.client]] = entry
        return [f"{entry} is not what its account has now" for path, entry in last.items() if present[path] != entry.digest]

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
