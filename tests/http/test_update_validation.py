"""PUT customers/{identifier} and customers/extid/{extid}: every field error of an update, 409; nothing is changed."""

import pytest

from documents import (
    BDAY, BILLING, COMMUNITY, CRM_IDENTIFIER, EMAIL, EXTID, FAMILY_NAME, GENDER, GIVEN_NAME, NATIONALITY, ON_RECORD,
    PASSWORD, RESIDENTIAL, SHOE_SIZE, TEL_PREF, TEL_VOICE, assert_invalid, build, insert_account, insert_complete,
    personal_values, stored,
)  # fmt: skip
from leap_client import NAMESPACE

NAMES_AND_BDAY = {FAMILY_NAME: "Banks", GIVEN_NAME: "Joseph", BDAY: "1974-09-08"}
IDENTIFIER = "/account/@identifier"
WRONG = {GENDER: "x"}
WRONG_PROBLEM = (GENDER, "invalid")


class Refusing:
    """A company whose accounts no update here may change."""

    def __init__(self, company):
        self.company = company
        company.dba("SELECT leap.create_community(:'company', key) FROM unnest('{other,third}'::text[]) AS key;")
        self.identifier = insert_complete(company)
        self.without_extid = insert_account(company)
        self.in_two = insert_account(company, communities="{other,third}", bday="1974-09-08")
        self.rows = {one: stored(company, one) for one in (self.identifier, self.without_extid, self.in_two)}

    def refuse(self, document, *problems, identifier=None):
        identifier = identifier or self.identifier
        response = self.company.client.put(f"customers/{identifier}", document)
        assert_invalid(response, *problems, status=409)
        assert stored(self.company, identifier) == self.rows[identifier]


@pytest.fixture(scope="module")
def refusing(make_company):
    return Refusing(make_company())


def changed(changes=None, inside=None):
    return build(NAMES_AND_BDAY | (changes or {}), inside)


def communities(*keys, changes=None):
    xml = "".join(f"<community>{key}</community>" for key in keys)
    return changed(changes, {"/account/communities": xml})


# What is required

REQUIRED_PROBLEMS = ((FAMILY_NAME, "required"), (GIVEN_NAME, "required"), (BDAY, "required"))


@pytest.mark.parametrize(
    "document",
    [
        "<account/>",
        f'<a:account xmlns:a="{NAMESPACE}"/>',
        "<account><owner/></account>",
        "<account><owner><bday/><name/></owner></account>",
        "<account><owner><name><given-name/><family-name> </family-name></name><bday>\n</bday></owner></account>",
    ],
)
def test_names_are_required_and_the_day_of_birth_where_it_is_on_record(refusing, document):
    refusing.refuse(document.encode(), *REQUIRED_PROBLEMS)
    refusing.refuse(document.encode(), *REQUIRED_PROBLEMS[:2], identifier=refusing.without_extid)


@pytest.mark.parametrize("empty", [None, "", " \t\n"])
@pytest.mark.parametrize("path", NAMES_AND_BDAY)
def test_each_of_them_is_required(refusing, path, empty):
    refusing.refuse(changed({path: empty}), (path, "required"))


# Parts that cannot be changed


@pytest.mark.parametrize("value", ["1", "0", "", " ", "x", "{}x", " {}", "-{}", "{}.0", "1" * 19, "0" * 11 + "{}", "10000001 "])
def test_another_identifier_is_invalid(refusing, value):
    refusing.refuse(changed({IDENTIFIER: value.format(refusing.identifier)}), (IDENTIFIER, "invalid"))


@pytest.mark.parametrize("value", ["crm-1234", "CRM-12345", "CRM\u00a01234", "", " ", "x" * 65, "..", "a\tb"])
def test_another_extid_is_invalid(refusing, value):
    refusing.refuse(changed({EXTID: value}), (EXTID, "invalid"))


@pytest.mark.parametrize("value", ["CRM-1234", "a"])
def test_an_extid_is_invalid_where_none_is_on_record(refusing, value):
    document = changed({EXTID: value})
    refusing.refuse(document, (EXTID, "invalid"), identifier=refusing.without_extid)


@pytest.mark.parametrize("value", ["ann@example.net", "joe@example.net.", "x", "joe@example.com", "joe@exam ple.net", "jo\u00e9@example.net"])
def test_another_email_is_invalid(refusing, value):
    refusing.refuse(changed({EMAIL: value}), (EMAIL, "invalid"))


def test_an_email_is_compared_with_only_ascii_letters_folded(company):
    """The Kelvin sign is a small k to Unicode's case folding."""
    identifier = insert_account(company, email="k@example.net")
    assert_invalid(company.client.put(f"customers/{identifier}", changed({EMAIL: "\u212a@example.net"})), (EMAIL, "invalid"), status=409)


@pytest.mark.parametrize("value", ["newpassword", "x", "correct horse battery staple", "x" * 129])
def test_a_password_is_invalid(refusing, value):
    refusing.refuse(changed({PASSWORD: value}), (PASSWORD, "invalid"))


# Values


@pytest.mark.parametrize(
    "path, value",
    [
        (GIVEN_NAME, "x" * 101), (FAMILY_NAME, "a\tb"), (BDAY, "08/09/74"), (BDAY, "2023-02-29"), (BDAY, "1869-12-31"),
        (BDAY, "2999-01-01"), (GENDER, "male"), (NATIONALITY, "XX"), (NATIONALITY, "us"), (TEL_PREF, "none"),
        (TEL_VOICE, "1" * 41), (f"{RESIDENTIAL}/street-address", "x" * 256), (f"{BILLING}/postal-code", "1" * 21),
        (f"{BILLING}/country-name/@code", "U"), (SHOE_SIZE, "x" * 1001), ("/account/owner/tel[@type='fax']", "1"),
        ("/account/additional-fields/field[@key='unknown']", "x"), ("/account/additional-fields/field[@key='unknown']", ""),
        ("/account/additional-fields/field[@key='Shoe-size']", "x"), ("/account/owner/nickname", "x"), ("/account/@other", "x"),
    ],
)  # fmt: skip
def test_a_value_that_breaks_its_rule_is_invalid(refusing, path, value):
    refusing.refuse(changed({path: value}), (path, "invalid"))


@pytest.mark.parametrize(
    "parent, xml, path",
    [
        ("/account/owner", "<gender>MALE</gender><gender>MALE</gender>", GENDER),
        ("/account/owner", "<gender>MALE</gender><gender/>", GENDER),
        ("/account/owner", "<gender/><gender/>", GENDER),
        ("/account/owner", "<tel type='pref'>1</tel><tel type='pref'/>", TEL_PREF),
        ("/account", "<billing-address/><billing-address><region>x</region></billing-address>", BILLING),
        ("/account/additional-fields", "<field key='shoe-size'>1</field><field key='shoe-size'>1</field>", SHOE_SIZE),
        ("/account/additional-fields", "<field key='shoe-size'/><field key='shoe-size'/>", SHOE_SIZE),
    ],
)
def test_what_is_given_twice_is_a_duplicate_empty_or_not(refusing, parent, xml, path):
    refusing.refuse(changed(inside={parent: xml}), (path, "duplicate"))


def test_all_errors_come_at_once_in_the_order_of_the_get_sample(refusing):
    wrong = {
        SHOE_SIZE: "x" * 1001, f"{BILLING}/country-name/@code": "XX", TEL_VOICE: "x", PASSWORD: "newpassword",
        EMAIL: "ann@example.net", GENDER: "x", BDAY: "x", GIVEN_NAME: None, EXTID: "x", IDENTIFIER: "1", COMMUNITY: "unknown",
        "/account/nothing": "x",
    }  # fmt: skip
    hints = {GIVEN_NAME: "required"}
    order = [GIVEN_NAME, BDAY, GENDER, EMAIL, PASSWORD, TEL_VOICE, f"{BILLING}/country-name/@code", SHOE_SIZE, COMMUNITY,
             "/account/nothing"]  # fmt: skip
    response = refusing.company.client.put(f"customers/{refusing.identifier}", changed(wrong))
    # The order of the two attributes among each other is open.
    assert sorted(response.problems[:2]) == [(EXTID, "invalid"), (IDENTIFIER, "invalid")]
    assert response.problems[2:] == [(path, hints.get(path, "invalid")) for path in order]
    assert response.status == 409


def test_an_update_that_is_refused_changes_none_of_its_good_values(company):
    identifier = insert_complete(company)
    document = changed({FAMILY_NAME: "Fisher", CRM_IDENTIFIER: "", TEL_VOICE: "", COMMUNITY: "original"} | WRONG)
    assert_invalid(company.client.put(f"customers/{identifier}", document), WRONG_PROBLEM, status=409)
    found = company.client.get(f"customers/{identifier}").document
    assert personal_values(found) == ON_RECORD
    assert (found.get("version"), found.get("unacked-since")) == ("1", None)


# Communities


@pytest.mark.parametrize("xml", ["", "<community/>", "<community> </community>", "<!-- original -->"])
def test_communities_that_are_there_but_empty_are_required(refusing, xml):
    refusing.refuse(changed(inside={"/account/communities": xml}), (COMMUNITY, "required"))


@pytest.mark.parametrize("key", ["unknown", "Original", "ori ginal", "{original}", "'", '"', "\\"])
def test_a_community_that_is_not_of_the_company_is_invalid(refusing, key):
    refusing.refuse(communities(key), (COMMUNITY, "invalid"))


def numbered(*positions):
    return [(f"{COMMUNITY}[{position}]", "invalid") for position in positions]


@pytest.mark.parametrize(
    "keys, positions",
    [
        (("original", "other"), (2,)),
        (("other", "original"), (2,)),
        (("original", "original"), (2,)),
        (("unknown", "original"), (1, 2)),
        (("original", "other", "unknown"), (2, 3)),
    ],
)
def test_each_community_beyond_the_first_is_invalid_by_its_number(refusing, keys, positions):
    refusing.refuse(communities(*keys), *numbered(*positions))


@pytest.mark.parametrize(
    "keys, positions",
    [
        (("other", "original"), (2,)),
        (("other", "other"), (2,)),
        (("other", "third", "original"), (2, 3)),
        (("other", "third", "other"), (2, 3)),
        (("unknown", "third"), (1, 2)),
    ],
)
def test_two_on_record_are_accepted_only_as_they_are(refusing, keys, positions):
    refusing.refuse(communities(*keys), *numbered(*positions), identifier=refusing.in_two)


@pytest.fixture(scope="module")
def taken(refusing):
    """The e-mail address of both accounts on record, taken in the communities that they are not in."""
    insert_account(refusing.company, email="JOE@example.NET", communities="{other}")
    insert_account(refusing.company, email="joe@Example.net", communities="{third}", account_status="Inactive")
    return refusing


@pytest.mark.parametrize("key", ["other", "third"])
def test_a_move_onto_a_taken_email_is_a_duplicate(taken, key):
    taken.refuse(communities(key), (COMMUNITY, "duplicate"))


def test_a_move_onto_a_taken_email_is_named_together_with_all_other_errors(taken):
    document = communities("other", changes=WRONG | {"/account/nothing": "x"})
    taken.refuse(document, WRONG_PROBLEM, (COMMUNITY, "duplicate"), ("/account/nothing", "invalid"))


def test_a_duplicate_among_several_communities_is_numbered_too(taken):
    taken.refuse(communities("other", "original"), (f"{COMMUNITY}[1]", "duplicate"), (f"{COMMUNITY}[2]", "invalid"))


def test_an_error_elsewhere_makes_no_duplicate_of_ones_own_email(taken):
    taken.refuse(communities("original", changes=WRONG), WRONG_PROBLEM)


def test_an_email_taken_in_another_company_is_no_duplicate(company, make_company):
    other = make_company()
    insert_account(other, email="joe@example.net")
    for each in (company, other):
        each.dba("SELECT leap.create_community(:'company', 'other');")
    insert_account(other, email="joe@example.net", communities="{other}")
    response = company.client.put(f"customers/{insert_complete(company)}", communities("other"))
    assert (response.status, response.reason) == (201, "Updated")
