"""
How many round trips to PostgreSQL each operation takes: one for each read and list, two and COMMIT for each with a body. And
what a worker remembers of a client, so that it is no more, holds no longer than it is true.
"""

import pytest

from conftest import Company
from documents import insert_account
from leap_instance import running_behind
from operations import BODIES, READS, UPDATE, XML, parts
from statement_relay import Relay


@pytest.fixture(scope="module")
def relayed():
    """An instance with one worker of each kind, and the relay between them and PostgreSQL."""
    with running_behind(Relay, INSTANCE_WORKERS="1", INSTANCE_CREATE_WORKERS="1") as (made, relay):
        made.relay = relay
        yield made


@pytest.fixture
def known(relayed):
    """A company whose client has read before, and an account with an external identifier."""
    company = Company(relayed)
    company.account = insert_account(company, extid="known", additional_fields='{"shoe-size": "Nine"}')
    assert company.client.get(f"customers/{company.account}").status == 200
    relayed.relay.take()
    return company


def read(company, path="customers/{}"):
    """The reply, and the round trips that it took."""
    response = company.client.get(path.format(company.account))
    return response, company.instance.relay.take()


@pytest.mark.parametrize("name", READS)
def test_each_read_and_list_takes_one_round_trip(known, name):
    response, round_trips = read(known, READS[name])
    assert response.status == 200
    assert [statements[:2] + statements[-1:] for statements in round_trips] == [["begin_read", "enter_again", "commit"]]


def test_a_read_sends_no_more_than_it_needs(known):
    assert read(known)[1] == [["begin_read", "enter_again", "show", "commit"]]


def test_the_first_read_of_a_client_takes_one_round_trip_too(relayed):
    company = Company(relayed)
    company.account = insert_account(company)
    relayed.relay.take()
    response, round_trips = read(company)
    # The host name is asked for once.
    assert response.status == 200
    assert round_trips == [["begin_read", "resolve", "commit"], ["begin_read", "enter", "show", "field_labels", "commit"]]


def assert_two_and_commit(round_trips):
    first, second, third = round_trips
    assert first[0] == "begin_read" and first[-1] == "commit"
    assert second[:2] == ["begin_write", "enter"] and "commit" not in second
    assert third == ["commit"]


@pytest.mark.parametrize("name", BODIES)
def test_each_operation_with_a_body_takes_two_and_commit(known, name):
    method, target, body, headers = parts(name, known.account)
    known.client.request(method, target, b"<", headers)  # both kinds of worker are connected, and know the client
    known.instance.relay.take()
    response = known.client.request(method, target, body, headers)
    assert response.status == BODIES[name][-1], response.body
    assert_two_and_commit(known.instance.relay.take())


def test_removing_an_external_identifier_takes_as_many(known):
    assert known.client.delete(f"customers/{known.account}/extid").status == 204
    assert_two_and_commit(known.instance.relay.take())


# What is remembered


def labels(response):
    return [field.get("label") for field in response.document.iter("field")]


CHANGES = {
    "another label": "SELECT leap.define_field(:'company', 'shoe-size', 'Size of Shoes');",
    "another field": "SELECT leap.define_field(:'company', 'another', 'Another');",
    "a field less": "SELECT leap.remove_field(:'company', 'crm-identifier');",
    "another host name": "SELECT leap.add_hostname(:'company', :'company' || '.example.net');",
    "a label by plain SQL": """
        UPDATE leap.additional_field SET label = 'Size of Shoes'
        WHERE company_id = (SELECT company_id FROM leap.company WHERE company = :'company') AND key = 'shoe-size';""",
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_changes_is_read_anew_and_then_remembered(known, name):
    known.dba(CHANGES[name])
    response, round_trips = read(known)
    assert labels(response) == ["Size of Shoes" if "label" in name else "Shoe Size"]
    assert [statements[1] for statements in round_trips] == ["enter_again", "enter"]
    assert len(read(known)[1]) == 1


REFUSALS = {
    "revoked": ("SELECT leap.revoke_api_client(:'company', 'tests');", 401),
    "rotated": ("SELECT leap.rotate_api_client(:'company', 'tests', '0 s');", 401),
    "expired": (
        """UPDATE leap.api_client SET expires = now()
        WHERE company_id = (SELECT company_id FROM leap.company WHERE company = :'company');""", 401,
    ),
    "suspended": ("SELECT leap.set_company_status(:'company', 'Suspended');", 403),
    "without host name": (
        "SELECT leap.add_hostname(:'company', :'company' || '.example.org'), leap.remove_hostname(:'company', :'host');", 404,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSALS)
def test_who_may_no_longer_is_refused_at_once(known, name):
    sql, status = REFUSALS[name]
    known.dba(sql, host=known.host)
    assert read(known)[0].status == status
    assert read(known, "customers")[0].status == status


def test_a_suspended_company_is_served_again_at_once(known):
    for status in ("Suspended", "Active"):
        known.dba("SELECT leap.set_company_status(:'company', :'status');", status=status)
        assert read(known)[0].status == {"Suspended": 403, "Active": 200}[status]


def test_a_permission_counts_at_once(known):
    known.dba("SELECT leap.set_api_client_permission(:'company', 'tests', 'read-only');")
    assert read(known)[0].status == 200
    assert known.client.put(f"customers/{known.account}", UPDATE, XML).status == 403


def test_a_wrong_secret_of_a_known_client_is_refused(known):
    wrong = known.as_client("tests", known.secret[::-1])
    assert wrong.get(f"customers/{known.account}").status == 401
    known.instance.relay.take()
    assert len(read(known)[1]) == 1


def test_a_host_name_that_moves_takes_no_client_along(known):
    other = Company(known.instance)
    known.dba("SELECT leap.remove_hostname(:'company', :'host');", host=known.host)
    other.dba("SELECT leap.add_hostname(:'company', :'host');", host=known.host)
    assert read(known)[0].status == 401
    there = known.instance.client(known.host, "tests", other.secret)
    assert there.get(f"customers/{known.account}").status == 404
