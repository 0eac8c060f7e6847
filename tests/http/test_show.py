"""GET customers/{identifier} and customers/extid/{extid}: the account, its parts, and when there is none to show."""

import re

import pytest
from urllib.parse import quote

from documents import insert_account, values
from leap_client import BASE, NAMESPACE

ADDRESS = {"street_address": "1 A Street", "region": "My State", "postal_code": "90210", "country": "US"}
PERSONAL = {
    "extid": "CRM-1234", "email": "user@example.net", "given_name": "Joseph", "family_name": "Banks",
    "additional_names": "J", "honorific_prefixes": "Mr.", "bday": "1974-09-08", "gender": "MALE",
    "nationality": "US", "tel_pref": "(704) 451 3434", "tel_voice": "555",
    "additional_fields": '{"shoe-size": "Nine", "crm-identifier": "CRM123"}',
}  # fmt: skip
COMPLETE = (
    PERSONAL
    | {f"residential_{name}": value for name, value in ADDRESS.items()}
    | {f"billing_{name}": value for name, value in ADDRESS.items()}
)


def shown(company, identifier):
    response = company.client.get(f"customers/{identifier}")
    assert response.status == 200, response.body
    return response


def assert_not_found(response, code):
    assert (response.status, response.code, response.problems) == (404, code, [])


def relate(company, account, identifier, unacked_since=None):
    company.dba(
        "INSERT INTO leap.property_relationship (company_id, identifier, account_identifier, unacked_since) "
        "SELECT company_id, :identifier, :account, nullif(:'unacked_since', '')::timestamptz "
        "FROM leap.company WHERE company = :'company';",
        account=account, identifier=identifier, unacked_since=unacked_since or "",
    )  # fmt: skip


# The document, to the letter


def test_the_account_as_in_the_sample(company):
    account = insert_account(company, **COMPLETE)
    relate(company, account, 1, "2011-03-17T16:34:29.1239+1100")
    body = shown(company, account).body.decode()
    time = re.search(r"<creation-time>([^<]*)</creation-time>", body)[1]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000", time)
    base_url = f"https://{company.host}:{company.client.port}/api/v1"
    attributes = f'identifier="{account}" ref="{base_url}/customers/{account}" extid="CRM-1234" unacked-since="{time}"'
    relationship = f'identifier="1" ref="{base_url}/property-relationship/1" unacked-since="2011-03-17T05:34:29.123+0000"'
    assert body == f"""<?xml version="1.0" encoding="UTF-8"?>
<account xmlns="{NAMESPACE}" {attributes} version="1">
    <creation-time>{time}</creation-time>
    <account-status>Active</account-status>
    <owner>
        <full-name>Joseph Banks</full-name>
        <name>
            <family-name>Banks</family-name>
            <given-name>Joseph</given-name>
            <additional-names>J</additional-names>
            <honorific-prefixes>Mr.</honorific-prefixes>
        </name>
        <bday>1974-09-08</bday>
        <gender>MALE</gender>
        <nationality code="US"/>
        <email>user@example.net</email>
        <tel type="pref">(704) 451 3434</tel>
        <tel type="voice">555</tel>
        <residential-address>
            <street-address>1 A Street</street-address>
            <region>My State</region>
            <postal-code>90210</postal-code>
            <country-name code="US"/>
        </residential-address>
    </owner>
    <billing-address>
        <street-address>1 A Street</street-address>
        <region>My State</region>
        <postal-code>90210</postal-code>
        <country-name code="US"/>
    </billing-address>
    <property-relationships>
        <property-relationship {relationship}/>
    </property-relationships>
    <additional-fields>
        <field key="crm-identifier" label="CRM System Identifier">CRM123</field>
        <field key="shoe-size" label="Shoe Size">Nine</field>
    </additional-fields>
    <communities>
        <community>original</community>
    </communities>
</account>
"""


def test_parts_without_a_value_are_left_out(company):
    root = shown(company, insert_account(company)).document
    assert "extid" not in root.attrib
    assert [child.tag for child in root] == ["creation-time", "account-status", "owner", "communities"]
    assert [child.tag for child in root.find("owner")] == ["full-name", "name", "email"]
    assert [child.tag for child in root.find("owner/name")] == ["family-name", "given-name"]


@pytest.mark.parametrize("name", ADDRESS)
@pytest.mark.parametrize("use, parent", [("residential", "owner/residential-address"), ("billing", "billing-address")])
def test_an_address_may_have_one_part(company, use, parent, name):
    address = shown(company, insert_account(company, **{f"{use}_{name}": ADDRESS[name]})).document.find(parent)
    assert [child.tag for child in address] == [{"country": "country-name"}.get(name, name.replace("_", "-"))]


def test_an_acknowledged_account_has_no_unacked_since(company):
    account = insert_account(company)
    company.dba("UPDATE leap.account SET unacked_since = NULL WHERE identifier = :identifier;", identifier=account)
    root = shown(company, account).document
    assert "unacked-since" not in root.attrib
    assert root.get("version") == "1"


def test_a_dbas_update_raises_flag_and_version(company):
    account = insert_account(company)
    company.dba("UPDATE leap.account SET unacked_since = NULL WHERE identifier = :id;", id=account)
    company.dba("UPDATE leap.account SET gender = 'FEMALE' WHERE identifier = :id;", id=account)
    root = shown(company, account).document
    assert root.get("unacked-since") > root.findtext("creation-time")
    assert root.get("version") == "2"
    assert root.findtext("owner/gender") == "FEMALE"


def test_additional_fields_stand_in_the_order_of_their_definition(company):
    company.dba("SELECT leap.define_field(:'company', 'a-last', 'L <&> \"x\"');")
    account = insert_account(company, additional_fields='{"a-last": "3", "shoe-size": "2", "crm-identifier": "1"}')
    fields = shown(company, account).document.find("additional-fields")
    assert [field.text for field in fields] == ["1", "2", "3"]
    assert fields[2].get("label") == 'L <&> "x"'


def test_a_new_label_shows_at_once_and_is_no_change(company):
    account = insert_account(company, additional_fields='{"shoe-size": "2"}')
    company.dba("SELECT leap.define_field(:'company', 'shoe-size', 'Size');")
    root = shown(company, account).document
    assert root.find("additional-fields/field").get("label") == "Size"
    assert root.get("version") == "1"


def test_communities_stand_by_key(company):
    company.dba("SELECT leap.create_community(:'company', 'a-first'), leap.create_community(:'company', 'Z-upper');")
    account = insert_account(company, communities="{original,a-first,Z-upper}")
    communities = shown(company, account).document.find("communities")
    assert [community.text for community in communities] == ["Z-upper", "a-first", "original"]


# Property relationships


def test_property_relationships_stand_by_identifier_with_their_own_flag(company):
    account = insert_account(company)
    relate(company, account, 20)
    relate(company, account, 3, "2024-02-29 23:59:59.9999+00")
    relate(company, insert_account(company), 4)
    root = shown(company, account).document
    relationships = root.findall("property-relationships/property-relationship")
    base_url = f"https://{company.host}:{company.client.port}/api/v1"
    assert [dict(relationship.attrib) for relationship in relationships] == [
        {"identifier": "3", "ref": f"{base_url}/property-relationship/3", "unacked-since": "2024-02-29T23:59:59.999+0000"},
        {"identifier": "20", "ref": f"{base_url}/property-relationship/20"},
    ]
    assert root.get("version") == "1"


def test_a_property_relationship_of_another_company_does_not_show(company, make_company):
    account = insert_account(company)
    other = make_company()
    relate(other, insert_account(other), 1)
    assert shown(company, account).document.find("property-relationships") is None


# Which account


def test_leading_zeros_of_an_identifier_are_dropped(company):
    account = insert_account(company)
    root = shown(company, account.zfill(18)).document
    assert root.get("identifier") == account
    assert root.get("ref").endswith(f"/customers/{account}")


@pytest.mark.parametrize(
    "identifier",
    ["x", "1x", "-1", "+1", "1.0", "1e3", "0x10", "%31%20x", "1" * 19, "0" * 19, "\u0661", "1,2", "%2F", "10000001;x"],
)
def test_a_malformed_identifier_is_400(company, identifier):
    response = company.client.get("customers/" + quote(identifier, safe="%,;+"))
    assert (response.status, response.code, response.problems) == (400, "malformed-identifier", [])


@pytest.mark.parametrize("identifier", ["0", "1", "000", "9" * 18, "10000000"])
def test_an_unknown_identifier_is_404(company, identifier):
    assert_not_found(company.client.get(f"customers/{identifier}"), "unknown-account")


def test_an_account_of_another_company_is_unknown(company, make_company):
    account = insert_account(make_company(), extid="CRM-1")
    assert_not_found(company.client.get(f"customers/{account}"), "unknown-account")
    assert_not_found(company.client.get("customers/extid/CRM-1"), "unknown-account")


def test_an_inactive_account_is_404_inactive_account(company):
    account = insert_account(company, extid="CRM-1", account_status="Inactive")
    for path in (f"customers/{account}", "customers/extid/CRM-1"):
        assert_not_found(company.client.get(path), "inactive-account")
    company.dba("SELECT leap.set_account_status(:'company', :identifier, 'Active');", identifier=account)
    assert shown(company, account).document.findtext("account-status") == "Active"


EXTIDS = [
    "CRM-1234", "acked", "1", "a/b", "/", "//a//", "a b", "a+b", "100%", "%2F", "a?b#c;d=e&f", "é", "e\u0301", "𝒜" * 64,
    "<\"'&>", "'; DROP TABLE leap.account; --", "...", "a/.b", "\u00a0x\u00a0", "\\x", "customers", ":1", "@",
]  # fmt: skip


@pytest.mark.parametrize("extid", EXTIDS)
def test_an_account_by_its_extid(company, extid):
    account = insert_account(company, extid=extid)
    for path in (quote(extid, safe=""), "".join(f"%{byte:02x}" for byte in extid.encode())):
        root = company.client.get(f"customers/extid/{path}").document
        assert (root.get("identifier"), root.get("extid")) == (account, extid)
        assert root.get("ref").endswith(f"{BASE}customers/{account}")


def test_an_extid_is_trimmed(company):
    account = insert_account(company, extid="CRM 1")
    assert company.client.get("customers/extid/%20%09%0D%0ACRM%201%0A").document.get("identifier") == account


@pytest.mark.parametrize("path", ["crm-1", "CRM-", "CRM-1%2F", "CRM-11", "CRM%C2%A0-1", "%20", "x" * 65, "x" * 5000])
def test_an_extid_that_no_account_has_is_404(company, path):
    insert_account(company, extid="CRM-1")
    assert_not_found(company.client.get(f"customers/extid/{path}"), "unknown-account")


@pytest.mark.parametrize("character", ["%00", "%09x", "a%0Ab", "%7F", "%C2%85"])
def test_a_control_character_in_a_path_value_is_400(company, character):
    response = company.client.get(f"customers/extid/a{character}b")
    assert (response.status, response.code) == (400, "malformed-request")


def test_hostile_text_is_shown_as_it_is_stored(company):
    hostile = "<x a='1'>&amp; ]]> \" \u202e e\u0301 \U0001f600"
    fields = f'{{"shoe-size": "{"a&b<c>" + chr(92) + "r" + chr(92) + "n" + chr(92) + "t"}x"}}'
    account = insert_account(company, given_name=hostile, billing_street_address=f"{hostile}\r\n\r\x7f\x85x",
                             additional_fields=fields)  # fmt: skip
    response = shown(company, account)
    found = values(response.document)
    assert found["/account/owner/name/given-name"] == hostile
    assert found["/account/billing-address/street-address"] == f"{hostile}\r\n\r\x7f\x85x"
    assert found["/account/additional-fields/field[@key='shoe-size']"] == "a&b<c>\r\n\tx"
    assert b"\r" not in response.body
