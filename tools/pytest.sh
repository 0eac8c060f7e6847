# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # what reads this uses the array, and has SOURCE
# How the tests over HTTP are run.

# Those that may run beside each other, on all processors, each process with an instance of its own; what measures how
# long the service takes, or loads it, runs alone.
PYTEST_PARALLEL=(-m 'not alone' --numprocesses "$(nproc)" --dist loadfile)
PYTEST_ALONE=(-m alone)

# http_pytest ARGUMENT...: of the program INSTANCE_PROGRAM. Sets keep one order, since all processes must collect the
# same tests.
http_pytest() (
    cd "$SOURCE/tests/http" &&
        PYTHONHASHSEED=0 exec /usr/bin/python3 -B -m pytest -q -p no:cacheprovider "$@"
)
