"""
Each allocation of a request fails in turn, alone and with all after it: the answer is right to the byte, or 503, or the
worker ends without one. Nothing is written by half, and the next request is served.
"""

import collections
import dataclasses
import functools
import itertools
import re
import types

import pytest

from conftest import Company
from documents import (
    BDAY, BILLING_PARTS, COMMUNITY, COMPLETE, CRM_IDENTIFIER, EMAIL, EXTID, FAMILY_NAME, GIVEN_NAME, PASSWORD,
    RESIDENTIAL_PARTS, SHOE_SIZE, build, insert_account, insert_complete,
)  # fmt: skip
from failing_worker import FOR_GOOD, Worker
from leap_client import basic, read_document
from soak import stride, write_figures

# More allocations than any request has.
TOO_MANY = 100_000
STRONG = "orbit-walnut-47-Cinder"
COMMENT = "<customer-update><comment>{key}</comment></customer-update>"
LOGIN = "<change-login><login-id>{key}@example.net</login-id></change-login>"
ENTRY = "<acknowledgement>{identifier}</acknowledgement>"
UTF_16 = {"CONTENT_TYPE": "application/xml; charset=utf-16"}
FORM = {"CONTENT_TYPE": "application/x-www-form-urlencoded"}
SERIALS = itertools.count(1)
# What is different from one write to the next.
VARYING = re.compile(rb'key-[\w-]+|(?<=version=")\d+|(?<=identifier=")\d+|(?<=customers/)\d+|(?<=Content-Length: )\d+')


@pytest.fixture(scope="module")
def worker(instance):
    made = Worker(instance)
    yield made
    made.close()


@pytest.fixture(scope="module")
def read(instance):
    """A company with accounts that only are read."""
    company = Company(instance)
    company.dba("SELECT leap.set_password_score(:'company', 3)")
    complete = insert_complete(company)
    company.dba("INSERT INTO leap.property_relationship (company_id, identifier, account_identifier, unacked_since)"
                " SELECT company_id, generate_series(1, 2), identifier, now() FROM leap.account WHERE identifier = :number",
                number=complete)  # fmt: skip
    company.dba("INSERT INTO leap.account_comment (company_id, account_identifier, author, comment)"
                " SELECT company_id, identifier, 'crm', 'A & B' FROM leap.account WHERE identifier = :number",
                number=complete)  # fmt: skip
    return types.SimpleNamespace(company=company, accounts={"complete": complete, "other": insert_account(company)})


@pytest.fixture
def written(instance):
    """A company with accounts that are written to."""
    company = Company(instance)
    accounts = {name: insert_account(company, extid=f"{name}/extid") for name in ("one", "two")}
    return types.SimpleNamespace(company=company, accounts=accounts)


@dataclasses.dataclass
class Sample:
    """A request, in which {key} stands for something that is new each time, and other names for accounts."""

    method: str
    path: str
    body: object = ""  # text, or a function of the key
    headers: dict = dataclasses.field(default_factory=dict)

    def sent(self, accounts, key):
        fill = functools.partial(str.format, key=key, **accounts)
        body = self.body(key) if callable(self.body) else fill(self.body).encode()
        return self.method, fill(self.path), body, {name: fill(value) for name, value in self.headers.items()}


def acknowledgements(*entries):
    return f"<acknowledgements>{''.join(ENTRY.format(identifier=entry) for entry in entries)}</acknowledgements>"


def utf_16(_):
    return acknowledgements("1", "2").encode("utf-16")


def wrong(_):
    """One problem of each kind, and one that only the database knows."""
    return build(
        {GIVEN_NAME: "", EMAIL: COMPLETE[EMAIL], PASSWORD: "newpassword", BDAY: "x", COMMUNITY: "original", EXTID: "CRM-1234"},
        {"/account": "<unknown/><additional-fields><field/><field key=\"it's\">x</field></additional-fields>"
                     "<owner><tel type='x'>1</tel><tel>2</tel></owner>"},
    )  # fmt: skip


READS = {
    "show": Sample("GET", "customers/{complete}"),
    "show by extid": Sample("GET", "customers/extid/CRM-1234"),
    "head": Sample("HEAD", "customers/{complete}"),
    "unchanged": Sample("GET", "customers/{complete}", headers={"HTTP_IF_NONE_MATCH": '"1.x", *'}),
    "list": Sample("GET", "customers?limit=1"),
    "list acked": Sample("GET", "customers?acked=true&offset=0"),
    "list named": Sample("GET", "customers?identifier={complete},{other}&extid=CRM-1234"),
    "list changed": Sample("GET", "customers?changed-after=&limit=1"),
    "list changed on": Sample(
        "GET", "customers?changed-after=01234567-89ab-cdef-0123-456789abcdef.1.1&limit=1"
    ),
    "find by field": Sample("GET", "customers/by-additional-field/crm-identifier/CRM123?limit=1"),
    "find by email": Sample("GET", "customers/by_email/original/joe%40example.net"),
    "comments": Sample("GET", "customers/extid/CRM-1234/comments?limit=1"),
    "schema": Sample("GET", "leap-ws-v1.0.xsd"),
    "health": Sample("GET", "/healthz", headers={"LEAP_HEALTH": "1"}),
    "options": Sample("OPTIONS", "customers/{complete}"),
    # Refused
    "unknown host": Sample("GET", "customers", headers={"HTTP_HOST": "nobody.leap.localhost"}),
    "unauthenticated": Sample("GET", "customers", headers={"HTTP_AUTHORIZATION": basic("tests", "wrong")}),
    "unknown path": Sample("GET", "nothing"),
    "method": Sample("PATCH", "customers"),
    "unknown account": Sample("GET", "customers/1"),
    "cursor": Sample("GET", "customers?changed-after=x"),
    "create wrong": Sample("POST", "customers", wrong),
    "update wrong": Sample("PUT", "customers/{complete}", wrong),
    "update malformed": Sample("PUT", "customers/{complete}", "<account><owner></account>"),
    "update another root": Sample("PUT", "customers/{complete}", "<accounts/>"),
    "update precondition": Sample("PUT", "customers/{complete}", "<account/>", {"HTTP_IF_MATCH": '"99"'}),
    "login wrong": Sample(
        "PUT", "customers/{other}/change-login", "<change-login a='1'><x/><login-id>x</login-id></change-login>"
    ),
    "login taken": Sample("PUT", "customers/{other}/change-login", LOGIN.format(key="joe")),
    "login another root": Sample("PUT", "customers/{other}/change-login", "<change/>"),
    "extid taken": Sample("POST", "customers/{other}/extid", "extid=CRM-1234", FORM),
    "acknowledge unknown": Sample("POST", "customers/acked", utf_16, UTF_16),
    "acknowledge wrong": Sample("POST", "customers/acked", acknowledgements("x", "")),
    "comment empty": Sample("POST", "customers/{other}/comments", COMMENT.format(key=" ")),
}

WRITES = {
    "create": Sample(
        "POST", "customers",
        lambda key: build(COMPLETE | {EMAIL: f"{key}@example.net", EXTID: key, CRM_IDENTIFIER: key, PASSWORD: STRONG}),
        {"HTTP_IDEMPOTENCY_KEY": "{key}"},
    ),
    "update": Sample(
        "PUT", "customers/{one}",
        lambda key: build({FAMILY_NAME: key, GIVEN_NAME: key, BDAY: "1974-09-08", CRM_IDENTIFIER: key, SHOE_SIZE: key,
                           RESIDENTIAL_PARTS[0]: key, BILLING_PARTS[1]: key, COMMUNITY: "original"}),
    ),
    "login": Sample("PUT", "customers/{one}/change-login", LOGIN, {"HTTP_IF_MATCH": "*"}),
    "extid": Sample("POST", "customers/{one}/extid", "extid={key}", FORM),
    "comment": Sample("POST", "customers/extid/one%2Fextid/comments", COMMENT, {"HTTP_IDEMPOTENCY_KEY": "{key}"}),
}  # fmt: skip
ACKNOWLEDGE = Sample("POST", "customers/acked", acknowledgements("{one}", "{two}"))
SHOW = READS["show"]


class Trial:
    """One kind of request to a worker: what is right, and every allocation failing in turn."""

    def __init__(self, worker, place, sample):
        self.worker, self.place, self.sample = worker, place, sample
        self.serial = next(SERIALS)
        self.right = self.normal(self.answer("once"))
        self.right = self.normal(self.answer("twice"))

    def answer(self, number, **failing):
        sent = self.sample.sent(self.place.accounts, self.key(number))
        return self.worker.exchange(self.place.company, *sent, **failing)

    def key(self, number):
        return f"key-{self.serial}-{number}"

    @staticmethod
    def normal(answer):
        return VARYING.sub(b"*", answer)

    def run(self, step, prepare=lambda: None):
        """(number, answer) of each failure; the numbers of those for good are negative."""
        for sign in (1, -1):
            number = 1
            while number < TOO_MANY:
                prepare()
                answer = self.answer(sign * number, first=number, last=number if sign > 0 else FOR_GOOD)
                failed = self.worker.allocations >= number
                yield sign * number, answer
                if not failed:
                    break
                number += step
            assert number < TOO_MANY
            # Before a library ends it: gcov counts what a process ran when it ends as it should.
            self.worker.stop()

    def outcome(self, answer):
        """One of those that are allowed: answered, unavailable, outcome-unknown, lost (the worker has ended)."""
        if answer is None:
            return "lost"
        head, body = answer.split(b"\r\n\r\n", 1)
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        if self.sample.method != "HEAD":
            assert int(headers.get("Content-Length", len(body))) == len(body), answer
        if self.normal(answer) == self.right:
            return "answered"
        assert headers["Status"] == "503 Service Unavailable", answer
        assert headers["Content-Type"] == "application/xml; charset=UTF-8" and headers["Retry-After"], answer
        if self.sample.method == "HEAD":
            return "unavailable"
        code = read_document(body).get("code")
        assert code == "unavailable" or (code == "outcome-unknown" and self.sample not in READS.values()), answer
        return code


@pytest.fixture(scope="module")
def serves(worker, read):
    """Whether the worker, or the one that replaced it, serves as ever."""
    trial = Trial(worker, read, SHOW)
    return lambda: trial.outcome(trial.answer("after")) == "answered"


@pytest.mark.parametrize("name", READS)
def test_a_read_is_right_or_refused_as_unavailable(worker, read, serves, name):
    trial = Trial(worker, read, READS[name])
    outcomes = collections.Counter()
    for number, answer in trial.run(stride(23)):
        outcomes[trial.outcome(answer)] += 1
        assert serves(), number
    write_figures("each allocation of a read fails", outcomes.total(), outcomes)
    assert set(outcomes) > {"answered", "unavailable"}, outcomes


def places(company):
    """In how many places each key stands, and so how much of its write there is."""
    sql = """
        SELECT split_part(key, '@', 1), count(*) FROM (
            SELECT new_value FROM leap.account_history WHERE company = :'company'
            UNION ALL
            SELECT comment FROM leap.account_comment JOIN leap.company USING (company_id) WHERE company = :'company'
            UNION ALL
            SELECT key FROM leap.retry_key JOIN leap.company USING (company_id) WHERE company = :'company'
            UNION ALL
            SELECT extid FROM leap.account JOIN leap.company USING (company_id)
            JOIN leap.account_password USING (company_id, identifier) WHERE company = :'company'
            UNION ALL
            SELECT extid FROM leap.account JOIN leap.company USING (company_id)
            JOIN leap.account_community USING (company_id, identifier)
            WHERE company = :'company' AND email = extid || '@example.net'
        ) AS place (key) WHERE key LIKE 'key-%' GROUP BY 1;
    """
    counted = (line.split("|") for line in company.dba(sql).splitlines())
    return collections.Counter({key: int(count) for key, count in counted})


@pytest.mark.parametrize("name", WRITES)
def test_a_write_is_done_whole_or_not_at_all(worker, written, serves, name):
    trial = Trial(worker, written, WRITES[name])
    outcomes = {}
    for number, answer in trial.run(stride(29)):
        outcomes[number] = trial.outcome(answer)
        assert serves(), number
    write_figures("each allocation of a write fails", len(outcomes), collections.Counter(outcomes.values()))
    there = places(written.company)
    whole = there[trial.key("once")]
    assert whole > 0 and there[trial.key("twice")] == whole
    allowed = {"answered": {whole}, "unavailable": {0}, "outcome-unknown": {0, whole}, "lost": {0, whole}}
    wrong = {n: (outcome, there[trial.key(n)]) for n, outcome in outcomes.items() if there[trial.key(n)] not in allowed[outcome]}
    assert wrong == {}
    assert {"answered", "unavailable"} <= set(outcomes.values())


def test_all_accounts_are_acknowledged_or_none(worker, written, serves):
    paths = ("customers/{one}", "customers/{two}")
    changes = [Trial(worker, written, dataclasses.replace(WRITES["update"], path=path)) for path in paths]
    listed = Trial(worker, written, Sample("GET", "customers?identifier={one},{two}"))
    serials = itertools.count(1)

    def flagged():
        return listed.answer("").count(b" unacked-since=")

    def change():
        for trial in changes:
            trial.answer(next(serials))
        assert flagged() == 2

    trial = Trial(worker, written, ACKNOWLEDGE)
    assert flagged() == 0
    allowed = {"answered": {0}, "unavailable": {2}, "outcome-unknown": {0, 2}, "lost": {0, 2}}
    outcomes = collections.Counter()
    for number, answer in trial.run(stride(17), change):
        outcome = trial.outcome(answer)
        outcomes[outcome] += 1
        assert flagged() in allowed[outcome], (number, outcome)
    write_figures("each allocation of an acknowledgement fails", outcomes.total(), outcomes)


def test_a_worker_that_fails_at_its_first_request_serves_the_next(worker, read, written, serves):
    outcomes = collections.Counter()
    for place, sample, step in ((read, SHOW, 19), (written, WRITES["create"], 97)):
        trial = Trial(worker, place, sample)
        for number, answer in trial.run(stride(step), worker.stop):
            outcome = trial.outcome(answer)
            outcomes[outcome] += 1
            assert serves(), (number, outcome)
    write_figures("each allocation of a worker's first request fails", outcomes.total(), outcomes)
