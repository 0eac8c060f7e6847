"""What "make install" lays out for people: the command with its places, completion and man pages."""

import pathlib
import re
import subprocess

import pytest

from leap_instance import SOURCE


@pytest.fixture(scope="module")
def installed(instance, tmp_path_factory):
    """The root of an installation, and where below it the prefix of the build is."""
    root = tmp_path_factory.mktemp("installed")
    build = pathlib.Path(instance.environment["INSTANCE_PROGRAM"]).parent
    done = subprocess.run(["make", "-C", build, "install", f"DESTDIR={root}"], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return root, next(root.rglob("bin/leap-admin")).parents[1]


def test_leap_admin_is_installed_with_the_places_of_the_installation(installed):
    root, prefix = installed
    command = prefix / "bin" / "leap-admin"
    assert subprocess.run([command, "--help"], capture_output=True, text=True, timeout=60).returncode == 0
    places = dict(re.findall(r"^(DATA|PROGRAM)=(.*)$", command.read_text(), re.MULTILINE))
    data = root / places["DATA"].lstrip("/")
    assert (data / "sql" / "sqitch.plan").read_text() == (SOURCE / "sql" / "sqitch.plan").read_text()
    assert (data / "admin" / "status.sql").exists()
    assert (root / places["PROGRAM"].lstrip("/")).stat().st_mode & 0o111


def test_completion_is_installed_where_bash_looks_for_it(installed):
    _, prefix = installed
    completion = prefix / "share" / "bash-completion" / "completions" / "leap-admin"
    assert completion.read_text() == (SOURCE / "admin" / "leap-admin.bash-completion").read_text()


def test_man_pages_are_installed(installed):
    _, prefix = installed
    pages = {path.name for path in (SOURCE / "man").iterdir()}
    assert {path.name for path in (prefix / "share" / "man").rglob("leap-*")} == pages


def test_what_fail2ban_needs_is_installed(installed):
    _, prefix = installed
    for path in (SOURCE / "fail2ban").rglob("*.conf"):
        copy = prefix / "share" / "leap-ws" / path.relative_to(SOURCE)
        assert copy.read_text() == path.read_text()
