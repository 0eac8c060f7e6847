"""The processes of an instance that serve requests."""

import pathlib


def backends(instance):
    """The processes that serve the workers."""
    pids = instance.psql("SELECT pid FROM pg_stat_activity WHERE usename = 'leap_api';")
    return [int(pid) for pid in pids.split()]


def children(pid):
    listed = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return {int(child) for child in listed.split()}


def worker_processes(instance):
    """The workers of both kinds, by their ids; each kind has a parent that would replace those that end."""
    parents = [(instance.directory / "run" / f"{name}.pid").read_text() for name in ("leap-ws", "leap-ws-create")]
    return set().union(*(children(parent.split()[0]) for parent in parents))
