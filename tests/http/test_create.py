"""POST customers: what a create replies, what it keeps, and what is already used by another account."""

import datetime
import re

import pytest
from lxml import etree

from documents import (
    BDAY, BILLING, COMMUNITY, COMPLETE, CRM_IDENTIFIER, EMAIL, EXTID, GENDER, GIVEN_NAME, FAMILY_NAME, PASSWORD,
    REQUIRED, RESIDENTIAL, SHOE_SIZE, account, assert_invalid, build, insert_account, personal_values, values,
)  # fmt: skip
from leap_client import BASE, NAMESPACE

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000")

# The document's own sample, as it stands.
SAMPLE = b"""<account>
    <owner>
        <email>joe@example.net</email>
        <password>newpassword</password>
        <name>
            <family-name>Banks</family-name>
            <given-name>Joseph</given-name>
            <additional-names>A</additional-names>
            <honorific-prefixes>Mr.</honorific-prefixes>
        </name>
        <bday>1974-09-08</bday>
        <gender>MALE</gender>
        <nationality code="US"/>
        <tel type="pref">(704) 451 3434</tel>
        <tel type="voice"></tel>
        <residential-address>
            <street-address>222 Example Street</street-address>
            <region>Example State</region>
            <postal-code>99221</postal-code>
            <country-name code="US"/>
        </residential-address>
    </owner>

    <billing-address>
        <street-address>10 Example Road</street-address>
        <postal-code>21345</postal-code>
        <region>Example State</region>
        <country-name code="US" />
    </billing-address>

    <additional-fields>
        <field key="crm-identifier">CRM123</field>
    </additional-fields>

    <communities>
        <community>original</community>
    </communities>

</account>
"""


def create(company, changes=None):
    return company.client.post("customers", account(changes))


def created(response):
    """The identifier of the account that was created."""
    assert response.status == 201, response.body
    return response.document.get("identifier")


def show(company, identifier):
    response = company.client.get(f"customers/{identifier}")
    assert response.status == 200, response.body
    return response.document


def count_accounts(company):
    return int(company.dba("SELECT count(*) FROM leap.account JOIN leap.company USING (company_id) "
                           "WHERE company = :'company';"))  # fmt: skip


# The reply


def test_the_sample_as_it_stands_is_created(company):
    response = company.client.post("customers/", SAMPLE)
    document = show(company, created(response))
    kept = values(etree.fromstring(SAMPLE))
    del kept[PASSWORD], kept["/account/owner/tel[@type='voice']"]
    assert response.reason == "Created"
    assert personal_values(document) == kept


def test_the_reply_is_the_accounts_ref(company):
    response = create(company)
    identifier = created(response)
    url = f"https://{company.host}:{company.client.port}{BASE}customers/{identifier}"
    assert response.headers["Location"] == url
    assert response.document.tag == "ref"
    assert dict(response.document.attrib) == {"ref": url, "identifier": identifier, "version": "1"}
    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.body.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n')


def test_the_reply_has_the_extid_when_it_was_set(company):
    response = create(company, {EXTID: " CRM & 1 "})
    created(response)
    assert response.document.get("extid") == "CRM & 1"


@pytest.mark.parametrize("port", ["", ":1", ":443", ":8443", ":65535"])
def test_the_ref_has_the_host_in_lower_case_without_trailing_dot_and_the_port_as_sent(company, port):
    host = {"Host": company.host.upper() + "." + port}
    response = company.client.post("customers", account(), host)
    url = f"https://{company.host}{port}{BASE}customers/{created(response)}"
    assert response.document.get("ref") == response.headers["Location"] == url
    assert company.client.get(url.partition(BASE)[2], host).document.get("ref") == url


def test_identifiers_come_from_one_sequence_that_starts_at_10000001(company, make_company):
    first = int(created(create(company)))
    second = int(created(create(make_company())))
    assert 10000001 <= first < second


def test_a_new_account_is_active_and_has_its_creation_to_acknowledge(company):
    before = datetime.datetime.now(datetime.timezone.utc)
    document = show(company, created(create(company)))
    after = datetime.datetime.now(datetime.timezone.utc)
    time = document.findtext("creation-time")
    assert TIME.fullmatch(time)
    moment = datetime.datetime.strptime(time, "%Y-%m-%dT%H:%M:%S.%f%z")
    assert before - datetime.timedelta(milliseconds=1) <= moment <= after
    assert document.get("unacked-since") == time
    assert document.get("version") == "1"
    assert document.findtext("account-status") == "Active"


def test_a_create_is_in_the_history_as_the_clients(company):
    identifier = created(create(company))
    rows = company.dba("SELECT DISTINCT author, operation, version FROM leap.account_history "
                       "WHERE company = :'company' AND identifier = :'identifier';", identifier=identifier)  # fmt: skip
    assert rows == "tests|create|1"


# What is kept


def test_every_value_is_kept_as_given(company):
    document = show(company, created(company.client.post("customers", build(COMPLETE))))
    assert personal_values(document) == {path: COMPLETE[path] for path in COMPLETE if path != PASSWORD}


HOSTILE = "<b a=\"1\">&amp; 'x' ]]> \\ $1 %s {} \u00e9 e\u0301 \U0001d49c\U0001f600 \u202e \ufffd"


def hostile_values():
    texts = [path for path in COMPLETE if path.rpartition("/")[2] in
             ("given-name", "family-name", "additional-names", "honorific-prefixes", "region")]  # fmt: skip
    lines = [path for path in COMPLETE if "street-address" in path or "field" in path]
    return (
        COMPLETE
        | {path: HOSTILE for path in texts}
        | {path: f"{HOSTILE}\r\nsecond\r\rthird\n\tfourth\x7f\x85\x9f" for path in lines}
        | {EXTID: HOSTILE, EMAIL: "!#$%&'*+/=?^_`{|}~-@example.net"}
        | {f"{RESIDENTIAL}/postal-code": "'\"<&>\U0001d49c", f"{BILLING}/postal-code": "';--"}
    )


def test_hostile_text_is_kept_as_given(company):
    sent = hostile_values()
    response = company.client.post("customers", build(sent))
    identifier = created(response)
    assert response.document.get("extid") == HOSTILE
    del sent[PASSWORD]
    document = show(company, identifier)
    assert personal_values(document) == sent
    assert document.findtext("owner/full-name") == f"{HOSTILE} {HOSTILE}"
    assert company.dba("SELECT given_name FROM leap.account WHERE identifier = :identifier;",
                       identifier=identifier) == HOSTILE  # fmt: skip


def test_a_carriage_return_is_written_as_a_reference(company):
    identifier = created(create(company, {f"{BILLING}/street-address": "a\rb"}))
    assert b"<street-address>a&#13;b</street-address>" in company.client.get(f"customers/{identifier}").body


def test_the_longest_values_are_kept_as_given(company):
    astral = "\U0001d49c"
    sent = COMPLETE | {
        EXTID: astral * 64,
        GIVEN_NAME: astral * 100,
        FAMILY_NAME: astral * 100,
        f"{BILLING}/street-address": astral * 255,
        CRM_IDENTIFIER: astral * 1000,
        SHOE_SIZE: "e\u0301" * 500,
        EMAIL: "x" * 242 + "@example.net",
    }
    identifier = created(company.client.post("customers", build(sent)))
    del sent[PASSWORD]
    document = show(company, identifier)
    assert personal_values(document) == sent
    assert document.findtext("owner/full-name") == f"{astral * 100} {astral * 100}"


def test_white_space_around_values_is_dropped(company):
    sent = {path: f" \t\r\n{value}\n " for path, value in COMPLETE.items() if "@code" not in path}
    identifier = created(company.client.post("customers", build(COMPLETE | sent | {PASSWORD: "newpassword"})))
    assert personal_values(show(company, identifier)) == {
        path: value for path, value in COMPLETE.items() if path != PASSWORD
    }


def test_what_is_empty_is_absent(company):
    empty = {path: "" for path in COMPLETE if path not in REQUIRED}
    identifier = created(create(company, empty))
    assert personal_values(show(company, identifier)) == {
        path: value for path, value in REQUIRED.items() if path != PASSWORD
    }


def test_the_time_zone_of_a_birthday_is_dropped(company):
    identifier = created(create(company, {BDAY: "1974-09-08-14:00"}))
    assert show(company, identifier).findtext("owner/bday") == "1974-09-08"


def test_what_get_gave_can_be_created_with_a_password_and_another_email(company):
    identifier = insert_account(company, given_name="Joseph", bday="1974-09-08", tel_voice="5",
                                billing_country="US", additional_fields='{"shoe-size": "9"}')  # fmt: skip
    company.dba("INSERT INTO leap.property_relationship (company_id, identifier, account_identifier) "
                "SELECT company_id, 1, :identifier FROM leap.company WHERE company = :'company';",
                identifier=identifier)  # fmt: skip
    assert show(company, identifier).find("property-relationships") is not None
    given = etree.fromstring(company.client.get(f"customers/{identifier}").body)
    owner = given.find(f"{{{NAMESPACE}}}owner")
    owner.find(f"{{{NAMESPACE}}}email").text = "another@example.net"
    etree.SubElement(owner, "password").text = "newpassword"
    document = show(company, created(company.client.post("customers", etree.tostring(given))))
    assert document.get("identifier") != identifier
    assert document.find("property-relationships") is None
    assert personal_values(document) == personal_values(show(company, identifier)) | {EMAIL: "another@example.net"}


# What is already used by another account


@pytest.mark.parametrize("email", ["joe@example.net", "JOE@Example.NET", " joe@example.net "])
def test_an_email_of_another_account_of_the_community_is_a_duplicate(company, email):
    insert_account(company, email="Joe@example.net")
    assert_invalid(create(company, {EMAIL: email}), (EMAIL, "duplicate"))


def test_an_email_of_an_inactive_account_is_a_duplicate(company):
    identifier = insert_account(company, email="joe@example.net")
    company.dba("SELECT leap.set_account_status(:'company', :identifier, 'Inactive');", identifier=identifier)
    assert_invalid(create(company), (EMAIL, "duplicate"))


def test_an_email_is_kept_as_given(company):
    assert show(company, created(create(company, {EMAIL: "JoE@Example.NET"}))).findtext("owner/email") == "JoE@Example.NET"


def test_an_email_is_free_in_another_community_and_in_another_company(company, make_company):
    insert_account(company, email="joe@example.net")
    insert_account(make_company(), email="joe@example.net", extid="taken")
    company.dba("SELECT leap.create_community(:'company', 'second');")
    created(create(company, {COMMUNITY: "second", EXTID: "taken"}))


@pytest.mark.parametrize("status", ["Active", "Inactive"])
def test_an_extid_of_another_account_is_a_duplicate(company, status):
    identifier = insert_account(company, extid="CRM-1")
    company.dba("SELECT leap.set_account_status(:'company', :identifier, :'status');",
                identifier=identifier, status=status)  # fmt: skip
    assert_invalid(create(company, {EXTID: " CRM-1\n"}), (EXTID, "duplicate"))


@pytest.mark.parametrize("taken, wanted", [("crm-\u00e9", "crm-e\u0301"), ("crm-1", "CRM-1"), ("1", "01")])
def test_extids_are_compared_by_code_point(company, taken, wanted):
    identifier = insert_account(company, extid=taken)
    other = created(create(company, {EXTID: wanted}))
    assert show(company, identifier).get("extid") == taken
    assert show(company, other).get("extid") == wanted


def test_duplicates_and_all_other_errors_come_at_once(company):
    insert_account(company, email="joe@example.net", extid="CRM-1")
    response = create(company, {EXTID: "CRM-1", GENDER: "x", PASSWORD: "short", COMMUNITY: "original"})
    assert_invalid(
        response, (EXTID, "duplicate"), (GENDER, "invalid"), (EMAIL, "duplicate"), (PASSWORD, "weak")
    )


def test_a_refused_create_leaves_nothing_behind(company):
    insert_account(company, email="joe@example.net", extid="CRM-1")
    for changes in ({}, {EXTID: "CRM-1", EMAIL: "a@b"}, {PASSWORD: "short", EMAIL: "a@b"}, {GENDER: "x", EMAIL: "a@b"}):
        assert create(company, changes).status == 400
    assert count_accounts(company) == 1
