"""What the measures share: instances of the service, the generated companies, wrk and pgbench."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

BENCH = pathlib.Path(__file__).resolve().parent
SOURCE = BENCH.parents[1]
QUERIES = SOURCE / "sql" / "queries"
sys.path.append(str(BENCH.parent / "http"))

from leap_client import BASE, basic
from leap_instance import DOMAIN, Instance

SECONDS = int(os.environ.get("BENCH_SECONDS", "20"))
# Measures that are compared take turns, as machines sway within a minute by more than what is to be seen.
ROUND_SECONDS = 2
ROUNDS = max(5, SECONDS // ROUND_SECONDS)
ACCOUNTS = int(os.environ.get("BENCH_ACCOUNTS", "5000000"))
SMALL = 10000
CONNECTIONS = 16
CORES = os.cpu_count()
SATURATING = 2 * CORES  # sessions, or workers without a database, that keep the machine busiest
SCRATCH = pathlib.Path(tempfile.mkdtemp(prefix="leap-ws-bench-", dir="/tmp"))
SCRATCH.chmod(0o755)


def run(command, **options):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stdout}")
    return done.stdout


class Company:
    def __init__(self, instance, line, accounts):
        self.instance = instance
        self.accounts = accounts
        self.key, self.number, first, self.secret = line.split()
        self.first = int(first)
        self.host = f"{self.key}.{DOMAIN}"
        self.authorization = basic("bench", self.secret)

    @property
    def client(self):
        return self.instance.client(self.host, "bench", self.secret)

    def paths(self, count):
        """At most so many accounts to read, of which none is inactive."""
        numbers = range(1, min(count, self.accounts) + 1)
        return [f"{BASE}customers/{self.first + n - 1}" for n in numbers if n % 50 != 49]


def service(program, **environment):
    """An instance as it is shipped: durable, its logs on; the server's memory as the administrator is told to set it."""
    made = Instance(program, INSTANCE_SCRATCH="", INSTANCE_TEMPLATE="", INSTANCE_WEB="nginx", **environment)
    made.run("start-database")
    made.run("deploy")
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2**20
    made.psql(f"ALTER SYSTEM SET shared_buffers = '{memory // 4}MB'")
    made.psql("ALTER SYSTEM SET max_wal_size = '8GB'")
    made.run("stop-database")
    made.run("start-database")
    made.run("start-workers")
    made.start_web()
    return made


def beside(instance, program=None, **environment):
    """Another web server with workers of its own on the same database, as shipped but for these variables."""
    environment = {"INSTANCE_SCRATCH": "", "INSTANCE_WEB": "nginx"} | environment
    made = Instance(program or instance.environment["INSTANCE_PROGRAM"], INSTANCE_DATABASE_HOSTS=instance.connection()["PGHOST"],
                    **environment)  # fmt: skip
    made.run("start-workers")
    made.start_web()
    return made


def generate(instance, **companies):
    """Fills the companies, and returns them with the seconds until all of it was on the disk: its writing disturbs no measure."""
    begun = time.monotonic()
    lines = run([BENCH / "generate", *(f"{key}={count}" for key, count in companies.items())], env=instance.connection())
    run(["psql", "-X", "-q", "-c", "CHECKPOINT"], env=instance.connection())
    seconds = time.monotonic() - begun
    return [Company(instance, line, count) for line, count in zip(lines.splitlines(), companies.values())], seconds


class Load:
    """What wrk reports: requests a second, the 99th percentile in ms, how many, and how many of them failed."""

    def __init__(self, output):
        rate, p99, requests, failed = re.search(r"^RESULT (\S+) (\S+) (\S+) (\S+)$", output, re.MULTILINE).groups()
        self.rate, self.p99, self.requests, self.failed = float(rate), float(p99), int(requests), int(failed)


def load_command(port, company, paths, connections, seconds, method="GET", body=None, start=0):
    listed = SCRATCH / f"paths-{os.urandom(4).hex()}"
    listed.write_text("\n".join(paths) + "\n")
    environment = os.environ | {
        "PATHS": str(listed), "METHOD": method, "AUTHORIZATION": company.authorization, "FROM": str(start),
        "HOST": f"{company.host}:{port}",
    }  # fmt: skip
    if body:
        environment["BODY"] = body
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", BENCH / "requests.lua", f"https://127.0.0.1:{port}"]
    return command, environment


def load(company, paths, port=None, connections=CONNECTIONS, seconds=ROUND_SECONDS, **options):
    command, environment = load_command(port or company.instance.https_port, company, paths, connections, seconds, **options)
    found = Load(run(command, env=environment))
    if found.failed > 0:
        raise RuntimeError(f"{found.failed} of {found.requests} requests failed: {paths[0]}")
    return found


def statement(name, **values):
    """A statement as the program embeds it, its parameters replaced in order by pgbench's variables or SQL."""
    lines = []
    for line in (QUERIES / f"{name}.sql").read_text().splitlines():
        lines += (QUERIES / line.split()[1]).read_text().splitlines() if line.startswith("\\ir ") else [line]
    text = "\n".join(line for line in lines if not line.startswith("--")).strip().rstrip(";")
    parameters = list(values.values())
    return re.sub(r"\$(\d)", lambda match: parameters[int(match[1]) - 1], text) + ";"


def pgbench(company, statements, clients, variables=(), head="", role="leap_api", seconds=ROUND_SECONDS):
    """Transactions a second of these statements, sent in one pipeline."""
    script = SCRATCH / "pgbench.sql"
    script.write_text("\n".join([head, "\\startpipeline", *statements, "\\endpipeline", ""]))
    digest = company.instance.psql("SELECT encode(secret_digest, 'hex'), access_epoch FROM leap.api_client "
                                   "WHERE company_id = :number", number=company.number)  # fmt: skip
    secret, epoch = digest.split("|")
    known = {"company": company.number, "host": company.host, "client": "bench", "digest": f"\\x{secret}", "epoch": epoch}
    defined = [option for name, value in (known | dict(variables)).items() for option in ("-D", f"{name}={value}")]
    output = run(
        ["pgbench", "-n", "-M", "prepared", "-c", str(clients), "-j", "1", "-T", str(seconds), *defined, "-f", script],
        env=company.instance.connection(role),
    )
    if "aborted" in output:
        raise RuntimeError(output)
    return float(re.search(r"^tps = (\S+)", output, re.MULTILINE)[1])


def in_turn(*measures, rounds=ROUNDS):
    """What each measured in each of the rounds. Every second round goes backwards, so that what follows on what does not tell."""
    found = []
    for number in range(rounds):
        order = range(len(measures)) if number % 2 == 0 else reversed(range(len(measures)))
        figures = {place: measures[place]() for place in order}
        found.append([figures[place] for place in range(len(measures))])
    return found


ENTER = {"company": ":company", "host": ":host", "client": ":client", "digest": ":digest"}
AGAIN = {"company": ":company", "client": ":client", "digest": ":digest", "epoch": ":epoch"}


def read_statements(name, **values):
    """The pipeline of a read by a client that the worker knows."""
    return [
        statement("begin_read"), statement("enter_again", **AGAIN), statement(name, company=":company", **values),
        statement("commit"),
    ]  # fmt: skip
