"""The man pages: well-formed, and with every option, variable, command, operation and code that there is."""

import ctypes
import re
import subprocess

import pytest

from leap_instance import SOURCE

PAGES = sorted((SOURCE / "man").iterdir())


def page(name):
    return (SOURCE / "man" / name).read_text()


def items(text, macro):
    """The heads of a page's lists: what follows .It and this macro, without further macros."""
    found = re.findall(rf"^\.It {macro} (.*)$", text, re.MULTILINE)
    return [re.sub(r"\b(Ar|Fl|Cm|Op) ", "", item) for item in found]


def help_of(program):
    return subprocess.run([program, "--help"], capture_output=True, text=True, check=True, timeout=60).stdout


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_page_is_well_formed(path):
    done = subprocess.run(["mandoc", "-T", "lint", path], capture_output=True, text=True, timeout=60)
    # Which pages of others are installed is the machine's affair.
    others = re.compile(r"referenced manual not found|outdated mandoc\.db")
    assert [line for line in done.stdout.splitlines() + done.stderr.splitlines() if not others.search(line)] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_page_refers_to_pages_that_are_there(path):
    referred = {f"{name}.{section}" for name, section in re.findall(r"^\.Xr (\S+) (\d)", path.read_text(), re.MULTILINE)}
    assert {name for name in referred if name.startswith("leap-")} <= {page.name for page in PAGES}
    assert path.name not in referred


def test_the_program_s_page_has_its_options(instance):
    options = re.findall(r"^  --(\S+(?: [A-Z]+)?)  ", help_of(instance.environment["INSTANCE_PROGRAM"]), re.MULTILINE)
    assert len(options) >= 4
    assert items(page("leap-customers.8"), "Fl Fl") == [option.lower() for option in options]


def test_leap_admin_s_page_has_its_commands_and_their_arguments():
    commands = re.findall(r"^  ([a-z].*)$", help_of(SOURCE / "admin" / "leap-admin"), re.MULTILINE)
    documented = items(page("leap-admin.8"), "Cm")
    assert len(commands) >= 23
    assert sorted(documented) == sorted(re.sub(r"[][]", "", command) for command in commands)


def test_leap_admin_s_page_tells_optional_arguments():
    help_text = help_of(SOURCE / "admin" / "leap-admin")
    optional = re.findall(r"\[([A-Z]+)", help_text.split("Commands:")[1])
    assert sorted(re.findall(r"Op Ar ([A-Z]+)", page("leap-admin.8"))) == sorted(optional)


def variables():
    """All that the page of the environment describes."""
    heads = " ".join(re.findall(r"^\.It Ev (.*)$", page("leap-ws.conf.5"), re.MULTILINE))
    return set(re.findall(r"[A-Z_]+", heads))


def test_the_environment_s_page_has_the_program_s_variables(instance):
    sources = "".join(path.read_text() for folder in ("cgi", "common") for path in (SOURCE / folder).glob("*.c"))
    read = set(re.findall(r'"(LEAP_[A-Z_]+)"', sources)) & set(re.findall(r"\bLEAP_\w+", sources))
    told = set(re.findall(r"^  (LEAP_\w+)", help_of(instance.environment["INSTANCE_PROGRAM"]), re.MULTILINE))
    counts = set(re.findall(r"\(setting (LEAP_\w+)", (SOURCE / "systemd" / "leap-ws-generator").read_text()))
    documented = {name for name in variables() if name.startswith("LEAP_")}
    assert counts and documented == told | counts
    assert documented <= read | counts


class Option(ctypes.Structure):
    """PQconninfoOption of libpq-fe.h."""

    _fields_ = [(name, ctypes.c_char_p) for name in ("keyword", "envvar", "compiled", "val", "label", "dispchar")]
    _fields_ += [("dispsize", ctypes.c_int)]


def libpq_variables():
    libpq = ctypes.CDLL("libpq.so.5")
    libpq.PQconndefaults.restype = ctypes.POINTER(Option)
    options = libpq.PQconndefaults()
    names = set()
    place = 0
    while options[place].keyword:
        if options[place].envvar:
            names.add(options[place].envvar.decode())
        place += 1
    return names


def test_the_environment_s_page_has_libpq_s_variables():
    assert len(libpq_variables()) >= 25
    # Settings of the session and places of files are none of these.
    others = {"PGTZ", "PGDATESTYLE", "PGGEQO", "PGLOCALEDIR", "PGSERVICEFILE", "PGSYSCONFDIR"}
    assert libpq_variables() | others == {name for name in variables() if name.startswith("PG")}


def test_the_api_s_page_has_its_operations():
    source = (SOURCE / "cgi" / "route.c").read_text()
    routes = {f"{method} {path}" for method, path in re.findall(r'^ +\{"\w+", "([A-Z]+)", "([^"]+)"', source, re.MULTILINE)}
    # The page says once what customers/extid/{extid} stands for.
    routes = {route for route in routes if " customers/extid/" not in route}
    documented = {item for item in items(page("leap-ws.7"), "Li") if re.match("[A-Z]+ ", item)}
    assert len(routes) >= 15
    assert documented == routes


def test_the_api_s_page_has_its_codes():
    of_program = set(re.findall(r'^ +\[ERROR_\w+\] = \{"([a-z-]+)"', (SOURCE / "cgi" / "refusal.c").read_text(), re.MULTILINE))
    site = (SOURCE / "nginx" / "leap-ws.conf").read_text()
    of_server = set(re.findall(r"^ +\d{3} ([a-z-]+);$", site, re.MULTILINE))
    documented = {item for item in items(page("leap-ws.7"), "Li") if re.fullmatch("[a-z-]+", item)}
    assert len(of_program) >= 20 and len(of_server) >= 10
    assert documented == of_program | of_server
