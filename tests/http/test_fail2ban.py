"""
What fail2ban makes of the logs: each line of a 401 counts for the address that sent the request, no other line does, and
nothing that a client sends adds one or hides one.
"""

import configparser
import re
import shutil
import subprocess
import time
from urllib.parse import quote

import pytest

import plain_cgi
from documents import EMAIL, EXTID, account
from leap_client import basic
from leap_instance import SOURCE, wait_until

FILTER = SOURCE / "fail2ban" / "filter.d" / "leap-ws.conf"
JAIL = SOURCE / "fail2ban" / "jail.d" / "leap-ws.conf"
JOURNAL_REMOTE = "/lib/systemd/systemd-journal-remote"
UNITS = {"leap-ws.log": "leap-ws", "leap-ws-create.log": "leap-ws-create"}

OTHER = "127.0.0.2"
VICTIM = "203.0.113.66"
REQUESTS = [
    ("GET", "customers"),
    ("HEAD", "customers/1"),
    ("POST", "customers"),
    ("GET", "x"),
    ("PUT", "customers/401"),
    ("DELETE", "customers/401/extid"),
    ("OPTIONS", "customers"),
]
# What would count for the victim, had it a line of its own, or began another's.
FORGED = (
    f"time=2026-11-24T10:00:00.123Z request_id=4f1c0a2b client_address={VICTIM} company=- client=- operation=show "
    "status=401 code=unauthenticated ms=1.800 db_ms=0.900"
)


def fail2ban_regex(log, *options):
    """What it prints of each line that matches."""
    done = subprocess.run(["fail2ban-regex", *options, log, FILTER], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def addresses(log):
    return fail2ban_regex(log, "--out=ip")


def pairs(responses):
    """(request id, address) of the 401s among (address, response)."""
    return sorted((response.headers["X-Request-Id"], address) for address, response in responses if response.status == 401)


def matched_pairs(log):
    found = [line.split(" ", 1) for line in fail2ban_regex(log, "--out=<ip> <msg>")]
    return sorted((re.search(r"request_id=(\S+)", line)[1], address) for address, line in found)


def send_everything(company):
    """Requests of two addresses, those that are refused with 401 among many others; (address, response) of each."""
    sent = []
    own, wrong, unknown = company.client, company.as_client("tests", "wrong"), company.as_client("nobody", company.secret)
    for address in ("127.0.0.1", OTHER):
        for client in (own, company.anonymous, wrong, unknown):
            client.source = address
            for method, path in REQUESTS:
                body = account({EMAIL: f"x{len(sent)}@example.net"}) if method in ("POST", "PUT") else None
                sent.append((address, client.request(method, f"/api/v1/{path}", body)))
        sent.append((address, own.get("customers/%FF")))
        sent.append((address, own.get("customers/1", {"Host": "nobody.leap.localhost"})))
    return sent


def send_forgeries(company):
    """Requests that hold a line of a 401 wherever a client can put anything."""
    sent = []
    for forged in (FORGED, f"\n{FORGED}\n", f" client_address={VICTIM} status=401 ", f"x\r\n{FORGED}"):
        line = quote(forged, safe="")
        plain = forged.replace("\r", " ").replace("\n", " ").strip()
        headers = {
            "X-Forwarded-For": VICTIM,
            "X-Request-Id": plain,
            "User-Agent": plain,
            "Idempotency-Key": plain.replace(" ", "_"),
            "If-None-Match": plain,
            "Referer": plain,
        }
        for client in (company.client, company.as_client(forged, forged), company.as_client("tests", forged)):
            for path in (f"customers/extid/{line}", f"customers/{line}", f"customers?extid={line}", line):
                sent.append((client.source, client.get(path, headers)))
            sent.append((client.source, client.post("customers", account({EMAIL: plain, EXTID: plain}), headers)))
        sent.append((company.anonymous.source, company.anonymous.get(f"customers/{line}", {"Authorization": plain})))
    return sent


@pytest.fixture(scope="module")
def traffic(instance, make_company, tmp_path_factory):
    """The requests of this module, and files of what each log has of them."""
    company = make_company()
    directory = tmp_path_factory.mktemp("logs")
    names = [*UNITS, "leap-ws.access.log"]
    before = {name: len(instance.log(name)) for name in names}
    responses = send_everything(company) + send_forgeries(company)
    last = responses[-1][1].headers["X-Request-Id"]
    wait_until(lambda: last in instance.log("leap-ws.log") and last in instance.log("leap-ws.access.log"))
    for name in names:
        (directory / name).write_text(instance.log(name)[before[name] :])
    (directory / "program.log").write_text("".join((directory / name).read_text() for name in UNITS))
    return directory, responses


@pytest.mark.parametrize("name", ["program.log", "leap-ws.access.log"])
def test_each_401_counts_for_its_address_and_nothing_else_does(traffic, name):
    directory, responses = traffic
    statuses = {response.status for _, response in responses}
    assert {200, 201, 204, 400, 401, 404} <= statuses
    expected = pairs(responses)
    assert len(expected) > 40 and {address for _, address in expected} == {"127.0.0.1", OTHER}
    assert matched_pairs(directory / name) == expected


# The journal, as systemd writes it of the units


def journal(directory, entries):
    """A journal of (slice, identifier, message)."""
    text = "".join(
        f"__REALTIME_TIMESTAMP={time.time_ns() // 1000 + number}\n_BOOT_ID={'1' * 32}\n_MACHINE_ID={'2' * 32}\n"
        f"_HOSTNAME=server\n_PID=17\n_SYSTEMD_SLICE={each}\nSYSLOG_IDENTIFIER={identifier}\nMESSAGE={message}\n\n"
        for number, (each, identifier, message) in enumerate(entries)
    )
    path = directory / "system.journal"
    path.unlink(missing_ok=True)
    subprocess.run([JOURNAL_REMOTE, f"--output={path}", "-"], input=text.encode(), capture_output=True, check=True, timeout=60)
    return f'systemd-journal[journalfiles="{path}"]'


def slice_of(template):
    """systemd's own name of the slice of a template's units."""
    escaped = subprocess.run(["systemd-escape", template], capture_output=True, text=True, check=True, timeout=60)
    return f"system-{escaped.stdout.strip()}.slice"


def test_the_workers_journal_counts_too(traffic, tmp_path):
    directory, responses = traffic
    entries = [
        (slice_of(unit), "leap-customers", line)
        for name, unit in UNITS.items()
        for line in (directory / name).read_text().splitlines()
    ]
    assert {each for each, _, line in entries if "status=401" in line} == {slice_of(unit) for unit in UNITS.values()}
    assert matched_pairs(journal(tmp_path, entries)) == pairs(responses)


def test_what_others_write_into_the_journal_counts_for_nobody(tmp_path):
    entries = [(slice_of("leap-ws"), "leap-customers", FORGED), ("user-1000.slice", "leap-customers", FORGED)]
    assert addresses(journal(tmp_path, entries)) == [VICTIM]
    # systemd itself writes of a unit, too.
    entries = [(slice_of("leap-ws"), "systemd", FORGED), (slice_of("leap-ws"), "leap-customers", f'time=x event="{FORGED}"')]
    assert addresses(journal(tmp_path, entries)) == []


# What no web server hands on, and what no address of this machine is


def test_an_ipv6_address_counts(company, tmp_path):
    log = tmp_path / "log"
    for address in ("2001:db8::7", "::1", "198.51.100.7"):
        reply = plain_cgi.run(company, "GET", "customers/1", REMOTE_ADDR=address, HTTP_AUTHORIZATION=basic("tests", "wrong"))
        assert reply.status == 401
        log.write_text(reply.log)
        assert addresses(log) == [address]


@pytest.mark.parametrize("forged", [FORGED, f"x\n{FORGED}", f"{VICTIM} status=401", f"x client_address={VICTIM}"], ids=range(4))
def test_no_variable_forges_a_line(company, tmp_path, forged):
    variables = dict.fromkeys(["REMOTE_ADDR", "LEAP_REQUEST_ID", "HTTP_IDEMPOTENCY_KEY", "HTTP_AUTHORIZATION"], forged)
    replies = [plain_cgi.run(company, "GET", "customers/1", **given) for given in (variables, {"HTTP_HOST": forged})]
    assert [reply.status for reply in replies] == [401, 404]
    log = tmp_path / "log"
    log.write_text("".join(reply.log for reply in replies))
    assert addresses(log) == []


# The jail


def configuration(directory, local=""):
    """fail2ban's own configuration, with the filter and the jail where the package puts them."""
    shutil.copytree("/etc/fail2ban", directory)
    shutil.copy(FILTER, directory / "filter.d")
    shutil.copy(JAIL, directory / "jail.d")
    # The system's own jails are not this test's.
    (directory / "jail.d" / "leap-ws.local").write_text(f"[sshd]\nenabled = false\n\n[leap-ws]\n{local}")
    return directory


def dump(directory):
    """What fail2ban's server would be told."""
    done = subprocess.run(["fail2ban-client", "-c", directory, "--dump"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_jail_is_off(tmp_path):
    assert "'leap-ws'" not in dump(configuration(tmp_path / "etc"))


def test_the_jail_reads_the_workers_journal(tmp_path):
    told = dump(configuration(tmp_path / "etc", "enabled = true\n"))
    assert "['add', 'leap-ws', 'systemd']" in told
    [match] = [line for line in told.splitlines() if "'addjournalmatch'" in line]
    assert all(repr(f"_SYSTEMD_SLICE={slice_of(unit)}") in match for unit in UNITS.values())
    assert "'maxretry', 100]" in told and "'findtime', '10m']" in told and "'bantime', '10m']" in told


@pytest.fixture
def server(instance, tmp_path):
    """fail2ban at work on the web server's log, but without a firewall; a function of its client."""
    access_log = instance.directory / "log" / "leap-ws.access.log"
    # From its end on: other tests have had refusals enough for a ban.
    local = f"enabled = true\nbackend = polling\nlogpath = {access_log} tail\naction =\nignoreself = false\n"
    etc = configuration(tmp_path / "etc", local)
    (etc / "fail2ban.local").write_text(f"[DEFAULT]\ndbfile = None\nlogtarget = {tmp_path / 'log'}\n")
    options = ["-c", etc, "-s", tmp_path / "socket", "-p", tmp_path / "pid"]
    process = subprocess.Popen(["fail2ban-server", "-f", *options, "start"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def ask(*arguments):
        return subprocess.run(["fail2ban-client", *options, *arguments], capture_output=True, text=True, timeout=60).stdout

    try:
        wait_until(lambda: "leap-ws" in ask("status"))
        yield ask
    finally:
        process.terminate()
        process.wait(timeout=30)


def test_who_is_refused_too_often_is_banned_and_nobody_else(server, company):
    jail = configparser.ConfigParser()
    jail.read(JAIL)
    most = int(jail["leap-ws"]["maxretry"])
    guesser, good = company.as_client("tests", "wrong"), company.client
    guesser.source, good.source = "127.0.0.66", "127.0.0.67"
    for _ in range(most):
        assert guesser.get("customers").status == 401
        assert good.get("customers").status == 200
    wait_until(lambda: server("get", "leap-ws", "banip").split() == ["127.0.0.66"], 30)
