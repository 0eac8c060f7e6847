"""How the schema gets into a database and out of it: sqitch, the one file for psql, dump and restore."""

import os
import re
import shutil
import subprocess

import pytest

from documents import EMAIL, account
from leap_instance import SOURCE, Instance

PROJECT = SOURCE / "sql"
CHANGES = [
    line.split()[0]
    for line in (PROJECT / "sqitch.plan").read_text().splitlines()
    if line and not line.startswith("%")
]
SQITCH_USER = {"SQITCH_FULLNAME": "A DBA", "SQITCH_EMAIL": "dba@example.net"}
# What a change to the schema looks like that comes with a later release.
NEXT_CHANGE = "next [schema] 2030-01-01T00:00:00Z A DBA <dba@example.net> # The next\n"


@pytest.fixture(scope="module")
def server(instance):
    """A PostgreSQL server that never knew of the schema; the databases are the tests' own."""
    made = Instance(os.environ.get("INSTANCE_PROGRAM"), INSTANCE_TEMPLATE="")
    try:
        made.run("start-database")
        yield made
    finally:
        made.close()


@pytest.fixture
def database(server):
    """An empty database; what it leaves behind is at most the roles of the cluster."""
    server.psql("CREATE DATABASE empty", database="postgres")
    yield "empty"
    server.psql("DROP DATABASE empty", database="postgres")


def output_of(*command, **options):
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120, **options
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def sqitch(server, database, *arguments, project=PROJECT):
    return output_of(
        "sqitch", *arguments, "db:pg:", cwd=project, env=server.connection(database=database) | SQITCH_USER
    )


def run_script(server, database, script):
    """As sqitch runs one."""
    output_of(
        "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", script, env=server.connection(database=database)
    )


def dump(server, database, *options, role="postgres"):
    text = output_of("pg_dump", *options, env=server.connection(role, database))
    # Keys that are other ones in each dump.
    return re.sub(r"^\\(un)?restrict .*\n", "", text, flags=re.MULTILINE)


def schema(server, database):
    """All that is in a database but the registry of sqitch; and the roles of the cluster with their settings."""
    roles = server.psql(
        "SELECT rolname, rolconfig FROM pg_roles WHERE rolname LIKE 'leap%' ORDER BY 1", database=database
    )
    return roles + dump(server, database, "--exclude-schema=sqitch")


def registry(server, database):
    """What sqitch has on record, but for when and by whom it was deployed."""
    return server.psql(
        """
        SELECT change_id, script_hash, change, project, note, planned_at, planner_name, planner_email
        FROM sqitch.changes ORDER BY committed_at;
        SELECT * FROM sqitch.dependencies ORDER BY 1, 2, 3;
        SELECT tag_id, tag, project, change_id, note, planned_at, planner_name, planner_email
        FROM sqitch.tags ORDER BY committed_at;
        SELECT event, change_id, change, project, note, requires, conflicts, tags, planned_at, planner_name,
               planner_email
        FROM sqitch.events ORDER BY committed_at;
        SELECT project, uri FROM sqitch.projects;
        SELECT version FROM sqitch.releases;
        """,
        database=database,
    )


@pytest.fixture(scope="module")
def deployed(server):
    """A database with the schema as sqitch deploys it."""
    server.psql("CREATE DATABASE deployed", database="postgres")
    sqitch(server, "deployed", "deploy")
    return "deployed"


@pytest.fixture
def copy(server, deployed):
    """The same, for a test that changes it."""
    server.psql(f"CREATE DATABASE copy TEMPLATE {deployed}", database="postgres")
    yield "copy"
    server.psql("DROP DATABASE copy", database="postgres")


@pytest.fixture(scope="module")
def schema_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("schema") / "leap-schema.sql"
    path.write_text(output_of(SOURCE / "tools" / "schema-file"))
    return path


@pytest.fixture
def next_release(tmp_path):
    """The project with one more change, which any database can take."""
    project = tmp_path / "sql"
    shutil.copytree(PROJECT, project)
    with open(project / "sqitch.plan", "a") as plan:
        plan.write(NEXT_CHANGE)
    for kind, statement in (
        ("deploy", "COMMENT ON SCHEMA leap IS 'The next release.';"),
        ("verify", "SELECT 1;"),
        ("revert", "SELECT 1;"),
    ):
        (project / kind / "next.sql").write_text(f"{statement}\n")
    return project


def test_the_deployed_schema_verifies(server, deployed):
    assert "Verify successful" in sqitch(server, deployed, "verify")


def test_each_revert_undoes_its_deploy(server, database):
    found = []
    for change in CHANGES:
        found.append(schema(server, database))
        run_script(server, database, PROJECT / "deploy" / f"{change}.sql")
    for change in reversed(CHANGES):
        run_script(server, database, PROJECT / "revert" / f"{change}.sql")
        assert schema(server, database) == found.pop(), change


def test_a_reverted_schema_deploys_again(server, copy, deployed):
    sqitch(server, copy, "revert", "-y")
    assert "leap." not in dump(server, copy, "--exclude-schema=sqitch")
    sqitch(server, copy, "deploy")
    assert schema(server, copy) == schema(server, deployed)


def test_the_one_file_makes_what_sqitch_makes(server, database, deployed, schema_file):
    run_script(server, database, schema_file)
    assert schema(server, database) == schema(server, deployed)
    assert registry(server, database) == registry(server, deployed)
    assert "Nothing to deploy (up-to-date)" in sqitch(server, database, "status")
    assert "Nothing to deploy (up-to-date)" in sqitch(server, database, "deploy")
    assert "Verify successful" in sqitch(server, database, "verify")


def test_sqitch_goes_on_from_the_one_file(server, database, schema_file, next_release):
    run_script(server, database, schema_file)
    assert sqitch(server, database, "deploy", project=next_release).count(" ok\n") == 1
    comment = "SELECT obj_description('leap'::regnamespace)"
    assert server.psql(comment, database=database) == "The next release."


def test_the_one_file_leaves_a_database_that_has_the_schema_alone(server, deployed, schema_file):
    before = dump(server, deployed)
    with pytest.raises(AssertionError, match="already exists"):
        run_script(server, deployed, schema_file)
    assert dump(server, deployed) == before


def test_the_one_file_needs_no_other(schema_file):
    assert re.findall(r"^\\(?:set \w+ `|ir? |include|copy).*", schema_file.read_text(), re.MULTILINE) == []


def test_an_upgrade_keeps_the_data(server, copy, next_release):
    server.psql(
        """
        SELECT leap.create_company('kept', 'Kept', 'kept.leap.localhost');
        SELECT leap.create_community('kept', 'original');
        INSERT INTO leap.account (company_id, email, given_name, family_name, communities)
        SELECT company_id, 'kept@example.net', 'Ann', 'Other', '{original}' FROM leap.company;
        """,
        "leap_dba",
        copy,
    )
    before = dump(server, copy, "--data-only", "--schema=leap")
    sqitch(server, copy, "deploy", project=next_release)
    assert dump(server, copy, "--data-only", "--schema=leap") == before


def test_a_dump_by_leap_backup_restores_elsewhere_and_works_there(company, server, tmp_path):
    created = company.client.post("customers", account())
    identifier = created.document.get("identifier")
    before = company.client.get(f"customers/{identifier}")

    whole = tmp_path / "leap.sql"
    whole.write_text(dump(company.instance, "leap", "--create", role="leap_backup"))
    # A dump holds no roles: they are the cluster's.
    run_script(server, "postgres", PROJECT / "deploy" / "roles.sql")
    run_script(server, "postgres", whole)
    server.run("start-workers")
    server.start_web()

    there = server.client(company.host, "tests", company.secret)
    after = there.get(f"customers/{identifier}")
    port, other_port = company.instance.https_port, server.https_port
    assert after.body.decode() == before.body.decode().replace(f":{port}/", f":{other_port}/")
    another = there.post("customers", account({EMAIL: "another@example.net"}))
    assert another.status == 201
    assert int(another.document.get("identifier")) > int(identifier)
    assert there.post("customers", account()).problems == [(EMAIL, "duplicate")]
