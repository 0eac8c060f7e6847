"""The program's own table of operations, as cgi/route.c has it."""

import re
import types

from leap_instance import SOURCE


def routes():
    """Each row: method, path and the names of its query's parameters."""
    rows = re.findall(r'\{"[a-z]+", "([A-Z]+)", "([^"]+)", "([^"]*)",', (SOURCE / "cgi" / "route.c").read_text())
    return [types.SimpleNamespace(method=method, path=path, query=query.split()) for method, path, query in rows]
