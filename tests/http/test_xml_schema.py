"""The XML Schema: served to anybody, one named type for each document, and what is valid by it."""

import subprocess

import pytest
from lxml import etree

import valid_documents
from documents import COMPLETE, build, insert_account
from leap_client import NAMESPACE, SCHEMA, xml_schema
from leap_instance import SOURCE
from valid_documents import ELEMENTS, TYPES, XS

PATH = "leap-ws-v1.0.xsd"
XML = {"Content-Type": "application/xml"}
SAMPLE = (SOURCE / "doc" / "create-account.xml").read_bytes()


# Served


@pytest.mark.parametrize("path", [PATH, f"{PATH}/"])
def test_it_is_served_without_credentials(shared_company, path):
    reply = shared_company.anonymous.get(path)
    assert (reply.status, reply.headers["Content-Type"]) == (200, "application/xml; charset=UTF-8")
    assert reply.body == SCHEMA.read_bytes()


def test_it_is_served_whatever_the_credentials(shared_company):
    assert shared_company.as_client("tests", "wrong").get(PATH).body == SCHEMA.read_bytes()


def test_head_says_its_length(shared_company):
    reply = shared_company.anonymous.head(PATH)
    assert (reply.status, reply.body) == (200, b"")
    assert int(reply.headers["Content-Length"]) == SCHEMA.stat().st_size


def test_options_says_how_to_get_it(shared_company):
    reply = shared_company.anonymous.options(PATH)
    assert (reply.status, reply.headers["Allow"]) == (204, "GET, HEAD, OPTIONS")


def test_an_unknown_host_has_none(instance):
    reply = instance.client("unknown.leap.localhost").get(PATH)
    assert (reply.status, reply.code) == (404, "unknown-host")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_other_methods_are_405_to_a_client_and_401_to_others(shared_company, method):
    reply = shared_company.client.request(method, f"/api/v1/{PATH}", b"")
    assert (reply.status, reply.code, reply.headers["Allow"]) == (405, "method-not-allowed", "GET, HEAD, OPTIONS")
    assert shared_company.anonymous.request(method, f"/api/v1/{PATH}", b"").status == 401


def test_an_unknown_parameter_is_refused(shared_company):
    assert shared_company.anonymous.get(f"{PATH}?x=1").code == "malformed-request"


# Its types


def test_it_is_a_schema_by_xmllint(tmp_path):
    document = tmp_path / "ref.xml"
    document.write_text(f'<ref xmlns="{NAMESPACE}" ref="https://a/customers/1" identifier="1"/>')
    done = subprocess.run(
        ["xmllint", "--noout", "--schema", SCHEMA, document], stderr=subprocess.PIPE, text=True, timeout=30
    )
    assert (done.returncode, done.stderr) == (0, f"{document} validates\n")


def test_each_document_has_one_named_type():
    requests = {"account", "change-login", "acknowledgements", "customer-update"}
    replies = {"account", "accounts", "ref", "comments", "error"}
    assert set(ELEMENTS) == requests | replies
    for name, element in ELEMENTS.items():
        assert element.get("type") == f"leap:{name}" and name in TYPES


def test_no_type_is_without_a_name():
    root = etree.parse(SCHEMA).getroot()
    assert len(TYPES) == len(list(root.iter(XS + "complexType")))
    assert not list(root.iter(XS + "choice", XS + "all", XS + "any"))
    assert all(element.get("type") for element in root.iter(XS + "element"))


# What is valid


def in_namespace(document):
    """A document that has no namespace, in that of the API."""
    root = etree.fromstring(document)
    for element in root.iter(etree.Element):
        element.tag = f"{{{NAMESPACE}}}{element.tag}"
    return root


def test_a_complete_account_is_valid_in_the_order_of_replies():
    xml_schema().assertValid(in_namespace(build(COMPLETE)))


def test_the_sample_of_a_create_is_accepted_though_its_order_is_not_valid(company):
    assert not xml_schema().validate(in_namespace(SAMPLE))
    assert company.client.post("customers", SAMPLE, XML).status == 201


def test_the_sample_of_a_read_is_valid():
    xml_schema().assertValid(
        etree.fromstring(
            f"""\
<account xmlns="{NAMESPACE}" identifier="01234574"
        ref="http://company.leapcities.com/api/v1/customers/01234574" extid="CRM-1234"
        unacked-since="2011-02-08T22:07:43.000+0000">
    <creation-time>2011-02-08T22:06:43.000+0000</creation-time>
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
        <tel type="voice"></tel>
        <residential-address>
            <street-address>1 A Street</street-address>
            <region>My State</region>
            <postal-code>90210</postal-code>
            <country-name code="US"/>
        </residential-address>
    </owner>

    <billing-address>
        <street-address>1 Bank Street</street-address>
        <region>90210</region>
        <postal-code>90210</postal-code>
        <country-name code="US"/>
    </billing-address>

    <!-- This is read only. -->
    <property-relationships>
        <property-relationship identifier="1" ref="http://company.leapcities.com/api/v1/property-relationship/1"
            unacked-since="2011-03-17T16:34:29.000+1100"/>
    </property-relationships>

    <additional-fields>
        <field key="crm-identifier" label="CRM System Identifier">CRM123</field>
    </additional-fields>

    <communities>
        <community>original</community>
    </communities>

</account>"""
        )
    )


@pytest.mark.parametrize(
    "document",
    [
        "<account/>",
        '<account identifier="1" version="2"><communities><community>original</community></communities></account>',
        "<account><owner><name><family-name/><given-name/></name></owner></account>",
        "<accounts/>",
        "<comments/>",
        '<error code="a-new-one"><message>x</message><field-errors/></error>',
    ],
)
def test_what_an_account_or_list_may_lack_is_optional(document):
    xml_schema().assertValid(in_namespace(document))


NAMES = "<name><family-name>B</family-name><given-name>A</given-name></name>"


@pytest.mark.parametrize(
    "document",
    [
        "<acount/>",
        "<account><shoe/></account>",
        "<account>text</account>",
        '<account color="red"/>',
        "<account><owner/></account>",
        "<account><owner><name><given-name>A</given-name></name></owner></account>",
        f"<account><owner>{NAMES}<bday/><bday/></owner></account>",
        f"<account><owner>{NAMES}<tel>1</tel></owner></account>",
        f'<account><owner>{NAMES}<tel type="fax">1</tel></owner></account>',
        f'<account><owner>{NAMES}<tel type="pref">1</tel><tel type="pref">2</tel></owner></account>',
        "<account><additional-fields><field>1</field></additional-fields></account>",
        '<account><additional-fields><field key="a"/><field key="a"/></additional-fields></account>',
        "<account><communities/></account>",
        "<acknowledgements/>",
        "<acknowledgements>" + 1001 * "<acknowledgement>1</acknowledgement>" + "</acknowledgements>",
        '<acknowledgements><acknowledgement version="0">1</acknowledgement></acknowledgements>',
        "<change-login/>",
        "<customer-update/>",
        '<ref identifier="1"/>',
        "<error><message>x</message><field-errors/></error>",
        '<error code="internal"><message>x</message></error>',
        '<error code="x"><message/><field-errors><field xpath="/a" errorhint="bad"/></field-errors></error>',
    ],
)
def test_what_is_built_otherwise_is_not_valid(document):
    assert not xml_schema().validate(in_namespace(document))


# What is valid is never refused for how it is built

OWNER = "/account/owner"
TIME = "2011-02-08T22:06:43.000+0000"
ADDRESS = {"street-address": ["1 A Street", ""], "region": ["R", ""], "postal-code": ["1", ""]}
KEPT = {
    f"{OWNER}/full-name": ["Somebody Else", ""],
    f"{OWNER}/name/family-name": ["Banks"],
    f"{OWNER}/name/given-name": ["Joseph"],
    f"{OWNER}/name/additional-names": ["A", ""],
    f"{OWNER}/name/honorific-prefixes": ["Mr.", ""],
    f"{OWNER}/bday": ["1974-09-08", ""],
    f"{OWNER}/gender": ["MALE", "FEMALE", ""],
    f"{OWNER}/nationality/@code": ["US", ""],
    f"{OWNER}/tel": ["(704) 451 3434", "555", ""],
    f"{OWNER}/tel/@type": ["pref", "voice"],
    **{f"{OWNER}/residential-address/{name}": given for name, given in ADDRESS.items()},
    f"{OWNER}/residential-address/country-name/@code": ["AU", ""],
    **{f"/account/billing-address/{name}": given for name, given in ADDRESS.items()},
    "/account/billing-address/country-name/@code": ["US", ""],
    "/account/additional-fields/field": ["CRM123", "Nine", ""],
    "/account/additional-fields/field/@key": ["crm-identifier", "shoe-size"],
    "/account/additional-fields/field/@label": ["A label", ""],
    "/account/communities/community": ["original"],
    "/account/creation-time": [TIME],
    "/account/account-status": ["Active", "Inactive", ""],
    "/account/property-relationships/property-relationship/@identifier": ["1", "2"],
    "/account/property-relationships/property-relationship/@ref": ["https://a/1", "https://a/2"],
    "/account/property-relationships/property-relationship/@unacked-since": [TIME, TIME],
    "/account/@ref": ["https://a/customers/1"],
    "/account/@unacked-since": [TIME],
    "/account/@version": ["1", "999999999999999999"],
    "/account/@extid": [""],
}
CREATED = KEPT | {
    f"{OWNER}/email": ["joe@example.net"],
    f"{OWNER}/password": ["newpassword"],
    "/account/@identifier": ["10000001"],
    "/account/@extid": ["CRM-1", ""],
}
NEEDED_TO_CREATE = (OWNER, f"{OWNER}/email", f"{OWNER}/password", "/account/communities")
NEEDED_TO_UPDATE = (OWNER,)


def body(document):
    xml_schema().assertValid(document)
    return etree.tostring(document, encoding="UTF-8", xml_declaration=True)


def paths(element, path=""):
    """The paths of all the elements and attributes that hold a value."""
    path = f"{path}/{etree.QName(element).localname}"
    found = {f"{path}/@{name}" for name in element.attrib}
    found |= {path} if element.text else set()
    return found.union(*(paths(child, path) for child in element))


@pytest.mark.parametrize("seed", range(8))
def test_a_valid_account_is_created(company, seed):
    document = valid_documents.make(seed, "account", CREATED, NEEDED_TO_CREATE)
    reply = company.client.post("customers", body(document), XML)
    assert reply.status == 201, (reply.body, body(document))


@pytest.mark.parametrize("seed", range(40))
def test_a_valid_account_is_updated(shared_company, seed):
    account = insert_account(shared_company)
    document = valid_documents.make(
        seed, "account", KEPT | {"/account/@identifier": [account, account.zfill(18)]}, NEEDED_TO_UPDATE
    )
    reply = shared_company.client.put(f"customers/{account}", body(document), XML)
    assert reply.status == 201, (reply.body, body(document))


def test_every_part_of_an_account_is_among_the_updates():
    made = [valid_documents.make(seed, "account", KEPT, NEEDED_TO_UPDATE) for seed in range(40)]
    assert set().union(*map(paths, made)) == set(KEPT)


@pytest.mark.parametrize("seed", range(5))
def test_valid_acknowledgements_are_accepted(shared_company, seed):
    entry = "/acknowledgements/acknowledgement"
    values = {entry: [insert_account(shared_company) for _ in range(5)], f"{entry}/@version": ["1", "2", "3"]}
    document = valid_documents.make(seed, "acknowledgements", values)
    assert shared_company.client.post("customers/acked", body(document), XML).status == 204


def test_a_valid_login_is_set_and_a_valid_comment_is_left(shared_company):
    account = insert_account(shared_company)
    login = valid_documents.make(0, "change-login", {"/change-login/login-id": ["new@example.net"]})
    comment = valid_documents.make(0, "customer-update", {"/customer-update/comment": ["Call\nback"]})
    assert shared_company.client.put(f"customers/{account}/change-login", body(login), XML).status == 201
    assert shared_company.client.post(f"customers/{account}/comments", body(comment), XML).status == 201
