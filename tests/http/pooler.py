"""PgBouncer between workers and an instance's PostgreSQL, in transaction mode."""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

from leap_instance import wait_until
from standby import RUN_AS

CONFIGURATION = """
[databases]
leap = host={target} port=5432 user=leap_api

[pgbouncer]
unix_socket_dir = {directory}
listen_port = 5432
auth_type = any
pool_mode = transaction
default_pool_size = {sessions}
logfile = {directory}/log
"""


class Pooler:
    """In a directory that stands for the server's; all clients together share so many sessions."""

    def __init__(self, instance, sessions):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="leap-ws-pooler-", dir="/tmp"))
        self.directory.chmod(0o755)
        configuration = self.directory / "pgbouncer.ini"
        target = instance.directory / "run" / "postgresql"
        configuration.write_text(CONFIGURATION.format(target=target, directory=self.directory, sessions=sessions))
        if RUN_AS:
            shutil.chown(self.directory, RUN_AS["user"], RUN_AS["group"])
        path = os.environ["PATH"] + ":/usr/sbin"
        self.process = subprocess.Popen(
            [shutil.which("pgbouncer", path=path), "--quiet", configuration], stdin=subprocess.DEVNULL, cwd="/", **RUN_AS
        )
        wait_until((self.directory / ".s.PGSQL.5432").exists)

    def close(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)
        shutil.rmtree(self.directory)
