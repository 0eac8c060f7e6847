"""leap-admin deploy, upgrade and status: the schema of a database, and what is known of it."""

import re
import shutil
import subprocess

import pytest

from leap_admin import LEAP_ADMIN, run
from leap_instance import SOURCE, Instance
from open_transaction import OpenTransaction

WRITE = "SELECT pg_current_xact_id();"


@pytest.fixture(scope="module")
def cluster():
    """A cluster of one's own, which allows prepared transactions."""
    made = Instance()
    try:
        made.run("start-database")
        made.psql("ALTER SYSTEM SET max_prepared_transactions = 2", database="postgres")
        made.run("stop-database")
        made.run("start-database")
        yield made
    finally:
        made.close()


@pytest.fixture(scope="module")
def deployed(cluster):
    """A database that "deploy" has made, by a name that quoting has to get right."""
    cluster.database = "it's a \"new\" one; --"
    done = run(cluster, "deploy", role="postgres", database=cluster.database)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith(f'The database "{cluster.database}" is made.\n')
    run(cluster, "create-company", "acme", "Acme", "acme.example.org", database=cluster.database)
    run(cluster, "create-community", "acme", "original", database=cluster.database)
    return cluster


def test_deploy_makes_a_database_in_utf_8_and_byte_order(deployed):
    about = "SELECT pg_encoding_to_char(encoding), datcollate FROM pg_database WHERE datname = current_database()"
    assert deployed.psql(about, database=deployed.database) == "UTF8|C.UTF-8"


@pytest.mark.parametrize("command", ["deploy", "upgrade"])
def test_deploying_again_changes_nothing(deployed, command):
    done = run(deployed, command, role="postgres", database=deployed.database)
    assert (done.returncode, done.stdout) == (0, "Nothing to deploy (up-to-date)\n")


@pytest.mark.parametrize("command", ["deploy", "upgrade"])
def test_deploying_takes_a_superuser(deployed, command):
    done = run(deployed, command, role="leap_dba", database="another")
    assert done.returncode == 1
    assert done.stderr.startswith(f"leap-admin: leap_dba is no superuser, which {command} needs.\nhint: ")


@pytest.mark.parametrize("database", ["another", "postgres"])
def test_upgrade_makes_nothing_anew(cluster, database):
    done = run(cluster, "upgrade", role="postgres", database=database)
    assert done.returncode == 1
    assert done.stderr.startswith(f'leap-admin: There is no schema of leap-ws in a database "{database}" to upgrade.\nhint: ')
    assert cluster.psql("SELECT count(*) FROM pg_database WHERE datname = 'another'", database="postgres") == "0"
    assert cluster.psql("SELECT count(*) FROM pg_namespace WHERE nspname = 'leap'", database="postgres") == "0"


def test_deploying_does_not_take_a_service_file(cluster):
    environment = cluster.connection() | {"PGSERVICE": "leap"}
    done = subprocess.run([LEAP_ADMIN, "deploy"], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and done.stderr.startswith("leap-admin: deploy does not work with PGSERVICE.\nhint: ")


def a_newer_release(tmp_path):
    """The tree with one more change of the schema: gives its leap-admin."""
    shutil.copytree(SOURCE / "admin", tmp_path / "admin")
    shutil.copytree(SOURCE / "sql", tmp_path / "sql")
    with (tmp_path / "sql" / "sqitch.plan").open("a") as plan:
        plan.write("next [schema] 2100-01-01T00:00:00Z leap-ws <leap-ws@localhost> # The next change\n")
    (tmp_path / "sql" / "deploy" / "next.sql").write_text("BEGIN; COMMENT ON SCHEMA leap IS 'The next'; COMMIT;")
    (tmp_path / "sql" / "verify" / "next.sql").write_text("SELECT 1;")
    return tmp_path / "admin" / "leap-admin"


def test_upgrade_brings_the_schema_up_to_date(deployed, tmp_path):
    deployed.psql("CREATE DATABASE old TEMPLATE :\"template\"", database="postgres", template=deployed.database)
    newer = a_newer_release(tmp_path)
    before = run(deployed, "status", database="old", program=newer)
    assert "older than this release, which ends with next 2100-01-01T00:00:00Z: leap-admin upgrade\n" in before.stdout

    done = run(deployed, "upgrade", role="postgres", database="old", program=newer)
    assert done.returncode == 0, done.stderr
    assert deployed.psql("SELECT obj_description('leap'::regnamespace)", database="old") == "The next"
    assert "up to date" in run(deployed, "status", database="old", program=newer).stdout
    assert "newer than this release" in run(deployed, "status", database="old").stdout


def test_an_upgrade_that_fails_says_so(deployed, tmp_path):
    newer = a_newer_release(tmp_path)
    (tmp_path / "sql" / "deploy" / "next.sql").write_text("SELECT 1 / 0;")
    done = run(deployed, "upgrade", role="postgres", database=deployed.database, program=newer)
    assert done.returncode == 1
    assert "division by zero" in done.stderr and "leap-admin: The schema is not up to date.\nhint: " in done.stderr


def test_status_shows_versions_and_sizes(deployed, tmp_path, instance):
    shutil.copytree(SOURCE / "admin", tmp_path / "admin")
    (tmp_path / "sql").symlink_to(SOURCE / "sql")
    (tmp_path / "var" / "build").mkdir(parents=True)
    (tmp_path / "var" / "build" / "leap-customers").symlink_to(instance.environment["INSTANCE_PROGRAM"])
    program = tmp_path / "admin" / "leap-admin"
    shown = run(deployed, "status", database=deployed.database, program=program)
    assert (shown.returncode, shown.stderr) == (0, "")
    version = re.search(r"AC_INIT\(\[leap-ws\], \[(.*)\]\)", (SOURCE / "configure.ac").read_text())[1]
    expected = [
        rf"Program: +leap-customers {re.escape(version)}",
        r"Server: +PostgreSQL 15\.\d+.*",
        rf"Database: +{re.escape(deployed.database)}, \d+ (kB|MB)",
        r"Connections: +1 of 100: leap_dba 1",
        r"Schema: +version \d+",
        r"Last change: +[a-z_]+, deployed 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\+00",
        r" +up to date",
        r"Open write transactions: none",
        r" acme +\| Active \| 0 +\| no limit",
        r" account +\| .* \| \d+ (bytes|kB) +\| \d+ kB *",
    ]
    for line in expected:
        assert re.search(rf"^{line}$", shown.stdout, re.MULTILINE), f"{line} is not in:\n{shown.stdout}"


def test_status_says_where_there_is_no_schema(cluster):
    shown = run(cluster, "status", role="postgres", database="postgres")
    assert shown.returncode == 0 and re.search(r"^Schema: +none: leap-admin deploy makes it$", shown.stdout, re.MULTILINE)


def writers(shown):
    """The rows of open write transactions, each as a dictionary."""
    table = shown.split("the change feed waits for them:\n")[1].split("\n\n")[0].splitlines()
    head, _, *rows = [[value.strip() for value in line.split("|")] for line in table]
    return [dict(zip(head, row)) for row in rows]


def test_status_shows_who_holds_the_change_feed_up_in_any_database(deployed):
    with (
        OpenTransaction(deployed, WRITE, "postgres", "postgres") as other,
        OpenTransaction(deployed, WRITE, database=deployed.database) as own,
    ):
        shown = writers(run(deployed, "status", database=deployed.database).stdout)
    assert [(row["database"], row["role"], row["pid"], row["state"]) for row in shown] == [
        ("postgres", "postgres", other.backend, "idle in transaction"),
        (deployed.database, "leap_dba", own.backend, "idle in transaction"),
    ]
    assert all(re.fullmatch(r"00:0\d:\d\d", row["age"]) for row in shown)


def test_status_shows_prepared_transactions(deployed):
    prepare = "BEGIN; SELECT pg_current_xact_id() \\g /dev/null\nPREPARE TRANSACTION 'left behind'"
    deployed.psql(prepare, database="postgres")
    [row] = writers(run(deployed, "status", database=deployed.database).stdout)
    deployed.psql("ROLLBACK PREPARED 'left behind'", database="postgres")
    assert (row["name"], row["state"], row["database"], row["role"]) == ("left behind", "prepared", "postgres", "postgres")


def test_status_tells_what_the_role_may_not_see(deployed):
    dba = "leap_dba"
    deployed.psql(f"REVOKE pg_read_all_stats FROM {dba}; REVOKE USAGE ON SCHEMA sqitch FROM {dba}", database=deployed.database)
    with OpenTransaction(deployed, WRITE, "postgres", "postgres") as other:
        shown = run(deployed, "status", database=deployed.database)
    deployed.psql(f"GRANT pg_read_all_stats TO {dba}; GRANT USAGE ON SCHEMA sqitch TO {dba}", database=deployed.database)
    assert shown.returncode == 0
    [row] = writers(shown.stdout)
    assert (row["pid"], row["age"], row["state"]) == (other.backend, "hidden", "hidden")
    assert f"{dba} may not see the age of transactions of others" in shown.stdout
    assert f"hidden from {dba}, which may not read sqitch.changes" in shown.stdout


def test_status_counts_a_large_table_by_a_sample(deployed):
    deployed.psql(
        """
        INSERT INTO leap.account (company_id, email, given_name, family_name, communities)
        SELECT company_id, n || '@example.net', 'A', 'B', '{original}' FROM leap.company, generate_series(1, 2000) n;
        """,
        database=deployed.database,
    )
    status = lambda: run(deployed, "status", database=deployed.database).stdout
    assert re.search(r"^ acme +\| Active \| 2000 ", status(), re.MULTILINE)
    # The planner's number of rows decides.
    deployed.psql("UPDATE pg_class SET reltuples = 600000 WHERE oid = 'leap.account'::regclass", database=deployed.database)
    shown = re.search(r"^ acme +\| Active \| about (\d+) ", status(), re.MULTILINE)
    assert 500 < int(shown[1]) < 4000
