"""Fixtures: one instance of the whole service for the session, a company of its own for each test.

INSTANCE_PROGRAM names the program (var/build/leap-customers, as the quickstart builds it), LEAP_TEST_WEB the web server:
nginx or apache.
"""

import itertools

import pytest

pytest.register_assert_rewrite("web_server")

import release_build
from leap_instance import DOMAIN, running
from web_differences import EXPECTED
from web_server import Site

collect_ignore = EXPECTED.other_modules


def pytest_configure(config):
    config.addinivalue_line("markers", "alone: it measures or loads the service, so nothing may run beside it")


def pytest_sessionfinish():
    release_build.remove()


_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def instance():
    # More than the one that a small machine gets, so that creates meet.
    with running(INSTANCE_CREATE_WORKERS="3") as made:
        yield made


class Company:
    """A company at COMPANY.leap.localhost with a community, additional fields and an API client."""

    def __init__(self, instance):
        self.instance = instance
        self.key = f"company-{next(_numbers)}"
        self.host = f"{self.key}.{DOMAIN}"
        self.secret = self.dba(
            """
            SELECT leap.create_company(:'company', 'A Company', :'host') \\g /dev/null
            SELECT leap.create_community(:'company', 'original') \\g /dev/null
            SELECT leap.define_field(:'company', 'crm-identifier', 'CRM System Identifier') \\g /dev/null
            SELECT leap.define_field(:'company', 'shoe-size', 'Shoe Size') \\g /dev/null
            SELECT leap.set_password_score(:'company', 0) \\g /dev/null
            SELECT leap.create_api_client(:'company', 'tests');
            """,
            host=self.host,
        )
        self.client = self.as_client("tests", self.secret)
        self.anonymous = self.as_client(None, None)

    def dba(self, sql, **variables):
        """Runs a statement as the DBA; :'company' is the company's key."""
        return self.instance.dba(sql, company=self.key, **variables)

    def as_client(self, name, secret):
        return self.instance.client(self.host, name, secret)


@pytest.fixture(scope="session")
def make_company(instance):
    return lambda: Company(instance)


@pytest.fixture
def company(make_company):
    return make_company()


@pytest.fixture(scope="module")
def shared_company(instance):
    """For tests that only have requests refused, which leaves nothing behind."""
    return Company(instance)


@pytest.fixture(scope="module")
def site():
    """A web server alone, for each module of tests of it."""
    made = Site()
    yield made
    made.close()
