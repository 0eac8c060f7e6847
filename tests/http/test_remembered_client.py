"""What a worker remembers of a client from one read to the next counts only as long as it is so: each change is seen at once."""

import pytest

from conftest import Company
from documents import insert_account
from leap_instance import running

FIELDS = '{"shoe-size": "Nine", "crm-identifier": "CRM123"}'
MORE_THAN_ARE_REMEMBERED = 1001


@pytest.fixture(scope="module")
def one_worker():
    """An instance whose one worker for reads has always seen what was read before."""
    with running(INSTANCE_WORKERS="1", INSTANCE_CREATE_WORKERS="1") as made:
        yield made


class Remembered:
    """A company whose client and labels the worker knows: they have been used twice."""

    def __init__(self, instance):
        self.company = Company(instance)
        self.path = f"customers/{insert_account(self.company, additional_fields=FIELDS)}"
        assert self.labels() == self.labels() == ["CRM System Identifier", "Shoe Size"]

    def labels(self):
        fields = self.company.client.get(self.path).document.iterfind("{*}additional-fields/{*}field")
        return [field.get("label") for field in fields]


@pytest.fixture
def remembered(one_worker):
    return Remembered(one_worker)


def test_a_label_is_shown_as_it_is_now(remembered):
    remembered.company.dba("SELECT leap.define_field(:'company', 'shoe-size', 'Size of Shoes');")
    assert remembered.labels() == ["CRM System Identifier", "Size of Shoes"]


def test_a_field_is_known_as_soon_as_it_is_defined_and_no_longer_than_it_is(remembered):
    company, path = remembered.company, "customers/by-additional-field/new/x"
    assert company.client.get(path).code == "unknown-key"
    company.dba("SELECT leap.define_field(:'company', 'new', 'New');")
    assert company.client.get(path).status == 200
    company.dba("SELECT leap.remove_field(:'company', 'new');")
    assert company.client.get(path).code == "unknown-key"


def test_labels_of_a_statement_of_the_dba_s_own_count_too(remembered):
    remembered.company.dba("UPDATE leap.additional_field SET label = upper(label) WHERE key = 'shoe-size';")
    assert remembered.labels() == ["CRM System Identifier", "SHOE SIZE"]


def test_a_suspended_company_is_refused_until_it_is_active_again(remembered):
    company = remembered.company
    for status, answer in (("Suspended", 403), ("Active", 200), ("Suspended", 403)):
        company.dba("SELECT leap.set_company_status(:'company', :'status');", status=status)
        assert company.client.get(remembered.path).status == answer


@pytest.mark.parametrize("statement", [
    "SELECT leap.revoke_api_client(:'company', 'tests');",
    "SELECT leap.rotate_api_client(:'company', 'tests', interval '0');",
], ids=["revoked", "rotated"])  # fmt: skip
def test_a_client_is_refused_at_once(remembered, statement):
    remembered.company.dba(statement)
    assert remembered.company.client.get(remembered.path).code == "unauthenticated"


def test_a_wrong_secret_of_a_known_client_is_refused(remembered):
    company = remembered.company
    assert company.as_client("tests", company.secret[::-1]).get(remembered.path).code == "unauthenticated"
    assert company.client.get(remembered.path).status == 200


def test_a_permission_counts_at_once(remembered):
    """The body is not read, so that nothing but the permission decides."""
    company = remembered.company
    for permission, code in (("read-only", "not-permitted"), ("read-write", "malformed-xml"), ("read-only", "not-permitted")):
        company.dba("SELECT leap.set_api_client_permission(:'company', 'tests', :'to');", to=permission)
        assert company.client.put(remembered.path, b"<").code == code


def test_a_host_name_that_is_gone_is_unknown_at_once(remembered):
    company = remembered.company
    company.dba("SELECT leap.remove_hostname(:'company', :'host');", host=company.host)
    assert company.client.get(remembered.path).code == "unknown-host"


def test_a_host_name_that_moved_is_the_other_company_s_at_once(one_worker, remembered):
    company, other = remembered.company, Remembered(one_worker)
    company.dba("SELECT leap.remove_hostname(:'company', :'host');", host=company.host)
    other.company.dba("SELECT leap.add_hostname(:'company', :'host');", host=company.host)
    moved = one_worker.client(company.host, "tests", other.company.secret)
    assert moved.get(other.path).status == 200
    assert moved.get(remembered.path).code == "unknown-account"
    assert company.client.get(remembered.path).code == "unauthenticated"


def test_more_clients_than_are_remembered_are_served(remembered):
    """They all have the secret of the one that was made by the book."""
    company = remembered.company
    company.instance.psql(
        """
        INSERT INTO leap.api_client (company_id, client, secret_digest, permission)
        SELECT k.company_id, 'crowd-' || n, k.secret_digest, k.permission
        FROM leap.api_client k JOIN leap.company c USING (company_id), generate_series(1, :count) n
        WHERE c.company = :'company' AND k.client = 'tests';
        """,
        company=company.key, count=MORE_THAN_ARE_REMEMBERED,
    )  # fmt: skip
    for number in range(1, MORE_THAN_ARE_REMEMBERED + 1):
        with company.as_client(f"crowd-{number}", company.secret).kept_alive() as client:
            assert client.get(remembered.path).status == 200
    assert remembered.labels() == ["CRM System Identifier", "Shoe Size"]
