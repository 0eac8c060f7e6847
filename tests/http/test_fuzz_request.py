"""The corpus of the whole program's fuzz target, each request once: `make check` has built tests/fuzz/fuzz_request."""

import pathlib
import re
import subprocess

import pytest

from leap_instance import PROGRAM, SOURCE, Instance

TARGET = pathlib.Path(PROGRAM).parent / "tests" / "fuzz" / "fuzz_request"
COMPANY = SOURCE / "tests" / "fuzz" / "company.sql"


@pytest.fixture
def database():
    """A database in which no account was made before."""
    instance = Instance()
    try:
        instance.run("start-database")
        instance.run("deploy")
        yield instance
    finally:
        instance.close()


def test_every_request_of_the_corpus_gets_a_reply_that_the_api_knows(database):
    secret = database.psql(COMPANY.read_text(), role="leap_dba")
    environment = database.connection("leap_api") | {"FUZZ_CLIENT": f"fuzz:{secret}", "srcdir": str(SOURCE)}
    done = subprocess.run([TARGET], env=environment, capture_output=True, text=True, errors="replace", timeout=120)
    assert done.returncode == 0, done.stderr[-5000:]
    count = int(re.match(r"\[  PASSED  \] (\d+) inputs", done.stdout).group(1))
    assert count == len(list((SOURCE / "tests" / "fuzz" / "corpus" / "fuzz_request").iterdir()))
