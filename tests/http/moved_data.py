"""A database that goes on elsewhere: dumped, restored into another instance, and served there."""

import copy
import subprocess

from leap_instance import SOURCE


def served_by(company, instance):
    """The company as this instance, which has a copy of its data, now serves it under the same host name."""
    instance.run("start-workers")
    instance.start_web()
    there = copy.copy(company)
    there.instance = instance
    there.client = there.as_client("tests", company.secret)
    return there


def dump(instance, path):
    subprocess.run(
        ["pg_dump", "--format=custom", f"--file={path}"], env=instance.connection("leap_backup"), timeout=60, check=True
    )


def restore(instance, path):
    """Into a cluster that has but the roles."""
    instance.run("start-database")
    instance.psql((SOURCE / "sql" / "deploy" / "roles.sql").read_text(), database="postgres")
    subprocess.run(
        ["pg_restore", "--create", "--exit-on-error", "--dbname=postgres", path],
        env=instance.connection(database="postgres"),
        timeout=60,
        check=True,
    )
