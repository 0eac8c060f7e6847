"""A transaction that stays open while a test does something else: for what happens at the same time."""

from leap_instance import wait_until
from psql_session import PsqlSession


class OpenTransaction:
    """The statements have run, and their locks are held, once this is made."""

    def __init__(self, instance, sql, role="leap_dba", database="leap"):
        self.instance = instance
        self.session = PsqlSession(instance, role, database)
        self.backend = self.session.run(f"BEGIN;\n{sql}\nSELECT pg_backend_pid();").rpartition("\n")[2]
        self.is_open = True

    def wait_until_somebody_waits(self, sessions=1):
        """Returns when so many other sessions wait for this transaction."""
        waiting = f"SELECT count(*) FROM pg_stat_activity WHERE {self.backend} = ANY (pg_blocking_pids(pid));"
        wait_until(lambda: int(self.instance.psql(waiting)) >= sessions)

    def end(self, how):
        """COMMIT or ROLLBACK."""
        self.is_open = False
        self.session.close(f"{how};")

    def abandon(self):
        """The server has ended it already."""
        self.is_open = False
        self.session.abandon()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.is_open:
            self.end("ROLLBACK")
