"""A dump that is taken by the backup role while clients write: restored elsewhere, it has all that was acknowledged before."""

import pytest

from conftest import Company
from leap_instance import Instance
from ledger import CLIENTS, Driver, Ledger
from moved_data import dump, restore, served_by
from soak import ROUNDS, write_figures


@pytest.fixture
def another(instance):
    """An instance that has nothing yet."""
    made = Instance(instance.environment["INSTANCE_PROGRAM"], INSTANCE_TEMPLATE="")
    try:
        yield made
        made.stop_workers()
    finally:
        made.close()


@pytest.mark.parametrize("number", range(ROUNDS))
def test_every_write_that_was_acknowledged_before_is_there(instance, another, tmp_path, number):
    company = Company(instance)
    ledger = Ledger(company)
    with Driver(ledger) as driver:
        driver.wait_for(2 * CLIENTS)
        before = [entry for entry in ledger.entries if entry.acknowledged]
        dump(instance, tmp_path / "leap.dump")
        driver.wait_for(CLIENTS)

    assert set(ledger.outcomes()) == {"answered"}
    restore(another, tmp_path / "leap.dump")
    ledger.company = there = served_by(company, another)
    assert len(before) >= 2 * CLIENTS
    for entry in ledger.since(0):
        if entry not in before:  # It may be in the dump or not.
            entry.status, entry.code = None, "lost"
    assert ledger.verify() == []
    assert there.client.get(ledger.paths[0]).status == 200
    with Driver(ledger) as driver:
        driver.wait_for(CLIENTS)
    assert ledger.verify() == []
    write_figures("the database is dumped under load and restored elsewhere", 1, ledger.outcomes())
