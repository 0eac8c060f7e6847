"""A session of psql's that stays: what was begun in it stays open while a test does something else."""

import contextlib
import re
import subprocess
import tempfile

END = "-- all of it has run"
LIMIT = {"PGOPTIONS": "--statement-timeout=60s"}


def quoted(value):
    """A value as an argument of psql's \\set."""
    return "'" + re.sub(r"[\\']", r"\\\g<0>", str(value)).replace("\n", "\\n") + "'"


class PsqlSession:
    def __init__(self, instance, role="leap_dba", database="leap"):
        self.complaints = tempfile.TemporaryFile("w+", encoding="utf-8")
        self.psql = subprocess.Popen(
            ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"],
            env=instance.connection(role, database) | LIMIT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.complaints,
            encoding="utf-8",
        )

    def run(self, sql, **variables):
        """
        Returns what the statements print, a line for each row, once all have run; :'name' in them stands for a variable.
        Where one fails, or the server is gone, the session has ended, and the exception says what psql does.
        """
        settings = [f"\\set {name} {quoted(value)}\n" for name, value in variables.items()]
        unsettings = [f"\\unset {name}\n" for name in variables]
        with contextlib.suppress(BrokenPipeError):  # it has ended already, and its output, too, is at the end
            self.psql.stdin.write("".join([*settings, f"{sql}\n;\n", *unsettings, f"\\echo {quoted(END)}\n"]))
            self.psql.stdin.flush()
        printed = []
        for line in self.psql.stdout:
            if line == f"{END}\n":
                return "".join(printed).rstrip("\n")
            printed.append(line)
        self.abandon()
        self.complaints.seek(0)
        raise RuntimeError(self.complaints.read())

    def close(self, sql=""):
        """Ends after these statements."""
        self.psql.communicate(f"{sql}\n", timeout=30)
        assert self.psql.returncode == 0

    def abandon(self):
        """Ends at once: where there is no server any more, or nothing is begun."""
        self.psql.kill()
        with contextlib.suppress(BrokenPipeError):
            self.psql.stdin.close()
        self.psql.stdout.close()
        self.psql.wait()
