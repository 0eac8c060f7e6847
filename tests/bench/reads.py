"""Reads and lists, against the constant and against PostgreSQL alone; and lists of many accounts against lists of few."""

import os
from urllib.parse import quote

from leap_client import BASE
from leap_instance import Instance
from service import SCRATCH, SMALL, SOURCE, load, pgbench, read_statements, run

READ_PATHS = 50000


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


def in_turn(*measures, rounds=3):
    """What each measured in each of the rounds, in which they take turns: what disturbs one disturbs all."""
    return [[measure() for measure in measures] for _ in range(rounds)]


def middle(rounds, ours, ceiling):
    """Of the rounds' two figures those with the median ratio."""
    pairs = sorted(((one[ours], one[ceiling]) for one in rounds), key=lambda pair: pair[0] / pair[1])
    return pairs[len(pairs) // 2]


def measure_reads(report, company, accounts):
    report.section("Reads and lists", "work, requests a second", "ours", "ceiling", "ratio", "to reach", "reached")
    paths = company.paths(min(READ_PATHS, accounts))
    constant = constant_service(typical(company))
    workers = max(4, 2 * os.cpu_count())
    last = company.first + min(READ_PATHS, accounts) - 1
    try:
        rounds = in_turn(
            lambda: load(company, paths).rate,
            lambda: load(company, paths, port=constant.https_port).rate,
            lambda: pgbench(company, read_statements("show", identifier=":id"), workers,
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
        lambda: pgbench(company, listed, workers, variables),
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
    """Leaves the number at the default."""
    report.section("Reads a second by number of workers", "workers", "reads a second", "p99, ms")
    instance, found = company.instance, {}
    cores = os.cpu_count()
    for workers in sorted({1, cores, cores + 1, 2 * cores, 3 * cores, 4 * cores}):
        instance.environment["INSTANCE_WORKERS"] = str(workers)
        instance.run("start-workers")
        load(company, company.paths(1000), seconds=1)
        one = load(company, company.paths(10000))
        found[workers] = one.rate
        report.row(workers, f"{one.rate:,.0f}", f"{one.p99:.1f}")
    del instance.environment["INSTANCE_WORKERS"]
    instance.run("start-workers")
    best = max(found, key=found.get)
    report.add(f"\nThe best setting is {best} workers on {cores} processors.")
