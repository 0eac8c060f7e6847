"""A client whose classes are generated from the XML Schema creates, reads and changes accounts through them."""

import importlib
import subprocess
import sys

import pytest
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.serializers import XmlSerializer

from leap_client import SCHEMA

XML = {"Content-Type": "application/xml"}


@pytest.fixture(scope="module")
def leap(tmp_path_factory):
    """The generated module."""
    directory = tmp_path_factory.mktemp("generated")
    command = ["xsdata", "generate", "--package", "leap_ws_v1", "--structure-style", "single-package", SCHEMA]
    done = subprocess.run(
        command, cwd=directory, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout
    sys.path.insert(0, str(directory))
    try:
        return importlib.import_module("leap_ws_v1")
    finally:
        sys.path.remove(str(directory))


def body(document):
    return XmlSerializer().render(document).encode()


def parse(reply, kind):
    assert reply.document is not None
    return XmlParser().from_bytes(reply.body, kind)


def joseph(leap):
    return leap.Account(
        extid="CRM-1234",
        owner=leap.Owner(
            name=leap.Name(family_name="Banks", given_name="Joseph"),
            bday="1974-09-08",
            nationality=leap.Country(code="US"),
            email="joe@example.net",
            password="newpassword",
            tel=[leap.Tel("(704) 451 3434", leap.TelType.PREF), leap.Tel("555", leap.TelType.VOICE)],
            residential_address=leap.Address(street_address="1 A Street", country_name=leap.Country(code="US")),
        ),
        additional_fields=leap.AdditionalFields([leap.AdditionalField("Nine", "shoe-size")]),
        communities=leap.Communities(["original"]),
    )


@pytest.fixture
def path(company, leap):
    """The path of an account that was created through the classes."""
    reply = company.client.post("customers", body(joseph(leap)), XML)
    assert reply.status == 201, reply.body
    created = parse(reply, leap.Ref)
    assert (created.extid, created.version) == ("CRM-1234", 1)
    assert created.ref.endswith(f"/api/v1/customers/{created.identifier}")
    return f"customers/{created.identifier}"


def read(company, leap, path):
    return parse(company.client.get(path), leap.Account)


def test_an_account_is_created_and_read(company, leap, path):
    account = read(company, leap, path)
    sent = joseph(leap)
    assert (account.account_status, account.owner.full_name) == ("Active", "Joseph Banks")
    assert account.unacked_since == account.creation_time
    assert account.owner.name == sent.owner.name
    assert account.owner.tel == sent.owner.tel
    assert account.owner.residential_address == sent.owner.residential_address
    assert [field.label for field in account.additional_fields.field_value] == ["Shoe Size"]
    assert account.communities == sent.communities
    assert account.owner.password is None


def test_what_was_read_is_changed_and_put_back(company, leap, path):
    account = read(company, leap, path)
    account.owner.name.given_name = "Jo"
    account.owner.tel[1].value = ""
    account.owner.residential_address.street_address = "2 B Street"
    reply = company.client.put(path, body(account), XML)
    assert (reply.status, reply.reason) == (201, "Updated"), reply.body
    assert parse(reply, leap.Ref).version == 2
    changed = read(company, leap, path)
    assert changed.owner.full_name == "Jo Banks"
    assert [each.type for each in changed.owner.tel] == [leap.TelType.PREF]
    assert changed.owner.residential_address == account.owner.residential_address


def test_what_was_read_and_is_put_back_changes_nothing(company, leap, path):
    account = read(company, leap, path)
    assert company.client.put(path, body(account), XML).status == 201
    assert read(company, leap, path) == account


def test_the_other_requests_and_a_list(company, leap, path):
    login = leap.ChangeLogin("new@example.net")
    assert company.client.put(f"{path}/change-login", body(login), XML).status == 201
    comment = leap.CustomerUpdate("Called back.")
    assert company.client.post(f"{path}/comments", body(comment), XML).status == 201
    seen = leap.Acknowledgements([leap.Acknowledgement("CRM-1234", 2)])
    assert company.client.post("customers/external/acked", body(seen), XML).status == 204
    accounts = parse(company.client.get("customers?acked=true"), leap.Accounts).account
    assert [account.owner.email for account in accounts] == ["new@example.net"]


def test_field_errors_are_read(company, leap):
    account = joseph(leap)
    account.owner.name.given_name = ""
    account.owner.password = "password"
    error = parse(company.client.post("customers", body(account), XML), leap.Error)
    assert error.code == "validation"
    assert [(field.xpath, field.errorhint) for field in error.field_errors.field_value] == [
        ("/account/owner/name/given-name", leap.Errorhint.REQUIRED),
        ("/account/owner/password", leap.Errorhint.WEAK),
    ]
