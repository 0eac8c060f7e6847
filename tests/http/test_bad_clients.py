"""Clients that leave, dawdle or lie about their bodies: they change nothing, and good clients are served as ever."""

import contextlib
import resource

import pytest

from documents import EMAIL, account, insert_account
from leap_client import basic
from leap_instance import wait_until

pytestmark = pytest.mark.alone

SLOW = 1000
REQUESTS = 30
GONE = "gone@example.net"


@pytest.fixture
def many_files():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 2 * SLOW)), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def head(company, length):
    """The head of a create, whose body is to have this length."""
    return (
        f"POST /api/v1/customers HTTP/1.1\r\nHost: {company.host}\r\nContent-Type: application/xml\r\n"
        f"Authorization: {basic('tests', company.secret)}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    ).encode()


def emails(company):
    return company.dba("SELECT email FROM leap.account JOIN leap.company USING (company_id) WHERE company = :'company'")


def test_who_leaves_in_the_midst_of_a_body_changes_nothing(company):
    body = account({EMAIL: GONE})
    for sent in range(0, len(body), len(body) // 20):
        with company.client.open() as connection:
            connection.sendall(head(company, len(body)) + body[:sent])
    identifier = insert_account(company)
    assert company.client.get(f"customers/{identifier}").status == 200
    assert GONE not in emails(company)


def test_who_leaves_before_the_answer_is_written_once(company):
    """The request had arrived whole, so it is carried out; its sender can find out."""
    body = account({EMAIL: GONE})
    with company.client.open() as connection:
        connection.sendall(head(company, len(body)) + body)
    wait_until(lambda: emails(company).splitlines() == [GONE])
    assert company.client.get(f"customers/by_email/original/{GONE}").status == 200


def test_a_body_that_is_longer_than_it_claims_ends_where_it_claims(company):
    body = account({EMAIL: GONE})
    answer = company.client.exchange(head(company, len(body) - 20) + body)
    assert answer.startswith(b"HTTP/1.1 400 ") and b'code="malformed-xml"' in answer
    assert GONE not in emails(company)


def test_a_thousand_slow_connections_keep_no_good_client_waiting(company, many_files):
    identifier = insert_account(company)
    with contextlib.ExitStack() as slow:
        connections = [slow.enter_context(company.client.open()) for _ in range(SLOW)]
        for number, connection in enumerate(connections):
            # Some begin a body, fewer than the limit for an address stops.
            begun = head(company, 1000) + b"<account>" if number % 10 == 0 else b"GET /api/v1/customers HTTP/1.1\r\nHost"
            connection.sendall(begun)
            connection.setblocking(False)
        with company.client.kept_alive() as good:
            replies = [good.get(f"customers/{identifier}") for _ in range(REQUESTS)]
            assert [reply.status for reply in replies] == [200] * REQUESTS
            assert good.post("customers", account({EMAIL: "good@example.net"})).status == 201
        for connection in connections:
            with pytest.raises(OSError):  # nothing to read yet: it is still waited for
                connection.recv(1)
    assert len(emails(company).splitlines()) == 2
