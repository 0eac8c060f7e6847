"""The account document: the rule of each value, on both sides of each limit. Lengths count code points."""

import datetime

import pytest

from documents import (
    ADDITIONAL_NAMES, BDAY, BILLING, COMMUNITY, CRM_IDENTIFIER, EMAIL, EXTID, FAMILY_NAME, GENDER,
    GIVEN_NAME, HONORIFIC_PREFIXES, NATIONALITY, PASSWORD, RESIDENTIAL, SHOE_SIZE, TEL_PREF, TEL_VOICE,
    account, assert_invalid,
)

NAMES = (GIVEN_NAME, FAMILY_NAME, ADDITIONAL_NAMES, HONORIFIC_PREFIXES)
COUNTRIES = (NATIONALITY, f"{RESIDENTIAL}/country-name/@code", f"{BILLING}/country-name/@code")
STREETS = (f"{RESIDENTIAL}/street-address", f"{BILLING}/street-address")
REGIONS = (f"{RESIDENTIAL}/region", f"{BILLING}/region")
POSTAL_CODES = (f"{RESIDENTIAL}/postal-code", f"{BILLING}/postal-code")
PHONES = (TEL_PREF, TEL_VOICE)
FIELDS = (CRM_IDENTIFIER, SHOE_SIZE)
ONE_LINE = NAMES + REGIONS + POSTAL_CODES + PHONES
OF_LINES = STREETS + FIELDS
LIMITS = (
    [(path, 100) for path in NAMES + REGIONS]
    + [(path, 20) for path in POSTAL_CODES]
    + [(path, 40) for path in PHONES]
    + [(path, 255) for path in STREETS]
    + [(path, 1000) for path in FIELDS]
)
CONTROL_CHARACTERS = ["\t", "\n", "\r", "\x7f", "\x80", "\x85", "\x9f"]
EMPTY = ["", " ", " \t\r\n"]


def create(company, changes):
    return company.client.post("customers", account(changes))


def assert_accepted(company, changes):
    """Nothing is wrong with these values: the one problem is another value's, so that nothing is created."""
    wrong = {EXTID: "../x"} if EXTID not in changes else {GENDER: "x"}
    path = next(iter(wrong))
    assert_invalid(create(company, changes | wrong), (path, "invalid"))


def assert_refused(company, path, value, hint="invalid"):
    assert_invalid(create(company, {path: value}), (path, hint))


def text(length, character="x"):
    """A text with a digit, since a phone number needs one."""
    return "1" + character * (length - 1)


@pytest.mark.parametrize("character", ["x", "é", "𝒜", "\u0301"])
@pytest.mark.parametrize("path, limit", LIMITS)
def test_a_value_of_its_greatest_length_is_accepted_and_a_longer_one_is_invalid(
    shared_company, path, limit, character
):
    assert_accepted(shared_company, {path: text(limit, character)})
    assert_refused(shared_company, path, text(limit + 1, character))


def test_white_space_around_a_value_does_not_count(shared_company):
    assert_accepted(shared_company, {path: f" \t\r\n{text(limit)}\n " for path, limit in LIMITS})
    assert_accepted(shared_company, {EMAIL: "\n joe@example.net\t", BDAY: " 1974-09-08\n", GENDER: " MALE "})


@pytest.mark.parametrize("path", [EMAIL, PASSWORD, GIVEN_NAME, FAMILY_NAME, COMMUNITY])
@pytest.mark.parametrize("value", [None, *EMPTY])
def test_what_a_create_must_give_is_required(shared_company, path, value):
    assert_refused(shared_company, path, value, "required")


@pytest.mark.parametrize("value", EMPTY)
def test_any_other_value_may_be_empty(shared_company, value):
    paths = (ADDITIONAL_NAMES, HONORIFIC_PREFIXES, BDAY, GENDER, *COUNTRIES, *OF_LINES, *REGIONS, *POSTAL_CODES)
    assert_accepted(shared_company, {path: value for path in (*paths, *PHONES)})
    assert_invalid(create(shared_company, {EXTID: value, GENDER: "x"}), (GENDER, "invalid"))


# Control characters


@pytest.mark.parametrize("character", CONTROL_CHARACTERS)
@pytest.mark.parametrize("path", [*ONE_LINE, COMMUNITY, EMAIL, GENDER, EXTID])
def test_a_control_character_is_invalid(shared_company, path, character):
    assert_refused(shared_company, path, f"1{character}2")


@pytest.mark.parametrize("character", CONTROL_CHARACTERS)
def test_a_street_address_and_a_field_may_hold_control_characters(shared_company, character):
    assert_accepted(shared_company, {path: f"1{character}2" for path in OF_LINES})


@pytest.mark.parametrize("character", ["\x7f", "\x85"])
def test_only_the_white_space_of_xml_is_trimmed(shared_company, character):
    for path in ONE_LINE:
        assert_refused(shared_company, path, f"1{character}")


def test_other_spaces_are_characters_like_any_other(shared_company):
    """A no-break space, a line separator and a zero-width space are neither trimmed nor refused."""
    assert_accepted(shared_company, {path: "\u00a0\u20281\u200b" for path in ONE_LINE + OF_LINES})


# E-mail: HTML's definition, at most 254 characters

LABEL = "x" * 63


@pytest.mark.parametrize(
    "value",
    [
        "a@b",
        "joe@example.net",
        "Joe+tag@Example.NET",
        ".joe..banks.@example.net",
        "!#$%&'*+/=?^_`{|}~-.aZ09@example.net",
        "joe@1.2.3",
        "joe@a-b--c.example",
        f"joe@{LABEL}.{LABEL}",
        "x" * 242 + "@example.net",
        f"joe@{LABEL}.{LABEL}.{LABEL}." + "x" * 58,
    ],
)
def test_a_valid_email(shared_company, value):
    assert_accepted(shared_company, {EMAIL: value})


@pytest.mark.parametrize(
    "value",
    [
        "joe", "@example.net", "joe@", "@", "joe@@example.net", "joe@example@net",
        "joe@-example.net", "joe@example-.net", "joe@.example.net", "joe@example..net", "joe@example.net.",
        "jo e@example.net", "joe@exam ple.net", "joe@exam_ple.net", "joe@[127.0.0.1]", '"joe"@example.net',
        "joe,ann@example.net", "Joe <joe@example.net>", "joe(x)@example.net", "joe\\x@example.net",
        "jöe@example.net", "joe@exämple.net", "joe@example.net\u200b", "ｊoe@example.net",
        f"joe@{LABEL}x.net",
        "x" * 243 + "@example.net",
        f"joe@{LABEL}.{LABEL}.{LABEL}." + "x" * 59,
    ],
)  # fmt: skip
def test_an_invalid_email(shared_company, value):
    assert_refused(shared_company, EMAIL, value)


# Birthday: YYYY-MM-DD, a real date, 1870 to today


def day_from_today(days):
    return (datetime.datetime.now(datetime.timezone.utc).date() + datetime.timedelta(days)).isoformat()


@pytest.mark.parametrize("value", ["1870-01-01", "2000-02-29", "1974-12-31", day_from_today(0)])
@pytest.mark.parametrize("zone", ["", "Z", "+00:00", "+14:00", "-14:00", "+05:30"])
def test_a_valid_birthday_with_or_without_a_time_zone(shared_company, value, zone):
    assert_accepted(shared_company, {BDAY: value + zone})


@pytest.mark.parametrize(
    "value",
    [
        "1869-12-31", day_from_today(1), "9999-12-31", "0000-01-01",
        "1974-00-08", "1974-13-08", "1974-09-00", "1974-09-31", "1974-02-29", "1900-02-29", "2001-02-29",
        "08/09/74", "08/09/1974", "19740908", "1974-9-8", "74-09-08", "1974/09/08", "1974-09", "1974-09-08x",
        "+1974-09-08", "-1974-09-08", "01974-09-08", "1974-09- 8", "１９７４-09-08", "1974\u201109\u201108",
        "1974-09-08T00:00:00", "1974-09-08 00:00", "1974-09-08+15:00", "1974-09-08+14:01", "1974-09-08+10:60",
        "1974-09-08 Z", "1974-09-08z", "1974-09-08+1000", "1974-09-08+10", "today", "infinity", "1974-09-08 BC",
    ],
)  # fmt: skip
def test_an_invalid_birthday(shared_company, value):
    assert_refused(shared_company, BDAY, value)


# Gender, countries


@pytest.mark.parametrize("value", ["MALE", "FEMALE"])
def test_a_valid_gender(shared_company, value):
    assert_accepted(shared_company, {GENDER: value})


@pytest.mark.parametrize("value", ["male", "Female", "M", "OTHER", "MALE FEMALE", "MALE,FEMALE"])
def test_an_invalid_gender(shared_company, value):
    assert_refused(shared_company, GENDER, value)


@pytest.mark.parametrize("value", ["US", "GB", "AX", "SS", "TL"])
def test_a_valid_country(shared_company, value):
    assert_accepted(shared_company, dict.fromkeys(COUNTRIES, value))


@pytest.mark.parametrize("path", COUNTRIES)
@pytest.mark.parametrize("value", ["us", "USA", "U", "UK", "ZZ", "XX", "US GB", "840", "United States"])
def test_an_invalid_country(shared_company, path, value):
    assert_refused(shared_company, path, value)


@pytest.mark.parametrize("value", [" US", "US ", "\tUS", "US\n"])
def test_a_countrys_code_is_not_trimmed(shared_company, value):
    assert_refused(shared_company, NATIONALITY, value)


# Phones


@pytest.mark.parametrize("path", PHONES)
@pytest.mark.parametrize("value", ["1", "(704) 451 3434", "+61-3-555 x12", "call 5", "１1"])
def test_a_valid_phone(shared_company, path, value):
    assert_accepted(shared_company, {path: value})


@pytest.mark.parametrize("path", PHONES)
@pytest.mark.parametrize("value", ["unknown", "+", "-"])
def test_a_phone_without_a_digit_is_invalid(shared_company, path, value):
    assert_refused(shared_company, path, value)


# External identifier


@pytest.mark.parametrize(
    "value",
    ["x", "x" * 64, "𝒜" * 64, "a/b", "/", "//", "...", ".a", "a.", "a/.b", "a/..b/c", "a..b", "%2F+?#;'\"<&>", "é x"],
)
def test_a_valid_extid(shared_company, value):
    assert_accepted(shared_company, {EXTID: value})


def test_an_extid_is_trimmed_also_as_an_attribute(shared_company):
    assert_accepted(shared_company, {EXTID: " \t\r\n" + "x" * 64 + "\n "})


@pytest.mark.parametrize("value", ["x" * 65, "𝒜" * 65])
def test_a_longer_extid_is_invalid(shared_company, value):
    assert_refused(shared_company, EXTID, value)


@pytest.mark.parametrize("value", [".", "..", "a/.", "a/..", "./a", "../a", "a/./b", "a/../b", "/.", "../"])
def test_an_extid_with_a_dot_segment_is_invalid(shared_company, value):
    assert_refused(shared_company, EXTID, value)


# Communities and additional fields: keys of the company


@pytest.mark.parametrize(
    "value", ["unknown", "Original", "ORIGINAL", "original x", "o", "original,original", "{original}", "ｏriginal"]
)
def test_a_community_that_the_company_does_not_have_is_invalid(shared_company, value):
    assert_refused(shared_company, COMMUNITY, value)


@pytest.mark.parametrize("value", ['"', "\\", "{}", "NULL", "a\"b", "'", "original\",\"x", "x" * 65, "𝒜" * 5000])
def test_a_community_that_is_no_key_is_invalid(shared_company, value):
    assert_refused(shared_company, COMMUNITY, value)


@pytest.mark.parametrize("key", ["unknown", "Shoe-Size", "shoe_size", " shoe-size", "shoe-size crm-identifier"])
@pytest.mark.parametrize("value", ["Nine", ""])
def test_a_field_that_the_company_does_not_have_is_invalid(shared_company, key, value):
    path = f"/account/additional-fields/field[@key='{key}']"
    assert_refused(shared_company, path, value)


def test_keys_of_another_company_are_unknown(shared_company, make_company):
    other = make_company()
    other.dba("SELECT leap.create_community(:'company', 'elsewhere');")
    other.dba("SELECT leap.define_field(:'company', 'their-own', 'Their Own');")
    path = "/account/additional-fields/field[@key='their-own']"
    response = create(shared_company, {COMMUNITY: "elsewhere", path: "x"})
    assert_invalid(response, (path, "invalid"), (COMMUNITY, "invalid"))


def test_keys_are_known_as_soon_as_they_are_defined(company):
    path = "/account/additional-fields/field[@key='Hat.Size_1']"
    assert_invalid(create(company, {path: "7", COMMUNITY: "second"}), (path, "invalid"), (COMMUNITY, "invalid"))
    company.dba("SELECT leap.create_community(:'company', 'second');")
    company.dba("SELECT leap.define_field(:'company', 'Hat.Size_1', 'Hat');")
    assert create(company, {path: "7", COMMUNITY: "second"}).status == 201
