"""A transaction that stays open while a test does something else: for what happens at the same time."""

import os
import subprocess

from leap_instance import wait_until


class OpenTransaction:
    """As the DBA; the statements have run, and their locks are held, once this is made."""

    def __init__(self, instance, sql):
        self.instance = instance
        self.psql = subprocess.Popen(
            ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"],
            env=os.environ
            | {
                "PGHOST": str(instance.directory / "run" / "postgresql"),
                "PGPORT": "5432",
                "PGDATABASE": "leap",
                "PGUSER": "leap_dba",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._send(f"BEGIN;\n{sql}\n")
        self._send("SELECT pg_backend_pid();\n\\echo\n")
        self.backend = self._last_line()

    def _send(self, text):
        self.psql.stdin.write(text)
        self.psql.stdin.flush()

    def _last_line(self):
        """The last line before an empty one."""
        line = None
        for text in self.psql.stdout:
            if text == "\n":
                return line
            line = text.rstrip("\n")
        raise RuntimeError("psql ended")

    def wait_until_somebody_waits(self):
        """Returns when another session waits for this transaction."""
        waiting = f"SELECT count(*) FROM pg_stat_activity WHERE {self.backend} = ANY (pg_blocking_pids(pid));"
        wait_until(lambda: self.instance.psql(waiting) != "0")

    def end(self, how):
        """COMMIT or ROLLBACK."""
        self.psql.communicate(f"{how};\n", timeout=30)
        assert self.psql.returncode == 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.psql.returncode is None:
            self.end("ROLLBACK")
