"""A worker keeps the memory of a hash for the next one: its pages got anew cost a twentieth of the hash."""

import pathlib
import resource

from conftest import Company
from documents import EMAIL, account
from leap_instance import running
from processes import workers_of
from release_build import release_program

HASH_BYTES = 16 * 2**20


def page_faults(process):
    """The minor ones so far, the tenth field of proc(5)."""
    return int(pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[7])


def test_a_second_hash_takes_no_pages_anew():
    # With the sanitizers it has another allocator.
    with running(release_program(), INSTANCE_WORKERS="1", INSTANCE_CREATE_WORKERS="1") as made:
        company = Company(made)
        faults = []
        for number in range(3):
            assert company.client.post("customers", account({EMAIL: f"{number}@example.net"})).status == 201
            (process,) = workers_of(made, "leap-ws-create")
            faults.append(page_faults(process))
        assert faults[1] - faults[0] < HASH_BYTES / resource.getpagesize() / 4
        assert faults[2] - faults[1] < HASH_BYTES / resource.getpagesize() / 4
