"""Writes against PostgreSQL alone, creates against the hash alone, and readers while creates flood."""

import concurrent.futures
import hashlib
import os
import re
import subprocess
import time

from leap_client import BASE
from leap_instance import wait_until
from service import BENCH, CONNECTIONS, CORES, ENTER, SATURATING, SCRATCH, SOURCE
from service import beside, in_turn, load, load_command, pgbench, run, statement

ACKNOWLEDGED = 1000
# Creates are few: in rounds of two seconds those that the end cuts off would count.
CREATE_SECONDS = 10
CREATE_ROUNDS = 5
UPDATE = (
    "<account><owner><name><family-name>Banks</family-name><given-name>N %d</given-name></name><bday>1974-09-08</bday></owner></account>"
)
CREATE = (
    "<account><owner><email>{}.%d@example.net</email><password>newpassword</password><name><family-name>Banks</family-name>"
    "<given-name>Joseph</given-name></name><bday>1974-09-08</bday><gender>MALE</gender><tel type='pref'>(704) 451 3434</tel>"
    "<residential-address><street-address>222 Example Street</street-address><region>Example State</region><postal-code>99221"
    "</postal-code><country-name code='US'/></residential-address></owner><additional-fields><field key='shoe-size'>9</field>"
    "<field key='crm-identifier'>{}%d</field></additional-fields><communities><community>original</community></communities></account>"
)
INSERT = """
INSERT INTO leap.account (company_id, email, given_name, family_name, bday, gender, tel_pref, residential_street_address,
                          residential_region, residential_postal_code, residential_country, additional_fields, communities)
VALUES (:company, 'p' || :run || '.' || :unique || '@example.net', 'Joseph', 'Banks', '1974-09-08', 'MALE', '(704) 451 3434',
        '222 Example Street', 'Example State', '99221', 'US',
        jsonb_build_object('shoe-size', '9', 'crm-identifier', 'p' || :run || :unique), '{original}');
INSERT INTO leap.account_password (company_id, identifier, password_hash)
VALUES (:company, currval('leap.account_identifier'), :hash);
"""
HASH = "$scrypt$ln=14,r=8,p=5$" + "A" * 22 + "$" + "A" * 43


def fresh():
    """Part of an e-mail address that no run had before."""
    return f"r{os.urandom(5).hex()}"


def measure_update(report, company, accounts):
    paths = company.paths(min(10000, accounts))
    write = [
        statement("begin_write"), statement("enter", **ENTER),
        statement("update", company=":company", identifier=":id", json="jsonb_build_object('given_name', 'P ' || :n)",
                  version="NULL", operation="'update'"), statement("commit"),
    ]  # fmt: skip
    head = f"\\set id random({company.first}, {company.first + min(10000, accounts) - 1})\n\\set n random(1, 1000000000)"
    rounds = in_turn(lambda: load(company, paths, method="PUT", body=UPDATE).rate, lambda: pgbench(company, write, CONNECTIONS, head=head))
    report.compare("update one account; ceiling: pgbench, the same row by the same triggers", rounds, 0.4)


def measure_acknowledge(report, company):
    """Each time the flags are raised anew; the figures are acknowledgements of all a second."""
    where = f"company_id = {company.number} AND identifier BETWEEN {company.first} AND {company.first + ACKNOWLEDGED - 1}"
    raise_flags = f"UPDATE leap.account SET given_name = given_name || '.' WHERE {where};"
    body = "<acknowledgements>" + "".join(
        f"<acknowledgement>{company.first + n}</acknowledgement>" for n in range(ACKNOWLEDGED)
    ) + "</acknowledgements>"  # fmt: skip

    def ours():
        company.instance.psql(raise_flags)
        begun = time.monotonic()
        reply = company.client.post("customers/acked", body.encode(), {"Content-Type": "application/xml"})
        assert reply.status == 204, reply.body
        return 1 / (time.monotonic() - begun)

    def alone():
        company.instance.psql(raise_flags)
        printed = company.instance.psql(f"\\timing on\nUPDATE leap.account SET unacked_since = NULL WHERE {where};", role="leap_dba")
        return 1000 / float(re.search(r"Time: (\S+) ms", printed)[1])

    report.compare("acknowledge 1,000 accounts; ceiling: one UPDATE of the same rows", in_turn(ours, alone), 0.7)


def program_without_hash():
    """A build of its own in which the hash costs nothing."""
    build = SCRATCH / "no-hash"
    build.mkdir()
    run(["cc", "-O2", "-c", "-o", build / "no_hash.o", BENCH / "no_hash.c"])
    run([SOURCE / "configure", f"LIBS={build}/no_hash.o", "LDFLAGS=-Wl,--wrap=EVP_PBE_scrypt"], cwd=build)
    run(["make", "-j", str(CORES)], cwd=build)
    return build / "leap-customers"


def measure_create_without_hash(report, company):
    made = beside(company.instance, program_without_hash(), INSTANCE_CREATE_WORKERS=str(SATURATING))
    insert = [statement("begin_write"), statement("enter", **ENTER), *INSERT.strip().split("\n\n"), statement("commit")]

    def ours():
        name = fresh()
        return load(company, [f"{BASE}customers"], port=made.https_port, method="POST", body=CREATE.format(name, name)).rate

    def alone():
        variables = {"hash": HASH, "run": fresh()}
        return pgbench(company, insert, CONNECTIONS, variables, "\\set unique random(1, 1000000000000000)")

    try:
        rounds = in_turn(ours, alone)
    finally:
        made.close()
    report.compare("create without hashing; ceiling: pgbench inserting the same rows in one transaction", rounds, 0.4)


def _hash_for(seconds):
    begun, count = time.monotonic(), 0
    while time.monotonic() < begun + seconds:
        hashlib.scrypt(b"newpassword", salt=os.urandom(16), n=2**14, r=8, p=5, maxmem=2**26, dklen=32)
        count += 1
    return count / (time.monotonic() - begun)


def measure_create(report, company):
    workers = max(1, CORES // 2)

    def creates():
        name = fresh()
        options = {"connections": 2 * workers, "seconds": CREATE_SECONDS, "method": "POST", "body": CREATE.format(name, name)}
        return load(company, [f"{BASE}customers"], **options).rate

    def hashes():
        with concurrent.futures.ProcessPoolExecutor(workers) as pool:
            return sum(pool.map(_hash_for, [CREATE_SECONDS] * workers))

    rounds = in_turn(creates, hashes, rounds=CREATE_ROUNDS)
    report.compare("create as shipped; ceiling: the hash alone, on as many cores", rounds, 0.9)


def creates_answered(instance):
    return instance.log("leap-ws-create.log").count("operation=create")


def reads_in_flood(company):
    """Creates that are refused for their number are part of a flood."""
    name = fresh()
    command, environment = load_command(company.instance.https_port, company, [f"{BASE}customers"], 64, CREATE_SECONDS + 2, "POST",
                                        CREATE.format(name, name))  # fmt: skip
    before = creates_answered(company.instance)
    flood = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        wait_until(lambda: creates_answered(company.instance) > before)
        return load(company, company.paths(10000), seconds=CREATE_SECONDS).p99
    finally:
        flood.wait()


def measure_flood(report, company):
    rounds = in_turn(
        lambda: reads_in_flood(company),
        lambda: load(company, company.paths(10000), seconds=CREATE_SECONDS).p99,
        rounds=CREATE_ROUNDS,
    )
    report.compare("p99 in ms of reads while creates flood; compared with: without them", rounds, 3, at_most=True)


def measure_writes(report, company, accounts):
    report.section("Writes", "work, a second", "ours", "ceiling", "ratio", "to reach", "reached")
    measure_update(report, company, accounts)
    measure_acknowledge(report, company)
    measure_create_without_hash(report, company)
    measure_create(report, company)
    measure_flood(report, company)
