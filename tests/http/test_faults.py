"""It loses nothing: whatever breaks, each request's outcome is the one that was answered."""

import pytest

import faults
from conftest import Company
from leap_instance import running, wait_until
from ledger import CLIENTS, Driver, Ledger, assert_back, give_time
from processes import worker_processes
from promises import PATIENCE
from soak import FOR_LONG, ROUNDS, write_figures

pytestmark = pytest.mark.alone

UNNOTICED = (faults.workers_are_ended, faults.web_server_is_reloaded)
REPLACED = (faults.workers_are_killed, faults.workers_are_ended)


@pytest.fixture(scope="module")
def broken(instance):
    """An instance of its own, to be broken."""
    with running(instance.environment["INSTANCE_PROGRAM"]) as made:
        yield made


@pytest.fixture(scope="module")
def ledgers(broken):
    """
    Those of all faults: what was refused in the first is still not there after the last; and what was refused in any is not
    a minute later, for which there is time when it is for long.
    """
    kept = []
    yield kept
    if FOR_LONG:
        give_time(kept)
    for ledger in kept:
        assert ledger.verify() == []


@pytest.mark.parametrize("fault", faults.FAULTS, ids=lambda fault: fault.__name__)
def test_every_outcome_is_the_one_that_was_answered(broken, ledgers, fault):
    ledger = Ledger(Company(broken))
    ledgers.append(ledger)
    workers = worker_processes(broken)
    with Driver(ledger) as driver:
        for _ in range(ROUNDS):
            fault(broken, driver)
            assert_back(ledger)
            driver.wait_for(CLIENTS)
            assert fault in REPLACED or worker_processes(broken) == workers
    ledger.resolve()
    assert ledger.verify() == []
    if fault in UNNOTICED:
        assert set(ledger.outcomes()) == {"answered"}
    if fault is faults.database_is_silent:
        assert ledger.slowest() <= PATIENCE
    write_figures(fault.__name__.replace("_", " "), ROUNDS, ledger.outcomes())


# The driver is not blind


@pytest.fixture(scope="module")
def driven(broken):
    """A ledger of a time in which nothing broke."""
    ledger = Ledger(Company(broken))
    with Driver(ledger) as driver:
        driver.wait_for(2 * CLIENTS)
        wait_until(lambda: sum(entry.kind == "create" and entry.acknowledged for entry in ledger.entries) >= 2)
    assert ledger.verify() == []
    return ledger


@pytest.fixture
def entries(driven):
    """Acknowledged ones that no test has used yet: the next of a kind."""
    return lambda kind: next(entry for entry in driven.entries if entry.kind == kind and entry.acknowledged and use(entry))


USED = set()


def use(entry):
    return entry.key not in USED and not USED.add(entry.key)


@pytest.fixture
def found(driven):
    """What verify() finds that it did not find before."""
    before = driven.verify()
    return lambda: [problem for problem in driven.verify() if problem not in before]


@pytest.mark.parametrize(
    "kind, forget",
    [
        ("comment", "DELETE FROM leap.account_comment WHERE comment = '{key}'"),
        ("update", "DELETE FROM leap.account_change WHERE new_values ->> 'additional_fields.crm-identifier' = '{key}'"),
        ("create", "UPDATE leap.account SET email = 'forgotten@example.net' WHERE email = '{key}@example.net'"),
        ("create", "UPDATE leap.account SET family_name = 'Forgotten' WHERE email = '{key}@example.net'"),
    ],
    ids=["comment", "update", "create", "a value"],
)
def test_a_service_that_forgets_one_write_is_found(broken, entries, found, kind, forget):
    entry = entries(kind)
    broken.psql(forget.format(key=entry.key))
    assert any(repr(entry.key) in problem and "is lost" in problem for problem in found())


def test_a_service_that_undoes_an_update_and_keeps_its_history_is_found(broken, driven, found):
    last = [entry for entry in driven.entries if entry.kind == "update" and entry.acknowledged][-1]
    broken.psql(f"UPDATE leap.account SET family_name = 'Other' WHERE family_name = '{last.key}'")
    [problem] = found()
    assert repr(last.key) in problem and "has now" in problem


def test_a_service_that_writes_twice_is_found(broken, entries, found):
    entry = entries("comment")
    broken.psql(f"""
        INSERT INTO leap.account_comment (company_id, account_identifier, author, comment)
        SELECT company_id, account_identifier, author, comment FROM leap.account_comment WHERE comment = '{entry.key}';
    """)
    [problem] = found()
    assert entry.key in problem and "2 times" in problem


def test_a_service_that_writes_by_half_is_found(broken, entries, found):
    entry = entries("create")
    broken.psql(f"""
        DELETE FROM leap.account_password p USING leap.account a
        WHERE (p.company_id, p.identifier) = (a.company_id, a.identifier) AND a.email = '{entry.key}@example.net';
    """)
    [problem] = found()
    assert entry.key in problem and "half" in problem


def test_a_service_that_writes_what_it_refused_is_found(entries, found):
    entry = entries("update")
    entry.status, entry.code = 503, "unavailable"
    [problem] = found()
    assert entry.key in problem and "refused" in problem
