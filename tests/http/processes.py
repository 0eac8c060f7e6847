"""The processes of an instance."""

import contextlib
import os
import pathlib

# What only root may do.
SUDO = [] if os.getuid() == 0 else ["sudo", "-n"]


def backends(instance):
    """The processes that serve the workers."""
    pids = instance.psql("SELECT pid FROM pg_stat_activity WHERE usename = 'leap_api';")
    return [int(pid) for pid in pids.split()]


def postmaster(instance):
    return int((instance.directory / "data" / "postmaster.pid").read_text().split()[0])


def is_running(pid):
    return os.path.exists(f"/proc/{pid}")


def children(pid):
    listed = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return {int(child) for child in listed.split()}


def is_ready(pid):
    """Whether a worker has come up: it makes the set of descriptors that it waits on when all else is there."""
    descriptors = f"/proc/{pid}/fd"
    with contextlib.suppress(FileNotFoundError):
        return any(os.readlink(f"{descriptors}/{name}") == "anon_inode:[eventpoll]" for name in os.listdir(descriptors))
    return False


def name_of(pid):
    """None: it has ended."""
    try:
        return pathlib.Path(f"/proc/{pid}/comm").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None


def workers_of(instance, pool):
    """
    The workers on one socket, by their ids; they have a parent that would replace those that end. A child of its own that
    it has not made a worker yet has its name still, and swallows signals as it does.
    """
    parent = (instance.directory / "run" / f"{pool}.pid").read_text().split()[0]
    return {child for child in children(parent) if name_of(child) not in (None, name_of(parent))}


def create_workers(instance):
    return workers_of(instance, "leap-ws-create")


def worker_processes(instance):
    """The workers of both kinds."""
    return workers_of(instance, "leap-ws") | create_workers(instance)
