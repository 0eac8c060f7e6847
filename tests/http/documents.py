"""Account documents as {xpath: value}, by the xpaths that field errors use too; and accounts made by SQL."""

import itertools
import json
import re

from lxml import etree

STEP = re.compile(r"([\w-]+)(?:\[@([\w-]+)='([^']*)'\])?")
READ_ONLY = ("/account/creation-time", "/account/account-status", "/account/owner/full-name", "/account/property-")
_numbers = itertools.count(1)

EMAIL = "/account/owner/email"
PASSWORD = "/account/owner/password"
GIVEN_NAME = "/account/owner/name/given-name"
FAMILY_NAME = "/account/owner/name/family-name"
ADDITIONAL_NAMES = "/account/owner/name/additional-names"
HONORIFIC_PREFIXES = "/account/owner/name/honorific-prefixes"
BDAY = "/account/owner/bday"
GENDER = "/account/owner/gender"
NATIONALITY = "/account/owner/nationality/@code"
TEL_PREF = "/account/owner/tel[@type='pref']"
TEL_VOICE = "/account/owner/tel[@type='voice']"
RESIDENTIAL = "/account/owner/residential-address"
BILLING = "/account/billing-address"
CRM_IDENTIFIER = "/account/additional-fields/field[@key='crm-identifier']"
SHOE_SIZE = "/account/additional-fields/field[@key='shoe-size']"
COMMUNITY = "/account/communities/community"
EXTID = "/account/@extid"

REQUIRED = {
    EMAIL: "joe@example.net",
    PASSWORD: "newpassword",
    GIVEN_NAME: "Joseph",
    FAMILY_NAME: "Banks",
    COMMUNITY: "original",
}

# Every value that an account can have, in the order of a reply.
COMPLETE = {
    EXTID: "CRM-1234",
    FAMILY_NAME: "Banks",
    GIVEN_NAME: "Joseph",
    ADDITIONAL_NAMES: "A",
    HONORIFIC_PREFIXES: "Mr.",
    BDAY: "1974-09-08",
    GENDER: "MALE",
    NATIONALITY: "US",
    EMAIL: "joe@example.net",
    PASSWORD: "newpassword",
    TEL_PREF: "(704) 451 3434",
    TEL_VOICE: "555",
    f"{RESIDENTIAL}/street-address": "222 Example Street",
    f"{RESIDENTIAL}/region": "Example State",
    f"{RESIDENTIAL}/postal-code": "99221",
    f"{RESIDENTIAL}/country-name/@code": "US",
    f"{BILLING}/street-address": "10 Example Road",
    f"{BILLING}/region": "Other State",
    f"{BILLING}/postal-code": "21345",
    f"{BILLING}/country-name/@code": "AU",
    CRM_IDENTIFIER: "CRM123",
    SHOE_SIZE: "Nine",
    COMMUNITY: "original",
}

ADDRESS_PARTS = ("street-address", "region", "postal-code", "country-name/@code")
RESIDENTIAL_PARTS = [f"{RESIDENTIAL}/{part}" for part in ADDRESS_PARTS]
BILLING_PARTS = [f"{BILLING}/{part}" for part in ADDRESS_PARTS]

# The columns of leap.account that hold the values; additional fields and communities have no column of their own.
COLUMNS = {
    EXTID: "extid", EMAIL: "email", FAMILY_NAME: "family_name", GIVEN_NAME: "given_name",
    ADDITIONAL_NAMES: "additional_names", HONORIFIC_PREFIXES: "honorific_prefixes", BDAY: "bday", GENDER: "gender",
    NATIONALITY: "nationality", TEL_PREF: "tel_pref", TEL_VOICE: "tel_voice",
    RESIDENTIAL_PARTS[0]: "residential_street_address", RESIDENTIAL_PARTS[1]: "residential_region",
    RESIDENTIAL_PARTS[2]: "residential_postal_code", RESIDENTIAL_PARTS[3]: "residential_country",
    BILLING_PARTS[0]: "billing_street_address", BILLING_PARTS[1]: "billing_region",
    BILLING_PARTS[2]: "billing_postal_code", BILLING_PARTS[3]: "billing_country",
}  # fmt: skip

# What insert_complete() puts into an account, as a reply shows it.
ON_RECORD = {path: value for path, value in COMPLETE.items() if path != PASSWORD}


def _child(parent, step):
    """The element of one step of a path, made where there is none."""
    name, attribute, key = STEP.fullmatch(step).groups()
    for child in parent.iterchildren(name):
        if attribute is None or child.get(attribute) == key:
            return child
    return etree.SubElement(parent, name, {attribute: key} if attribute else {})


def build(values, inside=None):
    """
    The document with these values, those that are None left out. `inside` is XML to add at the end of elements, by
    their paths.
    """
    root = etree.Element("account")
    for path, value in values.items():
        *steps, last = path.removeprefix("/account/").split("/")
        element = root
        for step in steps if value is not None else ():
            element = _child(element, step)
        if value is None:
            continue
        if last.startswith("@"):
            element.set(last[1:], value)
        else:
            _child(element, last).text = value
    for path, xml in (inside or {}).items():
        element = root
        for step in path.split("/")[2:]:
            element = _child(element, step)
        for child in etree.fromstring(f"<x>{xml}</x>"):
            element.append(child)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def account(changes=None, inside=None):
    """The smallest valid account document, with changes: {xpath: value}, None to leave out."""
    return build(REQUIRED | (changes or {}), inside)


def values(root):
    """The values of an account as {xpath: value}, in its order; labels and attributes of the root apart."""
    found = {EXTID: root.get("extid")} if root.get("extid") is not None else {}

    def walk(element, path):
        for child in element:
            keys = "".join(f"[@{name}='{child.get(name)}']" for name in ("type", "key") if name in child.attrib)
            step = f"{path}/{child.tag}{keys}"
            found.update({f"{step}/@code": child.get("code")} if "code" in child.attrib else {})
            if len(child):
                walk(child, step)
            elif "code" not in child.attrib:
                found[step] = child.text or ""

    walk(root, "/account")
    return found


def personal_values(root):
    """The values that a client can set."""
    return {path: value for path, value in values(root).items() if not path.startswith(READ_ONLY)}


def assert_invalid(response, *problems, status=400):
    """A validation error with exactly these problems, (xpath, errorhint), in this order."""
    assert (response.status, response.code) == (status, "validation"), response.body
    assert response.message == "Validation failed."
    assert response.problems == list(problems)
    assert all(field.get("detail") for field in response.document.iter("field"))


def assert_malformed(response, line):
    """A document that is not well-formed XML or has a wrong root, with the line in the message."""
    assert (response.status, response.code) == (400, "malformed-xml"), response.body
    assert response.problems == []
    assert re.findall(r"\b[Ll]ine (\d+)\b", response.message) == [str(line)], response.message


def insert_account(company, **columns):
    """An account made by SQL, with these columns of leap.account; returns its identifier."""
    columns = {
        "email": f"account-{next(_numbers)}@example.net",
        "given_name": "Ann",
        "family_name": "Other",
        "communities": "{original}",
    } | columns
    names = ", ".join(columns)
    literals = ", ".join(f":'{name}'" for name in columns)
    return company.dba(
        f"INSERT INTO leap.account (company_id, {names}) "
        f"SELECT company_id, {literals} FROM leap.company WHERE company = :'company' RETURNING identifier;",
        **columns,
    )


def insert_complete(company):
    """An account with every value, acknowledged, made by SQL; returns its identifier."""
    fields = {"crm-identifier": COMPLETE[CRM_IDENTIFIER], "shoe-size": COMPLETE[SHOE_SIZE]}
    identifier = insert_account(
        company,
        additional_fields=json.dumps(fields),
        **{column: COMPLETE[path] for path, column in COLUMNS.items()},
    )
    company.dba("UPDATE leap.account SET unacked_since = NULL WHERE identifier = :identifier;", identifier=identifier)
    return identifier


def stored(company, identifier):
    """The account's row and the length of its history: whatever writes to either changes this."""
    return company.dba(
        "SELECT a, (SELECT count(*) FROM leap.account_change c WHERE c.identifier = a.identifier) "
        "FROM leap.account a WHERE identifier = :identifier;",
        identifier=identifier,
    )
