"""The password of an account: the floor, the strength that the company asks for, and the hash that is kept."""

import base64
import hashlib
import re

import pytest
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from documents import (
    ADDITIONAL_NAMES, EMAIL, FAMILY_NAME, GENDER, GIVEN_NAME, PASSWORD, account, assert_invalid,
)  # fmt: skip

PHC = re.compile(r"\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)")


def create(company, changes):
    return company.client.post("customers", account(changes))


def assert_weak(company, password, changes=None):
    assert_invalid(create(company, (changes or {}) | {PASSWORD: password}), (PASSWORD, "weak"))


def assert_strong(company, password, changes=None):
    """The password is accepted: the one problem is another value's, so that nothing is created."""
    response = create(company, (changes or {}) | {PASSWORD: password, GENDER: "x"})
    assert_invalid(response, (GENDER, "invalid"))


@pytest.fixture
def demanding(company):
    """A function that sets the company's minimum."""
    return lambda score: company.dba("SELECT leap.set_password_score(:'company', :score);", score=score)


# The floor: always, also where the company's minimum is 0


@pytest.mark.parametrize("character", ["x", "\u00e9", "\U0001d49c", "\u0301"])
def test_a_password_has_8_to_128_characters(shared_company, character):
    assert_weak(shared_company, character * 7)
    assert_strong(shared_company, character * 8)
    assert_strong(shared_company, character * 128)
    assert_weak(shared_company, character * 129)


def test_a_long_password_is_weak_and_nothing_else(shared_company):
    assert_weak(shared_company, "x" * 100000)


@pytest.mark.parametrize("password", ["password", "PassWord", "12345678", "iloveyou", "QWERTYUIOP", "1234567890"])
def test_a_common_password_is_weak_in_whatever_case(shared_company, password):
    assert_weak(shared_company, password)


def test_the_common_ones_are_the_first_3000_of_zxcvbns_list_that_are_long_enough(shared_company):
    usable = list(dict.fromkeys(word.casefold() for word in FREQUENCY_LISTS["passwords"] if 8 <= len(word) <= 128))
    assert len(usable) > 3000
    for password in (usable[0], usable[1500], usable[2999]):
        assert_weak(shared_company, password)
    assert_strong(shared_company, usable[3000])


@pytest.mark.parametrize("password", ["newpassword", "aaaaaaaa", " \u00a0      ", "password "])
def test_beyond_the_floor_nothing_is_asked_where_the_minimum_is_0(shared_company, password):
    assert_strong(shared_company, password)


def test_a_password_of_white_space_is_none(shared_company):
    assert_invalid(create(shared_company, {PASSWORD: " " * 8}), (PASSWORD, "required"))


OWN = {
    EMAIL: "Joe.Banks@example.net",
    GIVEN_NAME: "Maximilian",
    FAMILY_NAME: "\u00c5ngstr\u00f6m-Banks",
    ADDITIONAL_NAMES: "Bartholomew",
}


@pytest.mark.parametrize(
    "password",
    [
        "Joe.Banks@example.net", "joe.banks@EXAMPLE.net", "1joe.banks@example.net22",
        "Maximilian", "maximilian", "MAXIMILIAN1", "1Maximilian", "007maximilian1974",
        "\u00c5ngstr\u00f6m-Banks", "\u00e5NGSTR\u00d6M-BANKS", "12\u00e5ngstr\u00f6m-banks34",
        "bartholomew", "Bartholomew1958", "Maximilian \u00c5ngstr\u00f6m-Banks", "1maximilian \u00e5ngstr\u00f6m-banks2",
    ],
)  # fmt: skip
def test_the_accounts_own_email_or_names_with_digits_around_them_are_weak(shared_company, password):
    assert_weak(shared_company, password, OWN)


@pytest.mark.parametrize("password", ["xMaximilian", "Maximilian!", "Maxi1milian", "Maximilia"])
def test_anything_more_than_digits_is_not_the_own_name(shared_company, password):
    assert_strong(shared_company, password, OWN)


@pytest.mark.parametrize("character", ["\t", "\n", "\r", "\x7f", "\x80", "\x9f"])
def test_a_control_character_in_a_password_is_invalid(shared_company, character):
    for password in (f"new{character}password", f"newpassword{character}", f"{character}newpassword"):
        assert_invalid(create(shared_company, {PASSWORD: password}), (PASSWORD, "invalid"))


# The strength: guesses over 10^3, 10^6, 10^8, 10^10

SCORES = {
    "aaaaaaaa": 0, "newpassword": 0,
    "purplehorse": 1, "elephant99": 1,
    "elephant-99": 2, "94718352": 2,
    "zebra!umbrella": 3, "9471835206": 3,
    "94718352068": 4, "kF7#vq2!Zr9p": 4,
}  # fmt: skip


@pytest.mark.parametrize("minimum", range(5))
def test_a_password_has_at_least_the_companys_minimum(company, demanding, minimum):
    demanding(minimum)
    for password, score in SCORES.items():
        (assert_strong if score >= minimum else assert_weak)(company, password)


def test_the_accounts_own_values_are_known_words(company, demanding):
    demanding(3)
    password = "zyrquvexotl!4"
    assert_strong(company, password)
    for path in (GIVEN_NAME, FAMILY_NAME, ADDITIONAL_NAMES):
        assert_weak(company, password, {path: "Zyrquvexotl"})
    assert_weak(company, password, {EMAIL: "zyrquvexotl@example.net"})


def test_a_new_company_asks_for_3(instance, company):
    asked = company.dba("SELECT leap.create_company(:'company' || '-new', 'New', :'company' || '-new.leap.localhost') "
                        "\\g /dev/null\n"
                        "SELECT password_score FROM leap.company WHERE company = :'company' || '-new';")  # fmt: skip
    assert asked == "3"


# What is kept


def unpadded(text):
    return base64.b64decode(text + "=" * (-len(text) % 4))


def kept_hash(company, identifier):
    return company.dba("SELECT password_hash FROM leap.account_password WHERE identifier = :identifier;",
                       identifier=identifier)  # fmt: skip


@pytest.mark.parametrize(
    "password",
    ["newpassword", " with spaces around ", "pass\u00e9\U0001d49c e\u0301", "<&>\"' pass", "x" * 128, "\U0001d49c" * 128],
    ids=range(6),
)
def test_the_hash_is_scrypt_of_the_password_exactly_as_sent(company, password):
    response = create(company, {PASSWORD: password})
    assert response.status == 201, response.body
    ln, r, p, salt, digest = PHC.fullmatch(kept_hash(company, response.document.get("identifier"))).groups()
    cost = {"n": 2 ** int(ln), "r": int(r), "p": int(p), "maxmem": 2**30}
    expected = hashlib.scrypt(password.encode(), salt=unpadded(salt), dklen=len(unpadded(digest)), **cost)
    assert unpadded(digest) == expected
    assert len(unpadded(salt)) >= 16
    assert len(expected) >= 32


def test_the_cost_is_owasps(company):
    identifier = create(company, {}).document.get("identifier")
    ln, r, p = (int(number) for number in PHC.fullmatch(kept_hash(company, identifier)).groups()[:3])
    assert r == 8
    assert (ln, p) in {(17, 1), (16, 2), (15, 3), (14, 5), (13, 10)}


def test_the_same_password_twice_has_two_salts(company):
    hashes = [
        kept_hash(company, create(company, {EMAIL: f"x{n}@example.net"}).document.get("identifier")) for n in range(2)
    ]
    assert hashes[0] != hashes[1]


def test_the_apis_role_reads_nothing_of_passwords(instance):
    for statement in ("SELECT count(*) FROM leap.account_password;", "TABLE leap.account_password;",
                      "UPDATE leap.account_password SET password_hash = '';",
                      "DELETE FROM leap.account_password;"):  # fmt: skip
        with pytest.raises(RuntimeError, match="permission denied"):
            instance.psql(statement, role="leap_api")


def test_a_password_is_never_returned_nor_logged(company):
    password = "CanaryCanary!77x"
    response = create(company, {PASSWORD: password})
    refused = create(company, {PASSWORD: password, EMAIL: "x"})
    shown = company.client.get(f"customers/{response.document.get('identifier')}")
    for reply in (response, refused, shown):
        assert password.encode() not in reply.body
    assert shown.document.find(".//password") is None
    assert password not in company.instance.logs()
