"""
The flag, unacked-since: which changes raise it and list an account as acked=false, whoever makes them, and what is no change.
Updates through the API have tests of their own.
"""

import pytest

from documents import insert_account

CHANGES = [
    "email = 'new@example.net'", "given_name = 'New'", "family_name = 'New'", "additional_names = 'New'",
    "honorific_prefixes = 'Ms.'", "bday = '1975-01-01'", "gender = 'MALE'", "nationality = 'AU'", "tel_pref = '1'",
    "tel_voice = '1'", "additional_fields = '{\"shoe-size\": \"Ten\"}'", "additional_fields = '{}'",
    "communities = '{original,second}'", "account_status = 'Inactive'",
    *(f"{use}_{part}" for use in ("residential", "billing") for part in (
        "street_address = '1 New St'", "region = 'New'", "postal_code = '1'", "country = 'NZ'")),
]  # fmt: skip
OTHER_TABLES = [
    "UPDATE leap.account_community SET community = 'second' WHERE identifier = :n",
    "INSERT INTO leap.account_community SELECT company_id, identifier, 'second' FROM leap.account WHERE identifier = :n",
    "SELECT leap.set_account_status(:'company', :n, 'Inactive')",
]
NO_CHANGES = [
    "UPDATE leap.account SET given_name = given_name, additional_fields = additional_fields WHERE identifier = :n",
    "UPDATE leap.account SET communities = '{original,original}' WHERE identifier = :n",
    "UPDATE leap.account SET extid = 'New' WHERE identifier = :n",
    "UPDATE leap.account SET extid = NULL WHERE identifier = :n",
    "UPDATE leap.account SET unacked_since = NULL WHERE identifier = :n",
    "UPDATE leap.account SET version = 7, creation_time = '2001-01-01' WHERE identifier = :n",
    "INSERT INTO leap.account_comment (company_id, account_identifier, author, comment)"
    " SELECT company_id, identifier, 'dba', 'A comment.' FROM leap.account WHERE identifier = :n",
    "SELECT leap.set_password_hash(:'company', :n, '$scrypt$ln=14,r=8,p=5$c2FsdA$aGFzaA')",
    "INSERT INTO leap.property_relationship (company_id, identifier, account_identifier, unacked_since)"
    " SELECT company_id, 1, identifier, now() FROM leap.account WHERE identifier = :n",
    "SELECT leap.define_field(:'company', 'shoe-size', 'A new label')",
    "SELECT leap.set_account_status(:'company', :n, 'Active')",
    "BEGIN; UPDATE leap.account SET given_name = 'New' WHERE identifier = :n; ROLLBACK",
]


@pytest.fixture
def acknowledged(company):
    """The identifier of an account with nothing to acknowledge."""
    company.dba("SELECT leap.create_community(:'company', 'second')")
    identifier = insert_account(company, extid="CRM-1", additional_fields='{"shoe-size": "Nine"}')
    body = f"<acknowledgements><acknowledgement>{identifier}</acknowledgement></acknowledgements>".encode()
    assert company.client.post("customers/acked", body).status == 204
    return identifier


def listed(company, acked):
    return company.client.get(f"customers?acked={acked}").document


def assert_raised(company, identifier):
    """The version counts from 1; the time is that of the change, later than the creation."""
    (account,) = listed(company, "false")
    assert (account.get("identifier"), account.get("version")) == (identifier, "2")
    assert account.get("unacked-since") > account.findtext("creation-time")
    assert len(listed(company, "true")) == 0


def assert_not_raised(company, identifier):
    (account,) = listed(company, "true")
    assert (account.get("identifier"), account.get("version"), account.get("unacked-since")) == (identifier, "1", None)
    assert len(listed(company, "false")) == 0


def test_creation_is_a_change(company):
    insert_account(company)
    (account,) = listed(company, "false")
    assert (account.get("unacked-since"), account.get("version")) == (account.findtext("creation-time"), "1")


@pytest.mark.parametrize("assignment", CHANGES)
def test_a_dbas_update_is_a_change(company, acknowledged, assignment):
    company.dba(f"UPDATE leap.account SET {assignment} WHERE identifier = :n", n=acknowledged)
    assert_raised(company, acknowledged)


@pytest.mark.parametrize("statement", OTHER_TABLES)
def test_a_change_of_communities_or_status_elsewhere_is_one_too(company, acknowledged, statement):
    company.dba(statement, n=acknowledged)
    assert_raised(company, acknowledged)


@pytest.mark.parametrize("statement", NO_CHANGES)
def test_what_is_no_change_raises_neither_flag_nor_version(company, acknowledged, statement):
    company.dba(statement, n=acknowledged)
    assert_not_raised(company, acknowledged)


@pytest.mark.parametrize("path, body, status", [
    ("customers/{}/extid", b"extid=New", 200),
    ("customers/{}/comments", b"<customer-update><comment>A comment.</comment></customer-update>", 201),
    ("customers/external/acked", b"<acknowledgements><acknowledgement>CRM-1</acknowledgement></acknowledgements>", 204),
])  # fmt: skip
def test_extids_comments_and_acknowledgements_are_no_changes(company, acknowledged, path, body, status):
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if path.endswith("/extid") else {}
    assert company.client.post(path.format(acknowledged), body, headers).status == status
    assert_not_raised(company, acknowledged)


def test_removing_the_extid_is_no_change(company, acknowledged):
    assert company.client.delete(f"customers/{acknowledged}/extid").status == 204
    assert_not_raised(company, acknowledged)


def test_the_flag_tells_the_first_change_since_the_acknowledgement(company, acknowledged):
    seen = []
    for name in ("First", "Second"):
        company.dba("UPDATE leap.account SET given_name = :'name' WHERE identifier = :n", name=name, n=acknowledged)
        (account,) = listed(company, "false")
        seen.append((account.get("unacked-since"), account.get("version")))
    assert [version for _, version in seen] == ["2", "3"]
    assert seen[0][0] == seen[1][0]


def test_two_changes_in_one_transaction_are_one_version(company, acknowledged):
    company.dba("BEGIN; UPDATE leap.account SET given_name = 'A' WHERE identifier = :n;"
                " UPDATE leap.account SET given_name = 'B' WHERE identifier = :n; COMMIT", n=acknowledged)  # fmt: skip
    assert_raised(company, acknowledged)
