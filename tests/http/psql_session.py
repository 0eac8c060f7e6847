"""A session of psql's that stays: what was begun in it stays open while a test does something else."""

import subprocess


class PsqlSession:
    def __init__(self, instance, role="leap_dba", database="leap"):
        self.psql = subprocess.Popen(
            ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"],
            env=instance.connection(role, database),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, sql):
        """Returns the last line that the statements have printed, once all have run."""
        self.psql.stdin.write(f"{sql}\n\\echo\n")
        self.psql.stdin.flush()
        line = None
        for text in self.psql.stdout:
            if text == "\n":
                return line
            line = text.rstrip("\n")
        raise RuntimeError("psql ended")

    def close(self, sql=""):
        """Ends after these statements."""
        self.psql.communicate(f"{sql}\n", timeout=30)
        assert self.psql.returncode == 0

    def abandon(self):
        """Ends where there is no server any more."""
        self.psql.kill()
        self.psql.communicate()
