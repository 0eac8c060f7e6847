"""
The program as it is released: without the sanitizers, which multiply what it takes of time and memory.

INSTANCE_RELEASE_PROGRAM names one that others have built; where it is unset, one is built here.
"""

import functools
import os
import pathlib
import shutil
import subprocess
import tempfile

from leap_instance import SOURCE


def build(directory):
    """Builds the sources as a release, in this directory; gives the program."""
    subprocess.run(
        ["bash", "-c", '. "$SOURCE/tools/build.sh"; build_program "$1"', "build", str(directory)],
        env=os.environ | {"SOURCE": str(SOURCE)}, stdin=subprocess.DEVNULL, check=True, timeout=300,
    )  # fmt: skip
    return pathlib.Path(directory) / "leap-customers"


@functools.cache
def _directory():
    """Of the build that this process shares; release_program() made it, and remove() removes it."""
    return pathlib.Path(tempfile.mkdtemp(prefix="leap-ws-release-", dir="/tmp"))


@functools.cache
def release_program():
    given = os.environ.get("INSTANCE_RELEASE_PROGRAM")
    if given:
        return pathlib.Path(given)
    # The workers run as a user of their own, who must get there.
    _directory().chmod(0o755)
    return build(_directory())


def remove():
    """What was built here, at the end of the session."""
    if _directory.cache_info().currsize:
        shutil.rmtree(_directory())
