"""
Row level security holds by itself: with a program and functions that have lost every condition on the company, a company still
reads, finds and changes nothing of another.
"""

import contextlib
import pathlib
import re
import tempfile
from urllib.parse import quote

import pytest

from conftest import Company
from leap_instance import Instance
from tenants import METHODS, TABLES, Tenants, differences
from test_tenants import PATHS
from unconditional import PROVES, QUERIES, build, functions_with_conditions, strip_functions


@pytest.fixture(scope="module")
def built():
    with tempfile.TemporaryDirectory(prefix="leap-ws-unconditional-", dir="/tmp") as directory:
        yield build(pathlib.Path(directory))


@pytest.fixture(scope="module")
def unwalled(built):
    """An instance of that program, as .instance, with two companies; .lost is what the functions lost."""
    instance = Instance(built[0])
    try:
        instance.run("start-database")
        instance.run("deploy")
        lost = strip_functions(instance)
        instance.run("start-workers")
        instance.start_web()
        tenants = Tenants(lambda: Company(instance))
        tenants.instance, tenants.lost = instance, lost
        yield tenants
    finally:
        instance.close()


def test_each_statement_has_lost_its_conditions(built):
    """None is left, and there was one in each file whose statement looks at company data itself."""
    _, lost = built
    for path in QUERIES.rglob("*.sql"):
        name = str(path.relative_to(QUERIES))
        conditions = re.findall(r"company_id\s*=", re.sub("--.*", "", path.read_text()))
        assert lost[name] == (0 if name in PROVES else len(conditions)), name
    assert sum(count > 0 for count in lost.values()) == 17


def test_each_function_has_lost_its_conditions(unwalled):
    assert functions_with_conditions(unwalled.instance) == []
    assert len(unwalled.lost) >= 10 and all(unwalled.lost.values())


def all_differences(tenants):
    return [(method, path, *each) for path in PATHS for method in METHODS for each in differences(tenants, method, path)[1]]


def test_what_is_another_company_s_still_does_not_exist(unwalled):
    """The statements prepare, or nothing would be answered: the matrix has each of them succeed."""
    assert all_differences(unwalled) == []
    assert unwalled.is_untouched()


@pytest.mark.parametrize("path", [
    "customers", "customers?acked=false", "customers?acked=true", "customers?changed-after=", "customers?after=0",
    "customers/by-additional-field/our-field/alien+value", "customers/by_email/our-community/alien@example.net",
])  # fmt: skip
def test_lists_show_one_s_own_accounts_alone(unwalled, path):
    theirs = unwalled.instance.psql("SELECT identifier FROM leap.account a JOIN leap.company c USING (company_id) "
                                    "WHERE c.company = :'company';", company=unwalled.theirs.key).split()  # fmt: skip
    listed = {account.get("identifier") for account in unwalled.ours.client.get(path).document}
    assert len(theirs) >= 2 and not listed & set(theirs)


@contextlib.contextmanager
def without_policies(tenants, *tables):
    def alter(how):
        """What the workers remember of field labels is read anew, with the other policies."""
        tenants.instance.psql(
            "".join(f"ALTER TABLE leap.{table} {how} ROW LEVEL SECURITY;" for table in tables)
            + "UPDATE leap.api_client SET access_epoch = DEFAULT;"
        )

    alter("DISABLE")
    try:
        yield
    finally:
        alter("ENABLE")


@pytest.mark.parametrize("tables, path", [
    ("account", "customers"), ("account", "customers/{account}"), ("account", "customers/extid/{extid}"),
    ("account account_comment", "customers/{account}/comments"),
    ("additional_field", "customers/by-additional-field/{field}/x"),
    ("community", "customers/by_email/{community}/x@example.net"),
])  # fmt: skip
def test_without_the_policies_the_other_company_s_is_shown(unwalled, tables, path):
    """So that it is they that hold above, and the tests would see it if they did not."""
    names = {name: quote(value, safe="") for name, value in vars(unwalled.theirs).items() if isinstance(value, str)}

    def is_shown():
        reply = unwalled.ours.client.get(path.format(**names))
        return unwalled.theirs.account in reply.body.decode() if path == "customers" else reply.status == 200

    assert not is_shown()
    with without_policies(unwalled, *tables.split()):
        assert is_shown()
    assert not is_shown()


@pytest.mark.parametrize("method, path, what, changes", [
    ("PUT", "customers/{identifier}", "path's identifier", True),
    ("PUT", "customers/extid/{extid}/change-login", "path's extid", True),
    ("DELETE", "customers/{identifier}/extid", "path's identifier", True),
    ("POST", "customers/acked", "body's name", True),
    # Here keys of the tables are in the way of a change.
    ("POST", "customers/{identifier}/extid", "path's identifier", False),
    ("POST", "customers/{identifier}/comments", "header Idempotency-Key", False),
])  # fmt: skip
def test_without_the_policies_the_other_company_s_is_told_from_nothing(unwalled, method, path, what, changes):
    unwalled.take_stock()
    with without_policies(unwalled, *TABLES):
        _, found = differences(unwalled, method, path)
    assert what in [each[0] for each in found]
    assert unwalled.is_untouched() == (not changes)
