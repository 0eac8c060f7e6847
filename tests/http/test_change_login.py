"""PUT customers/{identifier}/change-login and customers/extid/{extid}/change-login: the login, which is the e-mail address."""

import pytest

from documents import assert_invalid, assert_malformed, insert_account, stored
from leap_client import NAMESPACE

LOGIN_ID = "/change-login/login-id"
NIL = 'xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true"'

# The document's own sample, as it stands: its end tag is another.
SAMPLE = b"""<change-login>
    <login-id>user@exmaple.com</login-id>
</change-login-id>
"""


def document(login):
    return f"<change-login><login-id>{login}</login-id></change-login>".encode()


def change(company, identifier, login):
    return company.client.put(f"customers/{identifier}/change-login", document(login))


def changed(response):
    """The ref of a change that succeeded."""
    assert (response.status, response.reason) == (201, "Updated"), response.body
    return response.document


def email(company, identifier):
    return company.client.get(f"customers/{identifier}").document.findtext("owner/email")


def acknowledge(company, identifier):
    company.dba("UPDATE leap.account SET unacked_since = NULL WHERE identifier = :identifier;", identifier=identifier)


@pytest.fixture(scope="module")
def refusing(make_company):
    """
    A company where every change is refused: .identifier has the extid CRM-1234 and is in two communities; the address
    joe@example.net is taken in one of them.
    """
    company = make_company()
    company.dba("SELECT leap.create_community(:'company', 'other');")
    company.identifier = insert_account(company, extid="CRM-1234", communities="{original,other}")
    insert_account(company, email="joe@example.net", communities="{other}")
    insert_account(company, email="gone@example.net", account_status="Inactive")
    company.row = stored(company, company.identifier)
    return company


def refuse(company, body, *problems):
    assert_invalid(company.client.put(f"customers/{company.identifier}/change-login", body), *problems)
    assert stored(company, company.identifier) == company.row


# The change


@pytest.mark.parametrize("path", ["customers/{}/change-login", "customers/extid/CRM-1234/change-login", "customers/{}/change-login/"])
def test_a_change_by_either_identifier_is_201_updated_with_the_ref(company, path):
    identifier = insert_account(company, extid="CRM-1234")
    response = company.client.put(path.format(identifier), document("User@Example.com"))
    root = changed(response)
    url = f"https://{company.host}:{company.client.port}/api/v1/customers/{identifier}"
    assert root.tag == "ref" and len(root) == 0
    assert dict(root.attrib) == {"ref": url, "identifier": identifier, "extid": "CRM-1234", "version": "2"}
    assert "ETag" not in response.headers
    assert email(company, identifier) == "User@Example.com"


def test_the_ref_of_an_account_without_extid_has_none(company):
    assert "extid" not in changed(change(company, insert_account(company), "user@example.com")).attrib


def test_the_sample_as_it_stands_is_not_well_formed(refusing):
    for path in (f"customers/{refusing.identifier}", "customers/extid/CRM-1234"):
        assert_malformed(refusing.client.put(f"{path}/change-login", SAMPLE), line=3)
    assert stored(refusing, refusing.identifier) == refusing.row


def test_the_sample_with_its_end_tag_mended(company):
    identifier = insert_account(company)
    changed(company.client.put(f"customers/{identifier}/change-login", SAMPLE.replace(b"/change-login-id", b"/change-login")))
    assert email(company, identifier) == "user@exmaple.com"


@pytest.mark.parametrize(
    "text",
    [
        f'<change-login xmlns="{NAMESPACE}"><login-id>a@example.net</login-id></change-login>',
        f'<l:change-login xmlns:l="{NAMESPACE}"><l:login-id>\n a@example.net\t</l:login-id></l:change-login>',
        "<change-login><!-- new --><login-id>a@<![CDATA[example]]>.n&#101;t</login-id><?x?></change-login>",
        '<change-login xml:lang="en"><login-id xml:space="preserve"> a@example.net </login-id></change-login>',
    ],
)
def test_a_login_may_be_written_in_many_ways(company, text):
    identifier = insert_account(company)
    changed(company.client.put(f"customers/{identifier}/change-login", text.encode()))
    assert email(company, identifier) == "a@example.net"


@pytest.mark.parametrize("login", ["a+b@example.net", "o'neil&amp;co@example.net", "{|}~^`!#$%*/=?_-.@a", "a" * 64 + "@b", "x@" + ".".join(["b" * 63] * 3) + "." + "c" * 60])
def test_a_valid_address_is_stored_as_given(company, login):
    identifier = insert_account(company)
    changed(change(company, identifier, login))
    assert email(company, identifier) == login.replace("&amp;", "&")


def test_a_change_raises_flag_and_version_and_is_in_the_history(company):
    identifier = insert_account(company, email="old@example.net")
    acknowledge(company, identifier)
    assert changed(change(company, identifier, "new@example.net")).get("version") == "2"
    root = company.client.get(f"customers/{identifier}").document
    assert (root.get("version"), root.get("unacked-since") > root.findtext("creation-time")) == ("2", True)
    history = company.dba(
        "SELECT author, version, column_name, old_value, new_value FROM leap.account_history "
        "WHERE identifier = :identifier AND operation = 'change-login';",
        identifier=identifier,
    )
    assert history == "tests|2|email|old@example.net|new@example.net"


def test_ones_own_address_changes_nothing(company):
    identifier = insert_account(company, email="user@example.net")
    acknowledge(company, identifier)
    before = stored(company, identifier)
    assert changed(change(company, identifier, " user@example.net ")).get("version") == "1"
    assert stored(company, identifier) == before


def test_ones_own_address_in_other_case_is_no_duplicate_but_a_change(company):
    identifier = insert_account(company, email="user@example.net")
    assert changed(change(company, identifier, "USER@Example.net")).get("version") == "2"
    assert email(company, identifier) == "USER@Example.net"


def test_the_old_address_is_free_and_the_new_one_is_found(company):
    identifier = insert_account(company, email="old@example.net")
    changed(change(company, identifier, "New@example.net"))
    other = insert_account(company)
    changed(change(company, other, "OLD@example.net"))
    for address, found in (("new@example.net", identifier), ("old@example.net", other)):
        accounts = company.client.get(f"customers/by_email/original/{address}").document
        assert [account.get("identifier") for account in accounts] == [found]


def test_an_address_of_another_community_or_company_is_free(company, make_company):
    company.dba("SELECT leap.create_community(:'company', 'other');")
    insert_account(company, email="user@example.net", communities="{other}")
    insert_account(make_company(), email="user@example.net")
    changed(change(company, insert_account(company), "user@example.net"))


# The errors of the login


@pytest.mark.parametrize(
    "text",
    [
        "<change-login/>",
        f'<change-login xmlns="{NAMESPACE}"/>',
        "<change-login></change-login>",
        "<change-login><login-id/></change-login>",
        "<change-login><login-id> \n\t </login-id></change-login>",
        "<change-login><login-id><!-- user@example.net --></login-id></change-login>",
        f"<change-login><login-id {NIL}>user@example.net</login-id></change-login>",
    ],
)
def test_a_login_is_required(refusing, text):
    refuse(refusing, text.encode(), (LOGIN_ID, "required"))


@pytest.mark.parametrize(
    "login",
    [
        "x", "@", "a@", "@b", "a@b@c", "a b@c", "a@b c", "a@b.", "a@.b", "a@b..c", "a@-b", "a@b-", "a@b_c", "a@[127.0.0.1]",
        "a@b,c@d", "&lt;a@b>", '"a b"@c', "a@b\tc", "a&#127;@b", "\u00e9@b", "a@\u00e9", "\u212a@b", "a@" + "b" * 64,
        "a@" + ".".join(["b" * 63] * 4), "x@y&#10;z", "a\u00a0@b", "\u200ba@b", "Ann &lt;ann@example.net>", "mailto:a@b:c",
    ],
)  # fmt: skip
def test_what_is_no_valid_address_is_invalid(refusing, login):
    refuse(refusing, document(login), (LOGIN_ID, "invalid"))


def test_an_address_may_have_254_characters(company):
    identifier = insert_account(company)
    domain = ".".join(["b" * 63] * 3)
    longest = "a" * (254 - len(domain) - 1) + "@" + domain
    assert_invalid(change(company, identifier, f"a{longest}"), (LOGIN_ID, "invalid"))
    changed(change(company, identifier, longest))


@pytest.mark.parametrize("login", ["joe@example.net", "JOE@example.NET", " joe@Example.net\n", "gone@example.net", "GONE@EXAMPLE.NET"])
def test_an_address_of_another_account_of_the_community_is_a_duplicate(refusing, login):
    refuse(refusing, document(login), (LOGIN_ID, "duplicate"))


@pytest.mark.parametrize("first, second", [("a@b", "a@b"), ("a@b", ""), ("", "a@b"), ("a@b", "c@d")])
def test_a_login_given_twice_is_a_duplicate(refusing, first, second):
    text = f"<change-login><login-id>{first}</login-id><login-id>{second}</login-id></change-login>"
    response = refusing.client.put(f"customers/{refusing.identifier}/change-login", text.encode())
    assert (response.status, response.code) == (400, "validation")
    assert (LOGIN_ID, "duplicate") in response.problems
    assert stored(refusing, refusing.identifier) == refusing.row


@pytest.mark.parametrize(
    "text, path",
    [
        ("<change-login x='1'><login-id>a@b</login-id></change-login>", "/change-login/@x"),
        ("<change-login><login-id x='1'>a@b</login-id></change-login>", "/change-login/login-id/@x"),
        ("<change-login><login-id>a@b</login-id><x/></change-login>", "/change-login/x"),
        ("<change-login><x><y/></x><login-id>a@b</login-id></change-login>", "/change-login/x"),
        ("<change-login><Login-id/><login-id>a@b</login-id></change-login>", "/change-login/Login-id"),
        ("<change-login><login-id>a<x/>@b</login-id></change-login>", "/change-login/login-id/x"),
        ("<change-login>x<login-id>a@b</login-id></change-login>", "/change-login"),
        ("<change-login><login-id>a@b</login-id><y xmlns='urn:y'/></change-login>", "/change-login/y"),
    ],
)
def test_anything_else_is_invalid_at_its_own_xpath(refusing, text, path):
    refuse(refusing, text.encode(), (path, "invalid"))


def test_all_errors_come_at_once_attributes_first_unknown_elements_last(refusing):
    text = "<change-login a=''><x/><login-id b=''>joe</login-id></change-login>"
    refuse(
        refusing,
        text.encode(),
        ("/change-login/@a", "invalid"),
        ("/change-login/login-id/@b", "invalid"),
        (LOGIN_ID, "invalid"),
        ("/change-login/x", "invalid"),
    )


def test_an_error_elsewhere_does_not_hide_a_duplicate(refusing):
    text = "<change-login><login-id>joe@example.net</login-id><x/></change-login>"
    refuse(refusing, text.encode(), (LOGIN_ID, "duplicate"), ("/change-login/x", "invalid"))


@pytest.mark.parametrize(
    "text",
    [
        "<account/>", "<login-id>a@b</login-id>", "<change-login-id/>", "<Change-login/>", "<x:change-login xmlns:x='urn:x'/>",
        "", " ", "a@b", "<change-login>", "<change-login/><change-login/>", "<change-login/>x", "<!DOCTYPE x><change-login/>",
    ],
)  # fmt: skip
def test_another_root_or_malformed_xml_is_400(refusing, text):
    assert_malformed(refusing.client.put(f"customers/{refusing.identifier}/change-login", text.encode()), line=1)
