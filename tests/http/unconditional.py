"""
A test build in which nothing but row level security keeps companies apart: the statements of sql/queries, and the schema's
functions that run with the caller's rights, have lost every condition on company_id.

What stays: `enter` and `enter_again`, which prove who asks, on tables that no policy is on; and the functions with their owner's
rights, triggers on rows that a policy has let through.
"""

import re
import shutil
import subprocess

from leap_instance import SOURCE
from release_build import release_program

QUERIES = SOURCE / "sql" / "queries"
PROVES = ("enter.sql", "enter_again.sql")
# In a statement the company is $1, which must still be mentioned, or it would have no type.
CONDITION_OF_A_STATEMENT = re.compile(r"\b(?:\w+\.)?company_id = \$1(?!\d|::)")
CONDITION_OF_A_FUNCTION = re.compile(r"\b(?:\w+\.)?company_id = (?:\w+\.)?tenant\b")


def without_conditions(directory):
    """A copy of sql/queries without conditions; gives how many each file lost, by its name within."""
    shutil.copytree(QUERIES, directory)
    lost = {}
    for path in sorted(directory.rglob("*.sql")):
        original = QUERIES / path.relative_to(directory)
        text, count = CONDITION_OF_A_STATEMENT.subn("$1::int IS NOT NULL", original.read_text())
        lost[str(path.relative_to(directory))] = count
        path.write_text(text)
        # As old as before, so that what was made of the names alone is not made again.
        shutil.copystat(original, path)
    return lost


def build(directory):
    """The program with those statements: the released one's objects, but for that of the statements."""
    queries, objects = directory / "queries", directory / "build"
    lost = without_conditions(queries)
    shutil.copytree(release_program().parent, objects, symlinks=True)
    for made in ("queries.c", "libcustomers_a-queries.o", "queries.o", "libcustomers.a", "leap-customers"):
        (objects / made).unlink(missing_ok=True)
    statements = " ".join(map(str, sorted(queries.glob("*.sql"))))
    parts = " ".join(map(str, sorted((queries / "include").glob("*.sql"))))
    subprocess.run(
        ["make", "-C", objects, "ARFLAGS=cr", f"queries={statements}", f"queries_parts={parts}", "leap-customers"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True, timeout=300,
    )  # fmt: skip
    # The workers run as a user of their own, who must get there.
    for path in (directory, objects):
        path.chmod(0o755)
    return objects / "leap-customers", lost


def functions_with_conditions(instance):
    """Those that run as the API's role."""
    return instance.psql(
        r"""
        SELECT oid::regprocedure FROM pg_proc
        WHERE pronamespace = 'leap'::regnamespace AND prokind = 'f' AND NOT prosecdef
          AND has_function_privilege('leap_api', oid, 'EXECUTE') AND pg_get_functiondef(oid) ~ 'company_id\s*='
        """
    ).splitlines()


def strip_functions(instance):
    """Takes the conditions from the functions that run as the API's role; gives how many each lost."""
    lost = {}
    for function in functions_with_conditions(instance):
        source = instance.psql("SELECT pg_get_functiondef(:'function'::regprocedure)", function=function)
        stripped, lost[function] = CONDITION_OF_A_FUNCTION.subn("true", source)
        instance.psql(stripped + ";")
    return lost
