"""
PgBouncer in transaction mode between workers and PostgreSQL, and statements that are not prepared: every operation works, and
no company sees another's accounts in a session that both use in turn.
"""

from concurrent.futures import ThreadPoolExecutor

import pytest

from conftest import Company
from documents import insert_account
from leap_instance import running_behind
from operations import BODIES, READS, parts
from pooler import Pooler

SESSIONS = 2
WORKERS = 4
ROUNDS = 25


@pytest.fixture(scope="module")
def pooled():
    """More workers than sessions."""
    with running_behind(
        lambda made: Pooler(made, SESSIONS), INSTANCE_WORKERS=str(WORKERS), LEAP_PREPARED="off"
    ) as (made, _):
        yield made


@pytest.fixture
def company(pooled):
    made = Company(pooled)
    made.account = insert_account(made, extid="known", additional_fields='{"shoe-size": "Nine"}')
    return made


@pytest.mark.parametrize("name", READS)
def test_each_read_works_again_and_again(company, name):
    for _ in range(WORKERS):
        response = company.client.get(READS[name].format(company.account))
        assert response.status == 200, response.body


@pytest.mark.parametrize("name", BODIES)
def test_each_operation_with_a_body_works(company, name):
    response = company.client.request(*parts(name, company.account))
    assert response.status == BODIES[name][-1], response.body


def test_companies_that_share_sessions_see_their_own_accounts_alone(pooled):
    companies = [Company(pooled) for _ in range(WORKERS)]
    for made in companies:
        made.account = insert_account(made)

    def read(made):
        for _ in range(ROUNDS):
            listed = [one.get("identifier") for one in made.client.get("customers").document]
            assert listed == [made.account]

    with ThreadPoolExecutor(len(companies)) as pool:
        list(pool.map(read, companies))
    sessions = pooled.psql("SELECT count(*) FROM pg_stat_activity WHERE usename = 'leap_api';")
    assert 1 <= int(sessions) <= SESSIONS
