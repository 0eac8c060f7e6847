"""The program's options and variables: good ones, and a message that says what to do for those that are not."""

import os
import socket
import subprocess

import pytest

from leap_instance import PROGRAM, wait_until
from processes import is_ready

SEE_HELP = "see --help"


def run(*arguments, **environment):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LEAP_")}
    return subprocess.run(
        [PROGRAM, *arguments], env=clean | environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize("value", ["on", "off", ""])
def test_prepared_statements_are_on_or_off(value):
    done = run("--check-config", LEAP_PREPARED=value)
    assert (done.returncode, done.stdout, done.stderr) == (0, "The configuration is good.\n", "")


@pytest.mark.parametrize("value", ["yes", "On", "0"])
def test_anything_else_is_refused(value):
    done = run("--check-config", LEAP_PREPARED=value)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f'leap-customers: LEAP_PREPARED is "{value}": set it to on or off\n'


@pytest.mark.parametrize("arguments", [["serve"], ["--check-config", "now"]])
def test_what_is_no_option_is_named(arguments):
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f'leap-customers: "{arguments[-1]}" is not an option; {SEE_HELP}\n'


def test_an_unknown_option_is_named():
    done = run("--lissten=/x")
    assert (done.returncode, done.stdout) == (1, "")
    assert "--lissten" in done.stderr


def test_started_by_nobody_it_says_how_to_start_it():
    message = f"leap-customers: started neither by a web server nor with --listen; {SEE_HELP}\n"
    done = run()
    assert (done.returncode, done.stdout, done.stderr) == (1, "", message)
    done = subprocess.run(["sh", "-c", 'exec "$0" <&-', PROGRAM], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", message)
    with socket.socket(socket.AF_UNIX) as bound:  # one that does not listen
        done = subprocess.run([PROGRAM], stdin=bound, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", message)


def test_it_listens_where_it_is_told_until_it_is_ended(tmp_path):
    path = tmp_path / "socket"
    process = subprocess.Popen([PROGRAM, "--listen", path], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        wait_until(lambda: is_ready(process.pid))
        assert path.is_socket()
    finally:
        process.terminate()
    assert (process.wait(60), process.stderr.read()) == (0, "")


def test_where_it_cannot_listen_it_ends_and_says_why(tmp_path):
    done = run("--listen", tmp_path / "absent" / "socket")
    assert done.returncode != 0
    assert "No such file or directory" in done.stderr
