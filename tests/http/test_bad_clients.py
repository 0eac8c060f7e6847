"""Clients that leave, dawdle or lie about their bodies: they change nothing, and good clients are served as ever."""

import contextlib
import resource
import ssl
import time

import pytest

from documents import EMAIL, account, insert_account
from leap_client import basic
from leap_instance import wait_until
from soak import ROUNDS, write_round

pytestmark = [pytest.mark.alone, pytest.mark.repeat(ROUNDS)]

SLOW = 1000
READS = 30
GONE = "gone@example.net"


@pytest.fixture
def many_files():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 2 * SLOW)), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def head(company, *framing):
    """The head of a create, whose body is framed so."""
    lines = (
        "POST /api/v1/customers HTTP/1.1", f"Host: {company.host}", "Content-Type: application/xml",
        f"Authorization: {basic('tests', company.secret)}", "Connection: close", *framing, "", "",
    )  # fmt: skip
    return "\r\n".join(lines).encode()


def length(number):
    return f"Content-Length: {number}"


def chunks(body, size=100):
    """The body in chunks, without the empty one that ends them (RFC 9112, section 7.1)."""
    pieces = (body[place : place + size] for place in range(0, len(body), size))
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)


def leave_midway(company, begin, body):
    """Twenty times, further and further in the body; how often."""
    places = range(0, len(body), len(body) // 20)
    for sent in places:
        with company.client.open() as connection:
            connection.sendall(begin + body[:sent])
    return len(places)


def emails(company):
    return company.dba("SELECT email FROM leap.account JOIN leap.company USING (company_id) WHERE company = :'company'")


def assert_nothing_came_of(company, fault, lost):
    """Not later either: the second create is done when those before it are."""
    made = ["first@example.net", "second@example.net"]
    assert [company.client.post("customers", account({EMAIL: email})).status for email in made] == [201, 201]
    assert sorted(emails(company).splitlines()) == made
    write_round(fault, 2, lost)


def test_who_leaves_in_the_midst_of_a_body_changes_nothing(company):
    body = account({EMAIL: GONE})
    lost = leave_midway(company, head(company, length(len(body))), body)
    assert_nothing_came_of(company, "clients leave in mid-body", lost)


def test_who_leaves_in_the_midst_of_chunks_changes_nothing(company):
    """Even where all of the document has come, for want of the last chunk."""
    body = chunks(account({EMAIL: GONE}))
    begin = head(company, "Transfer-Encoding: chunked")
    lost = leave_midway(company, begin, body)
    with company.client.open() as connection:
        connection.sendall(begin + body)
    assert_nothing_came_of(company, "clients leave in the midst of chunks", lost + 1)


def test_who_leaves_before_the_answer_is_written_once(company):
    """The request had arrived whole, so it is carried out; its sender can find out."""
    body = account({EMAIL: GONE})
    with company.client.open() as connection:
        connection.sendall(head(company, length(len(body))) + body)
    wait_until(lambda: emails(company).splitlines() == [GONE])
    assert company.client.get(f"customers/by_email/original/{GONE}").status == 200
    write_round("clients leave before the answer", 1, lost=1)


def test_a_body_that_is_longer_than_it_claims_ends_where_it_claims(company):
    body = account({EMAIL: GONE})
    answer = company.client.exchange(head(company, length(len(body) - 20)) + body)
    assert answer.startswith(b"HTTP/1.1 400 ") and b'code="malformed-xml"' in answer
    assert_nothing_came_of(company, "bodies are longer than they claim", 0)


def seconds_of_reads(company, path):
    """By a good client, one after the other."""
    begun = time.monotonic()
    with company.client.kept_alive() as good:
        assert [good.get(path).status for _ in range(READS)] == [200] * READS
    return time.monotonic() - begun


def test_a_thousand_slow_connections_keep_no_good_client_waiting(company, many_files):
    path = f"customers/{insert_account(company)}"
    alone = seconds_of_reads(company, path)
    with contextlib.ExitStack() as slow:
        connections = [slow.enter_context(company.client.open()) for _ in range(SLOW)]
        for number, connection in enumerate(connections):
            # Some begin a body, fewer than the limit for an address stops.
            begun = head(company, length(1000)) + b"<account>" if number % 10 == 0 else b"GET /api/v1/customers HTTP/1.1\r\nHost"
            connection.sendall(begun)
            connection.setblocking(False)
        # One of them that held up a worker would do so for seconds.
        assert seconds_of_reads(company, path) < alone + 1
        assert company.client.post("customers", account({EMAIL: "good@example.net"})).status == 201
        for connection in connections:
            with pytest.raises(ssl.SSLWantReadError):  # nothing to read yet: it is still waited for
                connection.recv(1)
    assert len(emails(company).splitlines()) == 2
    write_round("a thousand connections are slow", READS + 1)
