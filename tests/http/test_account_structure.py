"""The account document: its elements, attributes and namespaces, and the field errors of what does not fit."""

import pytest
from lxml import etree

from documents import (
    BDAY, BILLING, COMMUNITY, CRM_IDENTIFIER, EMAIL, EXTID, FAMILY_NAME, GENDER, GIVEN_NAME, NATIONALITY,
    PASSWORD, RESIDENTIAL, SHOE_SIZE, TEL_PREF, TEL_VOICE, account, assert_invalid, build,
)
from leap_client import NAMESPACE

XSI = "http://www.w3.org/2001/XMLSchema-instance"
WRONG = {GENDER: "x"}
WRONG_PROBLEM = (GENDER, "invalid")


def post(company, *changes, **arguments):
    return company.client.post("customers", account(*changes, **arguments))


def post_text(company, text):
    return company.client.post("customers", text.encode())


def replaced(old, new, changes=None):
    """The smallest valid document with one piece of its text replaced."""
    document = account(changes).decode()
    assert document.count(old) == 1, document
    return document.replace(old, new)


def assert_only_gender_is_wrong(response):
    """The rest of the document was understood, and nothing was created."""
    assert_invalid(response, WRONG_PROBLEM)


# All errors at once, in the order of the seed's GET sample

REQUIRED_PROBLEMS = (
    (FAMILY_NAME, "required"),
    (GIVEN_NAME, "required"),
    (EMAIL, "required"),
    (PASSWORD, "required"),
    (COMMUNITY, "required"),
)


@pytest.mark.parametrize(
    "document",
    [
        "<account/>",
        f'<account xmlns="{NAMESPACE}"/>',
        "<account><owner/></account>",
        "<account><owner><name/></owner><communities/><billing-address/><additional-fields/></account>",
        "<account><communities><community/></communities><owner><email/><password/></owner></account>",
    ],
)
def test_everything_that_is_required_is_named_at_once(shared_company, document):
    assert_invalid(post_text(shared_company, document), *REQUIRED_PROBLEMS)


EVERYTHING_WRONG = {
    EXTID: "..",
    FAMILY_NAME: "x" * 101,
    GIVEN_NAME: "x" * 101,
    "/account/owner/name/additional-names": "x" * 101,
    "/account/owner/name/honorific-prefixes": "x" * 101,
    BDAY: "x",
    GENDER: "x",
    NATIONALITY: "x",
    EMAIL: "x",
    PASSWORD: "x\x7f",
    TEL_PREF: "x",
    TEL_VOICE: "x",
    f"{RESIDENTIAL}/street-address": "x" * 256,
    f"{RESIDENTIAL}/region": "x" * 101,
    f"{RESIDENTIAL}/postal-code": "x" * 21,
    f"{RESIDENTIAL}/country-name/@code": "x",
    f"{BILLING}/street-address": "x" * 256,
    f"{BILLING}/region": "x" * 101,
    f"{BILLING}/postal-code": "x" * 21,
    f"{BILLING}/country-name/@code": "x",
    SHOE_SIZE: "x" * 1001,
    COMMUNITY: "unknown",
}


@pytest.mark.parametrize("order", [list, reversed])
def test_all_errors_come_at_once_in_the_order_of_the_sample(shared_company, order):
    document = build(dict(order(EVERYTHING_WRONG.items())))
    response = shared_company.client.post("customers", document)
    assert_invalid(response, *((path, "invalid") for path in EVERYTHING_WRONG))


def test_unknown_elements_come_last_in_their_parent_and_attributes_first(shared_company):
    document = f"""
        <account zz="1" extid="."><zz/>
            <owner zz="1"><zz/><name zz="1"><zz/><given-name zz="1">J</given-name></name>
                <bday>x</bday>
                <residential-address><zz/><region zz="1"/></residential-address></owner>
            <billing-address zz="1"><zz/><postal-code>{"x" * 21}</postal-code></billing-address>
            <communities><zz/><community>original</community></communities>
            <additional-fields><zz/><field key="unknown"/></additional-fields>
        </account>"""
    response = post_text(shared_company, document)
    attributes, rest = response.problems[:2], response.problems[2:]
    assert sorted(attributes) == [("/account/@extid", "invalid"), ("/account/@zz", "invalid")]
    assert rest == [
        ("/account/owner/@zz", "invalid"),
        ("/account/owner/name/@zz", "invalid"),
        (FAMILY_NAME, "required"),
        (f"{GIVEN_NAME}/@zz", "invalid"),
        ("/account/owner/name/zz", "invalid"),
        (BDAY, "invalid"),
        (EMAIL, "required"),
        (PASSWORD, "required"),
        (f"{RESIDENTIAL}/region/@zz", "invalid"),
        (f"{RESIDENTIAL}/zz", "invalid"),
        ("/account/owner/zz", "invalid"),
        (f"{BILLING}/@zz", "invalid"),
        (f"{BILLING}/postal-code", "invalid"),
        (f"{BILLING}/zz", "invalid"),
        ("/account/additional-fields/field[@key='unknown']", "invalid"),
        ("/account/additional-fields/zz", "invalid"),
        ("/account/communities/zz", "invalid"),
        ("/account/zz", "invalid"),
    ]


def test_each_error_comes_once(shared_company):
    assert_invalid(post(shared_company, inside={"/account/owner": "<zz/><zz/><zz/>"}), ("/account/owner/zz", "invalid"))


@pytest.mark.parametrize("count, named", [(99, 99), (100, 100), (101, 100), (5000, 100)])
def test_at_most_100_errors_are_named(shared_company, count, named):
    response = post(shared_company, inside={"/account": "".join(f"<z{n}/>" for n in range(count))})
    assert_invalid(response, *((f"/account/z{n}", "invalid") for n in range(named)))


def test_the_first_100_errors_are_those_that_come_first_in_the_document(shared_company):
    response = post(shared_company, WRONG, inside={"/account": "".join(f"<z{n}/>" for n in range(200))})
    assert_invalid(response, WRONG_PROBLEM, *((f"/account/z{n}", "invalid") for n in range(99)))


# Elements and attributes


def test_elements_may_come_in_any_order(shared_company):
    root = etree.fromstring(account(WRONG))
    for element in list(root.iter()):
        element[:] = list(reversed(element))
    assert_only_gender_is_wrong(shared_company.client.post("customers", etree.tostring(root)))


@pytest.mark.parametrize(
    "parent, name",
    [
        ("/account", "name"), ("/account", "email"), ("/account", "field"), ("/account", "account"),
        ("/account/owner", "given-name"), ("/account/owner", "billing-address"), ("/account/owner", "Email"),
        ("/account/owner/name", "prefix"), (RESIDENTIAL, "country"), (BILLING, "tel"),
        ("/account/communities", "field"), ("/account/additional-fields", "community"), (EMAIL, "x"), (COMMUNITY, "x"),
        (CRM_IDENTIFIER, "x"), (TEL_PREF, "x"), ("/account/owner/nationality", "x"), (PASSWORD, "b"),
    ],
)  # fmt: skip
def test_an_unknown_element_is_invalid_at_its_own_xpath(shared_company, parent, name):
    response = post(shared_company, inside={parent: f"<{name} zz='1'>text<zz/></{name}>"})
    assert_invalid(response, (f"{parent}/{name}", "invalid"))


@pytest.mark.parametrize(
    "element",
    ["account", "owner", "email", "password", "name", "given-name", "communities", "community", "additional-fields",
     "nationality", "tel", "field", "billing-address", "gender", "country-name"],
)  # fmt: skip
@pytest.mark.parametrize("attribute", ["zz", "Extid", "lang"])
def test_an_unknown_attribute_is_invalid_at_its_own_xpath(shared_company, element, attribute):
    given = {NATIONALITY: "US", TEL_VOICE: "1", SHOE_SIZE: "9", f"{BILLING}/country-name/@code": "US", GENDER: "MALE"}
    root = etree.fromstring(account(given))
    next(root.iter(element)).set(attribute, "")
    response = shared_company.client.post("customers", etree.tostring(root))
    [(path, hint)] = response.problems
    assert path.endswith(f"/{element}/@{attribute}") or path.endswith(f"']/@{attribute}")
    assert hint == "invalid"


@pytest.mark.parametrize("attribute", ["type", "key", "code", "extid", "label", "version"])
def test_an_attribute_of_other_elements_is_unknown(shared_company, attribute):
    response = post_text(shared_company, replaced("<name>", f"<name {attribute}='x'>"))
    assert_invalid(response, (f"/account/owner/name/@{attribute}", "invalid"))


@pytest.mark.parametrize(
    "path, old, new",
    [
        (EMAIL, "<password>", "<email>a@b</email><password>"),
        (EMAIL, "<password>", "<email/><password>"),
        (PASSWORD, "<name>", "<password>newpassword</password><name>"),
        (GIVEN_NAME, "<family-name>", "<given-name>Joseph</given-name><family-name>"),
        ("/account/owner/name", "</owner>", "<name/></owner>"),
        ("/account/owner", "</account>", "<owner><email>a@b</email></owner></account>"),
        ("/account/communities", "</account>", "<communities/></account>"),
        (BILLING, "</account>", "<billing-address/><billing-address/></account>"),
        ("/account/additional-fields", "</account>", "<additional-fields/><additional-fields/></account>"),
        ("/account/owner/nationality", "</owner>", "<nationality/><nationality code='US'/></owner>"),
        (f"{BILLING}/region", "</account>", "<billing-address><region/><region/></billing-address></account>"),
        (TEL_PREF, "</owner>", "<tel type='pref'>1</tel><tel type='pref'>2</tel></owner>"),
        (TEL_VOICE, "</owner>", "<tel type='voice'/><tel type='voice'/></owner>"),
        (TEL_VOICE, "</owner>", "<tel type='voice'/><tel type='pref'/><tel type='voice'>1</tel></owner>"),
    ],
)
def test_an_element_given_twice_is_a_duplicate_empty_or_not(shared_company, path, old, new):
    assert_invalid(post_text(shared_company, replaced(old, new)), (path, "duplicate"))


@pytest.mark.parametrize(
    "path, old, new",
    [
        ("/account", "<owner>", "text<owner>"),
        ("/account", "</account>", "text</account>"),
        ("/account", "</account>", "<![CDATA[ text ]]></account>"),
        ("/account", "</account>", "&#160;</account>"),
        ("/account/owner", "<name>", "t<name>"),
        ("/account/owner/name", "</name>", "t</name>"),
        ("/account/communities", "</communities>", "original</communities>"),
        ("/account/additional-fields", "</account>", "<additional-fields>x</additional-fields></account>"),
        (BILLING, "</account>", "<billing-address>1 Road</billing-address></account>"),
        ("/account/owner/nationality", "</owner>", "<nationality code='US'>US</nationality></owner>"),
    ],
)
def test_text_between_elements_is_invalid(shared_company, path, old, new):
    assert_invalid(post_text(shared_company, replaced(old, new)), (path, "invalid"))


def test_comments_and_processing_instructions_are_ignored_and_cdata_is_text(shared_company):
    document = account(WRONG).decode()
    document = document.replace(">x<", "><!-- a --><![CDATA[MA]]>L<?pi x?><!-- b -->E<")
    document = document.replace("<name>", "<!----><?p?><name>")
    document = document.replace("<given-name>Joseph", f"<given-name><![CDATA[{'<' * 101}]]>")
    assert_invalid(post_text(shared_company, document), (GIVEN_NAME, "invalid"))


def test_the_value_of_an_element_is_its_own_text(shared_company):
    document = replaced("<given-name>Joseph", f"<given-name>{'x' * 100}<b>x</b>")
    assert_invalid(post_text(shared_company, document), (f"{GIVEN_NAME}/b", "invalid"))
    document = replaced("<given-name>Joseph", "<given-name> <b>Joseph</b> ")
    assert_invalid(post_text(shared_company, document), (GIVEN_NAME, "required"), (f"{GIVEN_NAME}/b", "invalid"))


# Namespaces


@pytest.mark.parametrize("tag", ["account xmlns='{}'", "p:account xmlns:p='{}'"])
def test_elements_in_the_namespace_of_the_api(shared_company, tag):
    tag = tag.format(NAMESPACE)
    document = account(WRONG).decode().replace("<account>", f"<{tag}>").replace("</account>", f"</{tag.split()[0]}>")
    assert_only_gender_is_wrong(post_text(shared_company, document))


def test_elements_in_the_namespace_and_in_none_may_be_mixed(shared_company):
    document = replaced("<gender>x</gender>", f"<q:gender xmlns:q='{NAMESPACE}'>x</q:gender>", WRONG)
    assert_only_gender_is_wrong(post_text(shared_company, document))


@pytest.mark.parametrize("namespace", ["urn:other", NAMESPACE + "/", NAMESPACE.upper(), NAMESPACE + "1"])
def test_an_element_in_any_other_namespace_is_unknown(shared_company, namespace):
    document = replaced("<gender>MALE</gender>", f"<q:gender xmlns:q='{namespace}'>MALE</q:gender>", {GENDER: "MALE"})
    assert_invalid(post_text(shared_company, document), (GENDER, "invalid"))


@pytest.mark.parametrize("parent, name, path", [
    ("communities", "community", "/account/communities/community"),
    ("additional-fields", "field", "/account/additional-fields/field"),
])  # fmt: skip
def test_so_is_one_in_a_list(shared_company, parent, name, path):
    document = account(inside={f"/account/{parent}": f"<q:{name} xmlns:q='urn:q' key='shoe-size'>x</q:{name}>"})
    assert_invalid(post_text(shared_company, document.decode()), (path, "invalid"))


def test_an_attribute_in_any_other_namespace_is_unknown(shared_company):
    document = replaced("<account>", "<account xmlns:q='urn:q' q:extid='x'>")
    assert_invalid(post_text(shared_company, document), (EXTID, "invalid"))
    document = replaced("<owner>", "<owner xmlns:q='urn:q' q:zz='x'>")
    assert_invalid(post_text(shared_company, document), ("/account/owner/@zz", "invalid"))


# From XML tools


@pytest.mark.parametrize(
    "attributes",
    [
        "xml:lang='en'", "xml:space='preserve'", "xml:base='x'", "xml:id='a1'", "xml:zz='x'",
        f"xmlns:xsi='{XSI}' xsi:schemaLocation='{NAMESPACE} x.xsd'",
        f"xmlns:i='{XSI}' i:noNamespaceSchemaLocation='x.xsd' i:type='account'",
        "xmlns:unused='urn:x'",
    ],
)  # fmt: skip
@pytest.mark.parametrize("tag", ["account", "owner", "email", "gender", "community"])
def test_attributes_of_xml_tools_are_ignored(shared_company, attributes, tag):
    assert_only_gender_is_wrong(post_text(shared_company, replaced(f"<{tag}>", f"<{tag} {attributes}>", WRONG)))


def test_another_attribute_of_xsi_is_unknown(shared_company):
    document = replaced("<owner>", f"<owner xmlns:xsi='{XSI}' xsi:zz='x'>")
    assert_invalid(post_text(shared_company, document), ("/account/owner/@zz", "invalid"))


@pytest.mark.parametrize("value", ["true", "1"])
@pytest.mark.parametrize("path", [EMAIL, PASSWORD, GIVEN_NAME, COMMUNITY])
def test_a_nil_element_is_empty(shared_company, path, value):
    tag = path.rpartition("/")[2]
    document = replaced(f"<{tag}>", f"<{tag} xmlns:xsi='{XSI}' xsi:nil='{value}'>")
    assert_invalid(post_text(shared_company, document), (path, "required"))


def test_a_nil_optional_element_is_absent(shared_company):
    xml = f"<gender xmlns:xsi='{XSI}' xsi:nil='true'/><bday xmlns:xsi='{XSI}' xsi:nil='true'>x</bday>"
    response = post(shared_company, {NATIONALITY: "x"}, inside={"/account/owner": xml})
    assert_invalid(response, (NATIONALITY, "invalid"))


def test_an_element_that_is_not_nil_keeps_its_value(shared_company):
    document = replaced("<gender>", f"<gender xmlns:xsi='{XSI}' xsi:nil='false'>", WRONG)
    assert_only_gender_is_wrong(post_text(shared_company, document))


# Repeated elements


@pytest.mark.parametrize(
    "type_, literal",
    [
        ("work", "'work'"), ("Pref", "'Pref'"), (" pref", "' pref'"), ("it's", '"it\'s"'), ('"', "'\"'"),
        ("""it's "it" """, """concat('it', "'", 's "it" ')"""), ("𝒜<&>", "'𝒜<&>'"),
    ],
)  # fmt: skip
def test_another_type_of_phone_is_invalid(shared_company, type_, literal):
    root = etree.fromstring(account())
    etree.SubElement(root.find("owner"), "tel", type=type_).text = "1"
    response = shared_company.client.post("customers", etree.tostring(root))
    assert_invalid(response, (f"/account/owner/tel[@type={literal}]", "invalid"))
    [problem] = response.problems
    assert len(root.xpath(problem[0])) == 1


@pytest.mark.parametrize("tel", ["<tel>1</tel>", "<tel/>", "<tel type=''>1</tel>", "<tel type=' &#9;'>1</tel>"])
def test_a_phone_without_a_type_is_required_to_have_one(shared_company, tel):
    response = post(shared_company, inside={"/account/owner": f"<tel type='voice'>1</tel>{tel}"})
    assert_invalid(response, ("/account/owner/tel[2]/@type", "required"))


def test_both_phones_may_be_given_in_any_order(shared_company):
    xml = "<tel type='voice'>x</tel><tel type='pref'>x</tel>"
    response = post(shared_company, inside={"/account/owner": xml})
    assert_invalid(response, (TEL_PREF, "invalid"), (TEL_VOICE, "invalid"))


@pytest.mark.parametrize("first, second", [("1", "2"), ("1", ""), ("", "")])
def test_the_same_key_of_a_field_twice_is_a_duplicate(shared_company, first, second):
    xml = f"<field key='shoe-size'>{first}</field><field key='crm-identifier'/><field key='shoe-size'>{second}</field>"
    response = post(shared_company, inside={"/account/additional-fields": xml})
    assert_invalid(response, (SHOE_SIZE, "duplicate"))


def test_an_unknown_key_twice(shared_company):
    response = post(shared_company, inside={"/account/additional-fields": "<field key='a'/><field key='a'/>"})
    assert response.problems[0] == ("/account/additional-fields/field[@key='a']", "invalid")
    assert {path for path, _ in response.problems} == {"/account/additional-fields/field[@key='a']"}


@pytest.mark.parametrize("field", ["<field>x</field>", "<field/>", "<field key=''/>", "<field key='  '>x</field>"])
def test_a_field_without_a_key_is_required_to_have_one(shared_company, field):
    xml = f"{field}<field key='shoe-size'>9</field>{field}"
    response = post(shared_company, inside={"/account/additional-fields": xml})
    paths = [f"/account/additional-fields/field[{n}]/@key" for n in (1, 3)]
    assert_invalid(response, *((path, "required") for path in paths))


@pytest.mark.parametrize("key", ["original", "second", "unknown", 'a"b'])
def test_each_community_beyond_the_first_is_invalid(company, key):
    company.dba("SELECT leap.create_community(:'company', 'second');")
    xml = f"<community>{key}</community>" * 2
    response = post(company, inside={"/account/communities": xml})
    assert_invalid(response, (f"{COMMUNITY}[2]", "invalid"), (f"{COMMUNITY}[3]", "invalid"))


def test_of_several_communities_each_is_numbered(shared_company):
    inside = {"/account/communities": "<community>y</community>"}
    response = post(shared_company, {COMMUNITY: "x"}, inside=inside)
    assert_invalid(response, (f"{COMMUNITY}[1]", "invalid"), (f"{COMMUNITY}[2]", "invalid"))


# What is read-only


def test_what_is_read_only_is_accepted_and_ignored(shared_company):
    attributes = "identifier='x' ref='x' unacked-since='x' version='x'"
    read_only = """<creation-time>x</creation-time><account-status>Inactive</account-status>
        <property-relationships>x<property-relationship identifier='x' zz='x'><zz/></property-relationship>
        </property-relationships>"""
    inside = {
        "/account": read_only,
        "/account/owner": "<full-name>x</full-name>",
        "/account/additional-fields": "<field key='shoe-size' label='x'>9</field>",
    }
    document = account(WRONG, inside).decode().replace("<account>", f"<account {attributes}>")
    assert_only_gender_is_wrong(post_text(shared_company, document))


# The root


@pytest.mark.parametrize(
    "root", ["accounts", "Account", "customer", "a:account xmlns:a='urn:other'", "account xmlns='urn:other'"]
)
def test_a_wrong_root_is_no_account_document(shared_company, root):
    response = post_text(shared_company, f"\n<{root}/>")
    assert (response.status, response.code, response.problems) == (400, "malformed-xml", [])
    assert "2" in response.message
