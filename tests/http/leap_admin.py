"""The command leap-admin, as tests run it."""

import re
import subprocess

from leap_instance import SOURCE

LEAP_ADMIN = SOURCE / "admin" / "leap-admin"


def commands():
    shown = subprocess.run([LEAP_ADMIN, "--help"], capture_output=True, text=True, check=True).stdout
    return re.findall(r"^  ([a-z][a-z-]+)", shown.split("Environment:")[0], re.MULTILINE)


def run(instance, *arguments, role="leap_dba", database="leap", program=LEAP_ADMIN, **options):
    options = {"input": "", "stdout": subprocess.PIPE} | options
    return subprocess.run(
        [program, *arguments],
        env=instance.connection(role, database),
        stderr=subprocess.PIPE,
        encoding="utf-8",
        timeout=120,
        **options,
    )
