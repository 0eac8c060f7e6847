"""
Workers that are ended under load, again and again, as an upgrade or a restart does it: no request is lost, each worker
leaves and is replaced, and none is left behind that spins.
"""

import contextlib
import os
import pathlib
import signal

import pytest

from conftest import Company
from leap_instance import PROGRAM, wait_until
from ledger import Driver, Ledger
from process_image import waits_for_events
from processes import worker_processes
from soak import ROUNDS, write_figures

pytestmark = pytest.mark.alone

ENDS = max(60, 20 * ROUNDS)  # a thousand when it is for long
QUESTIONS = 10


def all_workers(instance):
    """Also those that are nobody's children any more."""
    home = f"PGHOST={instance.directory}/".encode()
    found = set()
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError, PermissionError):
            if (process / "exe").resolve() == pathlib.Path(PROGRAM).resolve() and home in (process / "environ").read_bytes():
                found.add(int(process.name))
    return found


def nanoseconds(pid):
    """Of processor time: what sleeps takes none."""
    return int(pathlib.Path(f"/proc/{pid}/schedstat").read_text().split()[0])


def end_workers(instance):
    pids = worker_processes(instance)
    for pid in pids:
        os.kill(pid, signal.SIGTERM)
    return pids


def test_no_request_is_lost_and_no_worker_left_behind(instance):
    ledger = Ledger(Company(instance))
    workers = len(worker_processes(instance))
    ended = 0
    with Driver(ledger) as driver:
        while ended < ENDS:
            pids = end_workers(instance)
            ended += len(pids)
            driver.wait_for(2 * len(pids))
            wait_until(lambda pids=pids: not pids & worker_processes(instance), 30)
    assert ledger.verify() == []
    assert {entry.code for entry in ledger.entries} == {None}
    write_figures("a worker ends by SIGTERM", ended, ledger.outcomes())

    wait_until(lambda: len(worker_processes(instance)) == workers)
    left = worker_processes(instance)
    assert all_workers(instance) == left
    # What does nothing takes no time at all, while psql starts and asks again and again.
    wait_until(lambda: all(map(waits_for_events, left)))
    before = {pid: nanoseconds(pid) for pid in left}
    assert [instance.psql("SELECT 1;") for _ in range(QUESTIONS)] == ["1"] * QUESTIONS
    assert {pid: nanoseconds(pid) for pid in left} == before
