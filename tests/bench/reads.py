"""Reads and lists, against the constant and against PostgreSQL alone; and lists of many accounts against lists of few."""

import os
from statistics import median
from urllib.parse import quote

from leap_client import BASE
from leap_instance import Instance
from service import ROUNDS, SCRATCH, SMALL, SOURCE, in_turn, load, middle, pgbench, read_statements, run, start_workers
from writes import UPDATE

READ_PATHS = 50000
# The default number, as tools/workers.sh has it.
WORKERS = max(4, 2 * os.cpu_count())


def constant_service(reply):
    """The same nginx and libfcgi, with workers that answer with this reply always."""
    program = SCRATCH / "constant"
    run(["cc", "-O2", "-o", program, SOURCE / "tests" / "bench" / "constant.c", "-lfcgi"])
    head = f"Status: 200 OK\r\nContent-Type: application/xml; charset=UTF-8\r\nETag: {reply.headers['ETag']}\r\n"
    head += f"Content-Length: {len(reply.body)}\r\nCache-Control: private, no-cache\r\nX-Content-Type-Options: nosniff\r\n\r\n"
    answer = SCRATCH / "reply"
    answer.write_bytes(head.encode() + reply.body)
    starter = SCRATCH / "start-constant"
    starter.write_text(f"#!/bin/sh\nexec {program} {answer}\n")
    starter.chmod(0o755)
    made = Instance(starter, INSTANCE_WEB="nginx")
    made.run("start-workers")
    made.start_web()
    return made


def typical(company):
    """A reply of the usual size."""
    replies = sorted((company.client.get(path.removeprefix(BASE)) for path in company.paths(41)), key=lambda reply: len(reply.body))
    return replies[len(replies) // 2]


def measure_reads(report, company, accounts):
    report.section("Reads and lists", "work, requests a second", "ours", "ceiling", "ratio", "to reach", "reached")
    paths = company.paths(min(READ_PATHS, accounts))
    constant = constant_service(typical(company))
    last = company.first + min(READ_PATHS, accounts) - 1
    try:
        rounds = in_turn(
            lambda: load(company, paths).rate,
            lambda: load(company, paths, port=constant.https_port).rate,
            lambda: pgbench(company, read_statements("show", identifier=":id"), WORKERS,
                            head=f"\\set id random({company.first}, {last})"),
        )  # fmt: skip
    finally:
        constant.close()
    report.goal("read one account; ceiling: a constant of the same size", *middle(rounds, 0, 1), 0.50)
    report.goal("read one account; ceiling: pgbench, the same statements", *middle(rounds, 0, 2), 0.32)
    variables = {"after": "0", "limit": "100", "offset": "0"}
    listed = read_statements("list_all", after=":after", limit=":limit", offset=":offset")
    rounds = in_turn(
        lambda: load(company, [f"{BASE}customers?limit=100"]).rate,
        lambda: pgbench(company, listed, WORKERS, variables),
    )
    report.goal("list of 100, first page; ceiling: pgbench, the same statements", *middle(rounds, 0, 1), 0.50)


def lists_of(company, depth):
    """Each kind of list in a company, deep in it."""
    generation = company.instance.psql("SELECT leap.feed_generation();")
    deep = company.first + depth
    changed, email = company.instance.psql(
        "SELECT changed_in, email FROM leap.account WHERE company_id = :c AND identifier = :i", c=company.number, i=deep
    ).split("|")
    return {
        "by `after`": f"customers?limit=100&after={deep}",
        "the change feed": f"customers?limit=100&changed-after={generation}.{changed}.{deep}",
        "by additional field": f"customers/by-additional-field/tariff/green?limit=100&after={deep}",
        "acked=true": f"customers?acked=true&limit=100&after={deep}",
        "acked=false": f"customers?acked=false&limit=100&after={deep}",
        "by e-mail": f"customers/by_email/original/{quote(email, safe='')}",
    }


def measure_depth(report, large, accounts, small):
    depth = min(1000000, accounts * 4 // 5) // 10 * 10 + 1
    report.section(f"Lists of 100 at depth {depth:,} among {accounts:,}, against {SMALL:,}",
                   "list", "ours", "among few", "ratio", "to reach", "reached")  # fmt: skip
    few = lists_of(small, SMALL // 2 + 1)
    for name, path in lists_of(large, depth).items():
        rounds = in_turn(lambda: load(large, [BASE + path]).rate, lambda: load(small, [BASE + few[name]]).rate)
        report.goal(name, *middle(rounds, 0, 1), 0.9)


def measure_workers(report, company):
    """Reads and updates in rounds in which the numbers take turns, and of each number its medians. Leaves it at the default."""
    report.section("Reads and updates by number of workers", "workers", "reads a second", "p99, ms", "updates a second", "p99, ms")
    instance, cores = company.instance, os.cpu_count()
    numbers = sorted({1, cores, cores + 1, WORKERS, 3 * cores, 4 * cores})
    rates = {number: ([], []) for number in numbers}
    for number in [number for _ in range(ROUNDS) for number in numbers]:
        start_workers(instance, number)
        load(company, company.paths(1000), seconds=1)
        rates[number][0].append(load(company, company.paths(10000)))
        rates[number][1].append(load(company, company.paths(10000), method="PUT", body=UPDATE))
    start_workers(instance)
    found = {number: [median(one.rate for one in loads) for loads in rates[number]] for number in numbers}
    for number in numbers:
        p99 = [median(one.p99 for one in loads) for loads in rates[number]]
        report.row(number, f"{found[number][0]:,.0f}", f"{p99[0]:.1f}", f"{found[number][1]:,.0f}", f"{p99[1]:.1f}")
    best = max(numbers, key=lambda number: found[number][0])
    report.add(f"\nThe best setting for reads is {best} workers on {cores} processors; the default is {WORKERS}.")
    report.section("The default number of workers", "work, a second", "default", "best", "ratio", "to reach", "reached")
    report.goal(f"reads; {WORKERS} workers, best: {best}", found[WORKERS][0], found[best][0], 1)
