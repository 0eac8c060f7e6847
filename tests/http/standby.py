"""A standby of an instance's PostgreSQL, as the cluster of another instance."""

import os
import shutil
import subprocess

from leap_instance import wait_until

# PostgreSQL wants its files to be those of the user that it runs as.
RUN_AS = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.getuid() == 0 else {}


def reload(instance):
    """Returns when the server has read its configuration anew."""
    loaded = "SELECT pg_conf_load_time();"
    before = instance.psql(loaded)
    instance.psql("SELECT pg_reload_conf();")
    wait_until(lambda: instance.psql(loaded) != before)


def _allow_replication(instance):
    with open(instance.directory / "data" / "pg_hba.conf", "a") as rules:
        rules.write("local replication all peer map=leap\n")
    reload(instance)


def start_standby(primary, standby):
    """Makes the second instance's cluster, which from now on follows the first one's."""
    _allow_replication(primary)
    data = standby.directory / "data"
    data.mkdir(mode=0o700)
    if RUN_AS:
        shutil.chown(data, RUN_AS["user"], RUN_AS["group"])
    subprocess.run(
        ["pg_basebackup", "--checkpoint=fast", "--write-recovery-conf", "--no-sync", f"--pgdata={data}"],
        env=primary.connection(),
        cwd="/",
        timeout=60,
        check=True,
        **RUN_AS,
    )
    standby.run("start-database")


def wait_until_replayed(primary, standby):
    """Returns when the standby has all that was committed before."""
    written = primary.psql("SELECT pg_current_wal_flush_lsn();")
    wait_until(lambda: standby.psql(f"SELECT pg_last_wal_replay_lsn() >= '{written}';") == "t")


def part(standby):
    """From now on the standby gets nothing more."""
    standby.psql("ALTER SYSTEM SET primary_conninfo = '';")
    reload(standby)
    wait_until(lambda: standby.psql("SELECT count(*) FROM pg_stat_wal_receiver;") == "0")


def promote(standby):
    assert standby.psql("SELECT pg_promote();") == "t"
