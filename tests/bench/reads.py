"""Reads and lists, against the constant and against PostgreSQL alone; and lists of many accounts against lists of few."""

from statistics import median
from urllib.parse import quote

from leap_client import BASE
from leap_instance import Instance
from processes import workers_of
from service import CORES, SATURATING, SCRATCH, SMALL, SOURCE, beside, in_turn, load, pgbench, read_statements, run
from writes import UPDATE

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
    made = Instance(starter, INSTANCE_WEB="nginx", INSTANCE_WORKERS=str(SATURATING))
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
            lambda: pgbench(company, read_statements("show", identifier=":id"), SATURATING,
                            head=f"\\set id random({company.first}, {last})"),
        )  # fmt: skip
    finally:
        constant.close()
    report.compare("read one account; ceiling: a constant of the same size", [one[:2] for one in rounds], 0.50)
    report.compare("read one account; ceiling: pgbench, the same statements", rounds, 0.32)
    variables = {"after": "0", "limit": "100", "offset": "0"}
    listed = read_statements("list_all", after=":after", limit=":limit", offset=":offset")
    rounds = in_turn(
        lambda: load(company, [f"{BASE}customers?limit=100"]).rate,
        lambda: pgbench(company, listed, SATURATING, variables),
    )
    report.compare("list of 100, first page; ceiling: pgbench, the same statements", rounds, 0.50)


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
        report.compare(name, rounds, 0.9)


def measure_workers(report, company):
    """Reads and updates by services that differ in their number of workers, and take turns."""
    report.section("Reads and updates by number of workers", "workers", "reads a second", "p99, ms", "updates a second", "p99, ms")
    default = len(workers_of(company.instance, "leap-ws"))
    numbers = sorted({1, CORES, CORES + 1, 2 * CORES, 3 * CORES, 4 * CORES, default})
    services = [beside(company.instance, INSTANCE_WORKERS=str(number)) for number in numbers]
    try:
        reads, updates = [
            in_turn(*(lambda port=made.https_port: load(company, company.paths(10000), port=port, **options) for made in services))
            for options in ({}, {"method": "PUT", "body": UPDATE})
        ]
    finally:
        for made in services:
            made.close()
    figures = [[median(getattr(one[place], figure) for one in rounds) for rounds in (reads, updates) for figure in ("rate", "p99")]
               for place in range(len(numbers))]  # fmt: skip
    for number, (rate, p99, update_rate, update_p99) in zip(numbers, figures):
        report.row(number, f"{rate:,.0f}", f"{p99:.1f}", f"{update_rate:,.0f}", f"{update_p99:.1f}")
    best = max(range(len(numbers)), key=lambda place: figures[place][0])
    report.add(f"\nThe best setting for reads is {numbers[best]} workers on {CORES} processors; the default is {default}.")
    report.section("The default number of workers", "work, a second", "default", "best", "ratio", "to reach", "reached")
    report.compare(f"reads; {default} workers, best: {numbers[best]}",
                   [(one[numbers.index(default)].rate, one[best].rate) for one in reads], 1)  # fmt: skip
