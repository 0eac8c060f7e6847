"""
The systemd units, as far as they can be tried where systemd does not run: they are valid, the workers' sandbox is tight,
and it allows every system call that a worker makes. tools/check-package runs them under systemd.
"""

import os
import re
import shutil
import signal
import subprocess

import pytest

from conftest import Company
from documents import EMAIL, account, insert_account
from leap_instance import SOURCE, Instance, wait_until

UNITS = SOURCE / "systemd"
INSTALLED = "/usr/libexec/leap-ws/leap-customers"
PROGRAM = os.environ.get("INSTANCE_PROGRAM", str(SOURCE / "var" / "build" / "leap-customers"))
TEMPLATES = ["leap-ws@.service", "leap-ws-create@.service"]
POOLS = ["leap-ws", "leap-ws-create"]
COMMENT = b"<customer-update><comment>Called.</comment></customer-update>"


def instance_of(template):
    return template.replace("@", "@1")


@pytest.fixture
def unit_directory(tmp_path):
    """The units as they are installed, but with the program that is being tested, and the example drop-in beside."""
    for unit in [*UNITS.glob("*.socket"), *UNITS.glob("*.target")]:
        shutil.copy(unit, tmp_path)
    for template in TEMPLATES:
        (tmp_path / f"{template}.d").mkdir()
        for source, target in [(template, template), ("10-sandbox.conf", f"{template}.d/10-sandbox.conf")]:
            (tmp_path / target).write_text((UNITS / source).read_text().replace(INSTALLED, PROGRAM))
        # The tools that do not ask a running systemd take an instance for a unit of its own.
        (tmp_path / instance_of(template)).symlink_to(template)
    return tmp_path


def add_tcp(directory):
    for template in TEMPLATES:
        shutil.copy(UNITS / "50-database-over-tcp.conf", directory / f"{template}.d")


def analyze(directory, *arguments):
    """What systemd-analyze prints, knowing the units of the directory and the system's."""
    return subprocess.run(
        ["systemd-analyze", "--no-pager", *arguments],
        cwd=directory,
        env=os.environ | {"SYSTEMD_UNIT_PATH": f"{directory}:"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
    )


def assert_valid(directory):
    units = [*(path.name for path in UNITS.glob("*.socket")), *map(instance_of, TEMPLATES), "leap-ws.target"]
    done = analyze(directory, "verify", "--man=no", *(f"./{unit}" for unit in units))
    assert (done.returncode, done.stdout) == (0, "")


def assert_exposed_at_most(tenths, directory, template):
    done = analyze(directory, "security", "--offline=true", f"--threshold={tenths}", f"./{instance_of(template)}")
    assert done.returncode == 0, done.stdout


def test_the_units_are_valid(unit_directory):
    assert_valid(unit_directory)


@pytest.mark.parametrize("template", TEMPLATES)
def test_the_sandbox_leaves_an_exposure_of_at_most_half_a_point(unit_directory, template):
    assert_exposed_at_most(5, unit_directory, template)


@pytest.mark.parametrize("template", TEMPLATES)
def test_with_a_database_over_tcp_it_is_at_most_one_point(unit_directory, template):
    add_tcp(unit_directory)
    assert_valid(unit_directory)
    assert_exposed_at_most(10, unit_directory, template)


def test_no_worker_leaves_a_core_dump():
    """It would hold the request in hand."""
    assert re.findall(r"^LimitCORE=(.*)$", (UNITS / "10-sandbox.conf").read_text(), re.M) == ["0"]


def test_the_units_listen_where_the_web_servers_connect():
    listen = {line for unit in UNITS.glob("*.socket") for line in re.findall(r"^ListenStream=(.*)$", unit.read_text(), re.M)}
    sites = [path for folder in ("nginx", "apache") for path in (SOURCE / folder).glob("*.conf")]
    connect = {path for site in sites for path in re.findall(r"unix:(/[\w./-]+)", site.read_text())}
    assert listen == {f"/run/leap-ws/{pool}.sock" for pool in POOLS}
    assert connect == listen | {"/run/leap-ws/mtail.sock"}


# The number of workers


def generated(directory, cores, configuration=""):
    """What the generator has the target want on a machine of so many processors, and what it says."""
    (directory / "leap-ws.conf").write_text(configuration)
    (directory / "nproc").write_text(f"#!/bin/sh\necho {cores}\n")
    generator = directory / "generator"
    generator.write_text((UNITS / "leap-ws-generator").read_text().replace("/etc/leap-ws/leap-ws.conf", str(directory / "leap-ws.conf")))
    for program in (generator, directory / "nproc"):
        program.chmod(0o755)
    wants = directory / "normal" / "leap-ws.target.wants"
    shutil.rmtree(wants, ignore_errors=True)
    done = subprocess.run(
        [generator, directory / "normal", directory / "early", directory / "late"],
        env=os.environ | {"PATH": f"{directory}:{os.environ['PATH']}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (0, "")
    assert all(link.readlink().name == re.sub(r"@\d+", "@", link.name) for link in wants.iterdir())
    return {link.name.removesuffix(".service") for link in wants.iterdir()}, done.stderr


def workers(number, for_creates):
    return {f"leap-ws@{n + 1}" for n in range(number)} | {f"leap-ws-create@{n + 1}" for n in range(for_creates)}


@pytest.mark.parametrize("cores, number, for_creates", [(1, 2, 1), (2, 2, 1), (3, 3, 1), (4, 4, 2), (32, 32, 16)])
def test_there_are_as_many_workers_as_suit_the_machine(tmp_path, cores, number, for_creates):
    assert generated(tmp_path, cores) == (workers(number, for_creates), "")


@pytest.mark.parametrize("number, written", [(7, "LEAP_WORKERS=7"), (7, 'LEAP_WORKERS="7"'), (1, "LEAP_WORKERS=9\nLEAP_WORKERS=1")])
def test_the_configuration_gives_other_numbers(tmp_path, number, written):
    assert generated(tmp_path, 4, f"PGUSER=leap_api\n{written}\n#LEAP_CREATE_WORKERS=9\n") == (workers(number, 2), "")
    assert generated(tmp_path, 4, f"{written}\nLEAP_CREATE_WORKERS=12\n") == (workers(number, 12), "")


@pytest.mark.parametrize("number", ["0", "-1", "1000", "two", "2 ", '"2', "08"])
def test_what_is_no_number_of_workers_counts_for_nothing_and_is_said(tmp_path, number):
    wanted, said = generated(tmp_path, 4, f"LEAP_WORKERS={number}\n")
    assert wanted == workers(4, 2)
    assert re.fullmatch(r"leap-ws-generator: LEAP_WORKERS in \S+ is not a number from 1 to 999; it is 4 now\n", said)


# The system call filter


def calls_of(words):
    """The system calls that these words of a filter stand for: names, and sets, which hold names and sets."""
    calls = set()
    for word in words:
        if word.startswith("@"):
            done = analyze(SOURCE, "syscall-filter", word)
            assert done.returncode == 0, done.stdout
            lines = [line.strip() for line in done.stdout.splitlines()[1:]]
            calls |= calls_of([line for line in lines if line and not line.startswith("#")])
        else:
            calls.add(word)
    return calls


def allowed_calls():
    """As systemd reads the filter: a list to begin with, and what is added and taken away after that, in order."""
    filters = re.findall(r"^SystemCallFilter=(~?)(.*)$", (UNITS / "10-sandbox.conf").read_text(), re.M)
    assert filters[0][0] == "", "not a list of what is allowed"
    allowed = calls_of(["@default"])
    for without, words in filters:
        if without:
            allowed -= calls_of(words.split())
        else:
            allowed |= calls_of(words.split())
    return allowed


class Worker:
    """One worker on the instance's socket of that name, started as its unit does: with the socket as its descriptor 0."""

    def __init__(self, instance, pool):
        self.trace = instance.directory / f"{pool}.trace"
        path = instance.directory / "run" / f"{pool}.sock"
        command = ["systemd-socket-activate", "--inetd", f"--listen={path}"]
        command += [f"--setenv={name}={value}" for name, value in self.environment(instance).items()]
        # strace steps aside (-D), so that a signal meets the worker.
        command += ["strace", "-D", "-f", "-c", "-U", "name", "-o", self.trace, PROGRAM]
        with open(instance.directory / "log" / f"{pool}.log", "wb") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_until(path.is_socket)
        # The web server is another user.
        path.chmod(0o666)

    @staticmethod
    def environment(instance):
        connection = instance.connection("leap_api")
        # What looks for leaks at the end would trace the worker, which strace does already.
        return {name: connection[name] for name in connection if name.startswith("PG")} | {"ASAN_OPTIONS": "detect_leaks=0"}

    def stop(self):
        """Its exit status, after the request in hand."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)

    def calls(self):
        """The system calls that it made; strace writes them when the worker has ended."""
        return set(re.findall(r"^[a-z]\w*$", wait_until(self.summary), re.M)) - {"syscall", "total"}

    def summary(self):
        text = self.trace.read_text() if self.trace.exists() else ""
        return text if text.rstrip().endswith("total") else ""


@pytest.fixture
def activated():
    """An instance with one worker for everything and one for creates, both traced."""
    instance = Instance()
    workers = []
    try:
        instance.run("start-database")
        instance.run("deploy")
        workers += [Worker(instance, pool) for pool in POOLS]
        instance.start_web()
        yield instance, workers
    finally:
        for worker in workers:
            if worker.process.poll() is None:
                worker.process.kill()
                worker.process.wait()
        instance.close()


def use_everything(instance):
    """Reads, writes, refusals, and a database that goes and comes back."""
    company = Company(instance)
    created = company.client.post("customers", account())
    assert created.status == 201
    path = f"customers/{created.document.get('identifier')}"
    assert [company.client.get(target).status for target in (path, "customers", "leap-ws-v1.0.xsd")] == [200] * 3
    assert company.client.put(path, account({EMAIL: None, "/account/owner/password": None})).status == 201
    assert company.client.post(f"{path}/comments", COMMENT).status == 201
    assert company.client.post("customers", account()).status == 400
    assert company.client.post("customers", b"<").status == 400
    insert_account(company)
    instance.run("stop-database")
    assert company.client.get(path).status == company.client.post("customers", account()).status == 503
    instance.run("start-database")
    wait_until(lambda: company.client.get(path).status == 200)
    assert company.client.post("customers", account({EMAIL: "again@example.net"})).status == 201


def test_the_filter_allows_every_call_that_a_worker_makes(activated):
    instance, workers = activated
    use_everything(instance)
    assert [worker.stop() for worker in workers] == [0, 0]
    calls = set.union(*(worker.calls() for worker in workers))
    assert {"accept", "connect", "epoll_wait", "signalfd4"} <= calls
    assert calls - allowed_calls() == set()


@pytest.mark.parametrize(
    "call", ["fork", "clone", "clone3", "ptrace", "prctl", "mount", "bind", "listen", "kill", "bpf", "setuid"]
)
def test_the_filter_allows_nothing_that_a_worker_has_no_need_of(call):
    assert call not in allowed_calls()
