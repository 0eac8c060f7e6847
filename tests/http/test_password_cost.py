"""The cost of hashing a password, LEAP_PASSWORD_COST: bounded both ways, raised for new hashes, and old ones stay valid."""

import os
import pathlib
import re
import signal
import subprocess
import time

import pytest

import plain_cgi
from documents import EMAIL, PASSWORD, account
from leap_instance import SOURCE, wait_until

DEFAULT = "ln=14,r=8,p=5"
RAISED = "ln=16,r=8,p=2"
# The least of the sets of parameters that OWASP's Password Storage Cheat Sheet names.
FLOOR = ["ln=17,r=8,p=1", "ln=16,r=8,p=2", "ln=15,r=8,p=3", "ln=14,r=8,p=5", "ln=13,r=8,p=10"]


def start(instance, cost, *arguments):
    """The program with this cost configured."""
    return subprocess.run(
        [instance.environment["INSTANCE_PROGRAM"], *arguments],
        env=os.environ | {"LEAP_PASSWORD_COST": cost},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("cost", [*FLOOR, "", "ln=18,r=8,p=1", "ln=14,r=16,p=5", "ln=20,r=8,p=1"])
def test_a_cost_from_owasps_up_to_1_gib_is_good(instance, cost):
    done = start(instance, cost, "--check-config")
    assert (done.returncode, done.stdout, done.stderr) == (0, "The configuration is good.\n", "")


@pytest.mark.parametrize(
    "cost",
    ["ln=16,r=8,p=1", "ln=15,r=8,p=2", "ln=14,r=8,p=4", "ln=13,r=8,p=9", "ln=12,r=8,p=20", "ln=17,r=4,p=2", "ln=1,r=8,p=1"]
    + ["ln=21,r=8,p=1", "ln=20,r=16,p=1", "ln=20,r=8,p=2", "ln=99,r=8,p=1"]
    + ["14", "ln=14", "ln=14,r=8,p=5,", "N=16384,r=8,p=5", "ln=14 r=8 p=5", "high"],
)
@pytest.mark.parametrize("argument", ["--check-config", "--listen=/nonexistent"])
def test_any_other_keeps_the_program_from_starting_and_is_explained(instance, cost, argument):
    done = start(instance, cost, argument)
    assert (done.returncode, done.stdout) == (1, "")
    assert f'LEAP_PASSWORD_COST is "{cost}"' in done.stderr
    assert f"like {DEFAULT}" in done.stderr and "1 GiB" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def login():
    """The administrator's page has a function that tells whether a password is that of a hash."""
    [source] = re.findall(r"^```python\n(.*?)^```$", (SOURCE / "doc" / "administrator.md").read_text(), re.DOTALL | re.MULTILINE)
    defined = {}
    exec(source, defined)
    return defined["is_password"]


def hash_of(company, reply):
    """An account's hash, as the platform's login reads it."""
    return company.instance.psql(
        "SELECT password_hash FROM leap.account_password WHERE identifier = :identifier;",
        role="leap_login",
        identifier=reply.document.get("identifier"),
    )


def cost_of(phc):
    return phc.split("$")[2]


@pytest.fixture
def workers_at(instance):
    """A function that restarts the workers with a cost; at the end they have the default again."""

    def restart(cost):
        instance.environment["LEAP_PASSWORD_COST"] = cost
        instance.stop_workers()
        instance.run("start-workers")

    yield restart
    restart("")
    del instance.environment["LEAP_PASSWORD_COST"]


def test_a_raised_cost_is_for_new_hashes_and_old_ones_stay_valid(company, workers_at):
    is_password = login()
    old = company.client.post("customers", account({PASSWORD: "an old pass\u00e9"}))
    before = hash_of(company, old)
    workers_at(RAISED)
    new = company.client.post("customers", account({PASSWORD: "an old pass\u00e9", EMAIL: "new@example.net"}))
    assert (old.status, new.status) == (201, 201)
    assert hash_of(company, old) == before
    assert [cost_of(hash_of(company, each)) for each in (old, new)] == [DEFAULT, RAISED]
    for each in (old, new):
        assert is_password("an old pass\u00e9", hash_of(company, each))
        assert not is_password("an old passe", hash_of(company, each))


@pytest.mark.parametrize("cost", ["ln=17,r=8,p=1", "ln=13,r=8,p=10", "ln=14,r=16,p=5"])
def test_a_login_knows_the_hashes_of_every_cost(company, cost):
    reply = plain_cgi.run(company, "POST", "customers", account({PASSWORD: "a password of mine"}), LEAP_PASSWORD_COST=cost)
    assert reply.status == 201
    phc = hash_of(company, reply)
    assert cost_of(phc) == cost
    assert login()("a password of mine", phc)


def resident_mebibytes(process):
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) / 1024


def test_time_that_hashing_takes_is_not_the_databases(company):
    """The database has to answer within five seconds of a request's start, but for what a hash of those leaves."""
    started = time.monotonic()
    process = plain_cgi.start(company, "POST", "customers", account(), LEAP_PASSWORD_COST="ln=18,r=8,p=1")
    # Nothing but a hash takes so much memory.
    wait_until(lambda: resident_mebibytes(process) > 150)
    process.send_signal(signal.SIGSTOP)
    wait_until(lambda: time.monotonic() > started + 5)
    process.send_signal(signal.SIGCONT)
    assert plain_cgi.finish(process).status == 201


def test_a_login_brings_an_old_hash_up_to_date(company):
    """As the README has it, with what a hash of a higher cost makes of the same password."""
    old = company.client.post("customers", account({PASSWORD: "a password of mine"}))
    body = account({PASSWORD: "a password of mine", EMAIL: "other@example.net"})
    raised = hash_of(company, plain_cgi.run(company, "POST", "customers", body, LEAP_PASSWORD_COST=RAISED))
    company.instance.psql(
        "SELECT leap.set_password_hash(:'company', :identifier, :'phc');",
        role="leap_login",
        company=company.key,
        identifier=old.document.get("identifier"),
        phc=raised,
    )
    assert hash_of(company, old) == raised
    assert login()("a password of mine", hash_of(company, old))
