"""Where the time goes: processor time by program and library, system calls, round trips and statements, memory."""

import os
import re
import subprocess

from leap_client import BASE
from leap_instance import Instance, wait_until
from processes import workers_of
from service import CONNECTIONS, SCRATCH, SECONDS, beside, load, load_command, run
from statement_relay import Relay
from writes import CREATE, fresh

THOUSAND = 1000
MEMORY_REQUESTS = int(os.environ.get("BENCH_MEMORY_REQUESTS", "1000000"))
MIB = 1024


def works(company):
    name = fresh()
    return {
        "read": (company.paths(10000), {}),
        "list": ([f"{BASE}customers?limit=100"], {}),
        "create": ([f"{BASE}customers"], {"method": "POST", "body": CREATE.format(name, name), "connections": 2}),
    }


def logged(instance):
    """The bytes of both kinds of workers' logs, which after a million requests take seconds to read."""
    return sum((instance.directory / "log" / f"{pool}.log").stat().st_size for pool in ("leap-ws", "leap-ws-create"))


def while_loaded(company, paths, options, command):
    """What a command prints meanwhile."""
    options = {"connections": CONNECTIONS} | options
    loading, environment = load_command(company.instance.https_port, company, paths, options.pop("connections"), 6, **options)
    before = logged(company.instance)
    process = subprocess.Popen(loading, env=environment, stdout=subprocess.DEVNULL)
    try:
        wait_until(lambda: logged(company.instance) > before)
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60).stdout
    finally:
        process.wait()


def measure_profile(report, company):
    """perf samples the whole machine: nothing else is to run on it."""
    report.section("Processor time by program and library, in %", "work", "share")
    recorded = SCRATCH / "perf.data"
    for name, (paths, options) in works(company).items():
        while_loaded(company, paths, options, ["perf", "record", "-a", "-g", "-F", "499", "-o", recorded, "--", "sleep", "3"])
        printed = run(["perf", "report", "-i", recorded, "--no-children", "-g", "none", "--stdio", "-s", "comm,dso"])
        lines = re.findall(r"^ +(\d+\.\d+)% +(\S+) +(\S+)", printed, re.MULTILINE)
        shares = [f"{program} {library.removeprefix('[').removesuffix(']')} {share}" for share, program, library in lines]
        report.row(name, ", ".join(shares[:12]))


def measure_system_calls(report, company):
    report.section("System calls of a worker for each request, by strace", "work", "calls")
    for name, (paths, options) in works(company).items():
        pool = "leap-ws-create" if name == "create" else "leap-ws"
        process = min(workers_of(company.instance, pool))
        summary = SCRATCH / "strace"
        while_loaded(company, paths, options, ["timeout", "-s", "INT", "2", "strace", "-f", "-c", "-o", summary, "-p", str(process)])
        counted = re.findall(r"^ *\S+ +\S+ +\S+ +(\d+) +(?:\d+ +)?(\w+)$", summary.read_text(), re.MULTILINE)
        calls = {call: int(number) for number, call in counted if call != "total"}
        requests = calls.get("shutdown") or calls.get("close") or 1
        each = [f"{call} {number / requests:.1f}" for call, number in sorted(calls.items(), key=lambda item: -item[1])]
        report.row(name, ", ".join(call for call in each if not call.endswith(" 0.0")))


def measure_round_trips(report, program, company):
    """By the relay that the tests use: an instance with its workers behind it."""
    from conftest import Company
    from documents import insert_account
    from operations import BODIES, READS, parts

    report.section("Round trips and statements of each operation", "operation", "round trips", "statements")
    made = Instance(program, INSTANCE_WORKERS="1", INSTANCE_CREATE_WORKERS="1", INSTANCE_WEB="nginx")
    made.run("start-database")
    made.run("deploy")
    relay = Relay(made)
    try:
        made.environment["INSTANCE_DATABASE_HOSTS"] = str(relay.directory)
        made.run("start-workers")
        made.start_web()
        for name in [*READS, *BODIES]:
            one = Company(made)
            account = insert_account(one, extid="known", additional_fields='{"shoe-size": "Nine"}')
            one.client.get(f"customers/{account}")
            one.client.post("customers", b"<")  # the other kind of worker is connected, too
            request = ("GET", BASE + READS[name].format(account)) if name in READS else parts(name, account)
            relay.take()
            one.client.request(*request)
            trips = [[statement for statement in trip if statement] for trip in relay.take()]
            report.row(name, len(trips), "; ".join(", ".join(trip) for trip in trips))
    finally:
        made.close()
        relay.close()


def resident(process):
    """KiB."""
    return int(re.search(r"^VmRSS:\s+(\d+)", open(f"/proc/{process}/status").read(), re.MULTILINE)[1])


def measure_memory(report, company):
    """One worker, which gets everything."""
    made = beside(company.instance, INSTANCE_WORKERS="1")
    paths = company.paths(10000) + [f"{BASE}customers?limit=100"] * 100
    served = 0
    try:
        while served < THOUSAND:
            served += load(company, paths, port=made.https_port, seconds=1).requests
        (process,) = workers_of(made, "leap-ws")
        early = resident(process)
        while served < MEMORY_REQUESTS:
            served += load(company, paths, port=made.https_port, seconds=SECONDS).requests
        late = resident(process)
        assert workers_of(made, "leap-ws") == {process}
    finally:
        made.close()
    report.section("Memory of a worker, KiB resident", "work", "after", "compared with", "ratio", "to reach", "reached")
    report.goal(f"after {served:,} requests; compared with: after a thousand or more", late, early, 1.02, at_most=True)
    report.goal("the same; compared with: 16 MiB", late, 16 * MIB, 1, at_most=True)
