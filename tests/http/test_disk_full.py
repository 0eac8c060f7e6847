"""The disk of the cluster is full: writes are refused, reads go on where they can, and nothing is lost or half-written."""

import shutil
import subprocess

import pytest

from conftest import Company
from faults import not_acknowledged
from leap_instance import PROGRAM, Instance
from ledger import CLIENTS, Driver, Ledger, assert_back, give_time
from processes import SUDO
from soak import FOR_LONG, ROUNDS, write_figures

pytestmark = pytest.mark.alone

SIZE = "512m"
# The log of transactions would take up the disk by itself: then it stays full.
WAL = "ALTER SYSTEM SET max_wal_size = '64MB'; ALTER SYSTEM SET min_wal_size = '32MB'"


def run(*command):
    subprocess.run([*SUDO, *command], check=True, timeout=60)


@pytest.fixture
def small():
    """An instance whose cluster is on a small file system of its own."""
    made = Instance(PROGRAM)
    disk, data = made.directory / "disk", made.directory / "data"
    disk.mkdir()
    run("mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(disk))
    try:
        made.run("start-database")
        made.run("stop-database")
        run("chown", "--reference", str(data), str(disk))
        run("cp", "-a", str(data), str(disk / "data"))
        run("rm", "-r", str(data))
        data.symlink_to(disk / "data")
        made.start()
        made.psql(WAL)
        made.psql("SELECT pg_reload_conf()")
        yield made
        made.stop_workers()
        made.run("stop")
    finally:
        run("umount", "--lazy", str(disk))
        made.close()


def fill(disk):
    """With a file that takes what is left."""
    free = shutil.disk_usage(disk).free
    with open(disk / "filler", "wb") as file:
        try:
            while free > 0:
                free -= file.write(b"\0" * min(free, 1 << 20))
        except OSError:
            pass  # others took some meanwhile: the disk is full
    return disk / "filler"


def test_what_is_refused_is_not_there_and_what_is_answered_is(small):
    ledger = Ledger(Company(small))
    with Driver(ledger) as driver:
        driver.wait_for(CLIENTS)
        for _ in range(ROUNDS):
            filler = fill(small.directory / "disk")
            driver.wait_for(CLIENTS, not_acknowledged, 120)
            filler.unlink()
            small.run("start-database")
            assert_back(ledger)
            driver.wait_for(CLIENTS)
    ledger.resolve()
    assert ledger.verify() == []
    if FOR_LONG:
        give_time([ledger])
        assert ledger.verify() == []
    write_figures("the disk of the cluster is full", ROUNDS, ledger.outcomes())
