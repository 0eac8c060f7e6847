"""PUT customers/{identifier} and customers/extid/{extid}: what is absent is kept, what is there but empty is cleared."""

from urllib.parse import quote

import pytest

from documents import (
    ADDITIONAL_NAMES, BDAY, BILLING, BILLING_PARTS, COLUMNS, COMMUNITY, CRM_IDENTIFIER, EMAIL, EXTID, FAMILY_NAME, GENDER,
    GIVEN_NAME, HONORIFIC_PREFIXES, NATIONALITY, ON_RECORD, RESIDENTIAL, RESIDENTIAL_PARTS, SHOE_SIZE, TEL_PREF,
    TEL_VOICE, build, insert_account, insert_complete, personal_values, stored,
)  # fmt: skip
from leap_client import NAMESPACE

# The document's own sample, as it stands.
SAMPLE = b"""<account>
    <owner>
        <name>
            <family-name>Banks</family-name>
            <given-name>Joseph</given-name>
            <additional-names>B</additional-names>
            <honorific-prefixes>Mr.</honorific-prefixes>
        </name>
        <bday>1974-09-08</bday>
        <gender>MALE</gender>
        <nationality code="US"/>
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
        <postal-code>2345</postal-code>
        <region>California</region>
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

# What an update must give: the names, and the day of birth where there is one on record.
NAMES_AND_BDAY = {FAMILY_NAME: "Banks", GIVEN_NAME: "Joseph", BDAY: "1974-09-08"}


@pytest.fixture
def complete(company):
    return insert_complete(company)


def put(company, identifier, changes=None, inside=None):
    """An update that gives just the names, the day of birth and these changes."""
    return company.client.put(f"customers/{identifier}", build(NAMES_AND_BDAY | (changes or {}), inside))


def put_text(company, identifier, text):
    return company.client.put(f"customers/{identifier}", text.encode())


def updated(response):
    """The ref of an update that succeeded."""
    assert (response.status, response.reason) == (201, "Updated"), response.body
    return response.document


def show(company, identifier):
    response = company.client.get(f"customers/{identifier}")
    assert response.status == 200, response.body
    return response.document


# The reply


@pytest.mark.parametrize("path", ["customers/{}", "customers/extid/CRM-1234"])
def test_an_update_by_either_identifier_is_201_updated_with_the_ref(company, complete, path):
    response = company.client.put(path.format(complete), build(NAMES_AND_BDAY | {GENDER: "FEMALE"}))
    root = updated(response)
    url = f"https://{company.host}:{company.client.port}/api/v1/customers/{complete}"
    assert root.tag == "ref" and len(root) == 0
    assert dict(root.attrib) == {"ref": url, "identifier": complete, "extid": "CRM-1234", "version": "2"}
    assert "ETag" not in response.headers
    assert personal_values(show(company, complete)) == ON_RECORD | {GENDER: "FEMALE"}


def test_the_ref_of_an_account_without_extid_has_none(company):
    assert "extid" not in updated(put(company, insert_account(company))).attrib


def test_the_sample_as_it_stands(company, complete):
    updated(company.client.put(f"customers/{complete}", SAMPLE))
    expected = ON_RECORD | {ADDITIONAL_NAMES: "B"}
    expected |= dict(zip(RESIDENTIAL_PARTS, ("1 A Street", "My State", "90210", "US")))
    expected |= dict(zip(BILLING_PARTS, ("1 Bank Street", "California", "2345", "US")))
    del expected[TEL_VOICE]
    assert personal_values(show(company, complete)) == expected


def test_an_update_in_the_namespace(company, complete):
    text = build(NAMES_AND_BDAY | {GENDER: "FEMALE"}).decode().split("?>")[1]
    updated(put_text(company, complete, text.replace("<account>", f'<account xmlns="{NAMESPACE}">')))
    assert personal_values(show(company, complete))[GENDER] == "FEMALE"


# Kept when absent


@pytest.mark.parametrize("inside", [None, {"/account/additional-fields": "", "/account/owner/name": ""}])
def test_what_is_absent_is_kept(company, complete, inside):
    updated(put(company, complete, {FAMILY_NAME: "Fisher"}, inside))
    assert personal_values(show(company, complete)) == ON_RECORD | {FAMILY_NAME: "Fisher"}


OTHER_VALUES = {
    FAMILY_NAME: "Fisher", GIVEN_NAME: "Élise <&>", ADDITIONAL_NAMES: "Z", HONORIFIC_PREFIXES: "Dr.", BDAY: "2000-02-29",
    GENDER: "FEMALE", NATIONALITY: "AU", TEL_PREF: "+1 2", TEL_VOICE: "3", CRM_IDENTIFIER: "&", SHOE_SIZE: "a\nb",
}  # fmt: skip


@pytest.mark.parametrize("path", OTHER_VALUES)
def test_a_value_that_is_given_replaces_that_value_alone(company, complete, path):
    updated(put(company, complete, {path: OTHER_VALUES[path]}))
    assert personal_values(show(company, complete)) == ON_RECORD | {path: OTHER_VALUES[path]}


def test_every_value_can_be_given_to_an_account_that_had_none(company):
    identifier = insert_account(company, extid="CRM-1234", email="joe@example.net")
    updated(put(company, identifier, ON_RECORD))
    assert personal_values(show(company, identifier)) == ON_RECORD


# Cleared when there but empty

OPTIONAL = [ADDITIONAL_NAMES, HONORIFIC_PREFIXES, GENDER, NATIONALITY, TEL_PREF, TEL_VOICE, CRM_IDENTIFIER, SHOE_SIZE]


@pytest.mark.parametrize("empty", ["", " \n\t "])
@pytest.mark.parametrize("path", OPTIONAL)
def test_what_is_there_but_empty_is_cleared(company, complete, path, empty):
    updated(put(company, complete, {path: empty}))
    assert personal_values(show(company, complete)) == {key: ON_RECORD[key] for key in ON_RECORD if key != path}


NIL = 'xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true"'
EMPTY_FORMS = [
    ("/account/owner", "<gender/>", GENDER),
    ("/account/owner", "<gender><!-- MALE --></gender>", GENDER),
    ("/account/owner", f"<gender {NIL}/>", GENDER),
    ("/account/owner", f"<gender {NIL}>MALE</gender>", GENDER),
    ("/account/owner", "<nationality/>", NATIONALITY),
    ("/account/owner", f"<nationality {NIL}/>", NATIONALITY),
    ("/account/owner", "<tel type='pref'/>", TEL_PREF),
    ("/account/owner", f"<tel type='voice' {NIL}/>", TEL_VOICE),
    ("/account/additional-fields", f"<field key='shoe-size' {NIL}/>", SHOE_SIZE),
    ("/account/additional-fields", "<field key='shoe-size' label='Nine'/>", SHOE_SIZE),
]


@pytest.mark.parametrize("parent, xml, path", EMPTY_FORMS)
def test_an_element_may_be_empty_in_many_ways(company, complete, parent, xml, path):
    updated(put(company, complete, inside={parent: xml}))
    assert personal_values(show(company, complete)) == {key: ON_RECORD[key] for key in ON_RECORD if key != path}


def test_everything_optional_can_be_cleared_at_once(company):
    identifier = insert_complete(company)
    changes = dict.fromkeys(OPTIONAL, "") | dict.fromkeys([f"{RESIDENTIAL}", f"{BILLING}"], "")
    assert updated(put(company, identifier, changes)).get("version") == "2"
    kept = (EXTID, FAMILY_NAME, GIVEN_NAME, BDAY, EMAIL, COMMUNITY)
    assert personal_values(show(company, identifier)) == {path: ON_RECORD[path] for path in kept}


# Addresses, which are replaced whole


@pytest.mark.parametrize("parts", [RESIDENTIAL_PARTS, BILLING_PARTS], ids=["residential", "billing"])
@pytest.mark.parametrize("given", range(4))
def test_an_address_that_is_there_replaces_the_whole_address(company, complete, parts, given):
    updated(put(company, complete, {parts[given]: "NZ"}))
    expected = {path: value for path, value in ON_RECORD.items() if path not in parts}
    assert personal_values(show(company, complete)) == expected | {parts[given]: "NZ"}


@pytest.mark.parametrize(
    "parent, xml, parts",
    [
        ("/account/owner", "<residential-address/>", RESIDENTIAL_PARTS),
        ("/account", "<billing-address/>", BILLING_PARTS),
        ("/account", f"<billing-address {NIL}/>", BILLING_PARTS),
        ("/account", "<billing-address> <!-- none --> </billing-address>", BILLING_PARTS),
        ("/account", "<billing-address><region/><country-name/></billing-address>", BILLING_PARTS),
        ("/account", "<billing-address><region> </region><country-name code=' '/></billing-address>", BILLING_PARTS),
    ],
)
def test_an_empty_address_is_cleared(company, complete, parent, xml, parts):
    updated(put(company, complete, inside={parent: xml}))
    expected = {path: value for path, value in ON_RECORD.items() if path not in parts}
    assert personal_values(show(company, complete)) == expected


# Additional fields, by their key


def test_additional_fields_are_changed_added_and_cleared_by_their_keys(company, complete):
    company.dba("SELECT leap.define_field(:'company', 'hat-size', 'Hat Size');")
    hat_size = "/account/additional-fields/field[@key='hat-size']"
    updated(put(company, complete, {hat_size: "7", CRM_IDENTIFIER: ""}))
    found = personal_values(show(company, complete))
    assert found == {path: value for path, value in ON_RECORD.items() if path != CRM_IDENTIFIER} | {hat_size: "7"}


def test_a_field_without_a_value_can_be_cleared(company):
    identifier = insert_account(company)
    assert updated(put(company, identifier, {SHOE_SIZE: ""})).get("version") == "2"
    assert SHOE_SIZE not in personal_values(show(company, identifier))


# The day of birth


def test_a_day_of_birth_is_optional_until_there_is_one(company):
    identifier = insert_account(company)
    updated(put(company, identifier, {BDAY: None}))
    updated(put(company, identifier, {BDAY: ""}))
    assert BDAY not in personal_values(show(company, identifier))
    updated(put(company, identifier, {BDAY: "1974-09-08Z"}))
    assert personal_values(show(company, identifier))[BDAY] == "1974-09-08"


# Parts that cannot be changed


@pytest.mark.parametrize(
    "changes",
    [
        {"/account/@identifier": "{}"},
        {"/account/@identifier": "000{}"},
        {EXTID: "CRM-1234"},
        {EXTID: " \tCRM-1234\n"},
        {EMAIL: "joe@example.net"},
        {EMAIL: " JOE@Example.NET "},
        {EMAIL: ""},
        {"/account/owner/password": ""},
    ],
)
def test_what_equals_the_record_is_accepted_and_changes_nothing(company, complete, changes):
    before = stored(company, complete)
    updated(put(company, complete, {path: value.format(complete) for path, value in changes.items()}))
    assert stored(company, complete) == before


def test_an_empty_extid_equals_none(company):
    identifier = insert_account(company)
    assert "extid" not in updated(put(company, identifier, {EXTID: ""})).attrib


READ_ONLY = [
    ("/account", "<creation-time>x</creation-time>"),
    ("/account", "<creation-time at='x'><now/></creation-time>"),
    ("/account", "<account-status>Inactive</account-status>"),
    ("/account/owner", "<full-name>Nobody</full-name>"),
    ("/account", "<property-relationships/>"),
    ("/account", "<property-relationships><property-relationship identifier='9'/><x y='z'/>x</property-relationships>"),
]


@pytest.mark.parametrize("parent, xml", READ_ONLY)
def test_a_read_only_part_is_accepted_and_ignored(company, complete, parent, xml):
    before = stored(company, complete)
    updated(put(company, complete, inside={parent: xml}))
    assert stored(company, complete) == before


@pytest.mark.parametrize("attribute", ["ref", "unacked-since", "version"])
def test_the_roots_other_attributes_are_accepted_and_ignored(company, complete, attribute):
    before = stored(company, complete)
    updated(put(company, complete, {f"/account/@{attribute}": "99"}))
    assert stored(company, complete) == before


# What GET gave


def relate(company, account):
    company.dba(
        "INSERT INTO leap.property_relationship (company_id, identifier, account_identifier, unacked_since) "
        "SELECT company_id, 7, :account, now() FROM leap.company WHERE company = :'company';",
        account=account,
    )


HOSTILE = "<a b='c'>&amp; ]]> \" \u202e e\u0301 \U0001f600"
ACCOUNTS = {
    "minimal": {},
    "hostile": {
        "extid": HOSTILE, "email": "a'b&c@example.net", "given_name": HOSTILE, "family_name": HOSTILE, "tel_pref": f"1{HOSTILE}",
        "billing_street_address": f"{HOSTILE}\r\n\r\tx\x7f\x85", "additional_fields": '{"shoe-size": "a\\r\\n\\tb"}',
    },
    "in two communities": {"communities": "{other,original}", "bday": "1870-01-01", "billing_country": "NZ"},
}  # fmt: skip


@pytest.mark.parametrize("path", ["customers/{identifier}", "customers/extid/{extid}"])
@pytest.mark.parametrize("flagged", [True, False])
@pytest.mark.parametrize("columns", ACCOUNTS.values(), ids=ACCOUNTS)
def test_what_get_gave_can_be_put_back_unchanged_and_changes_nothing(company, columns, flagged, path):
    company.dba("SELECT leap.create_community(:'company', 'other');")
    columns = {"extid": "x"} | columns
    identifier = insert_account(company, **columns)
    relate(company, identifier)
    if not flagged:
        company.dba("UPDATE leap.account SET unacked_since = NULL WHERE identifier = :id;", id=identifier)
    path = path.format(identifier=identifier, extid=quote(columns["extid"], safe=""))
    given, before = company.client.get(path), stored(company, identifier)
    assert updated(company.client.put(path, given.body)).get("version") == "1"
    assert stored(company, identifier) == before
    assert company.client.get(path).body == given.body


def test_what_get_gave_of_every_value_can_be_put_back(company, complete):
    before = stored(company, complete)
    updated(company.client.put(f"customers/{complete}", company.client.get(f"customers/{complete}").body))
    assert stored(company, complete) == before


# Communities


@pytest.fixture
def communities(company):
    company.dba("SELECT leap.create_community(:'company', key) FROM unnest('{other,third}'::text[]) AS key;")
    return company


def put_communities(company, identifier, *keys):
    xml = "".join(f"<community>{key}</community>" for key in keys)
    return put(company, identifier, {BDAY: None}, {"/account/communities": xml})


def communities_of(company, identifier):
    return [element.text for element in show(company, identifier).iter("community")]


def test_an_account_can_move_to_another_community(communities):
    identifier = insert_account(communities)
    assert updated(put_communities(communities, identifier, "other")).get("version") == "2"
    assert communities_of(communities, identifier) == ["other"]


def test_communities_that_are_absent_are_kept(communities):
    identifier = insert_account(communities, communities="{third,other}")
    updated(put(communities, identifier))
    assert communities_of(communities, identifier) == ["other", "third"]


@pytest.mark.parametrize("keys", [("other", "third"), ("third", "other")])
def test_just_those_on_record_are_accepted(communities, keys):
    identifier = insert_account(communities, communities="{other,third}", given_name="Joseph", family_name="Banks")
    before = stored(communities, identifier)
    updated(put_communities(communities, identifier, *keys))
    assert stored(communities, identifier) == before


@pytest.mark.parametrize("key", ["other", "original"])
def test_an_account_of_several_communities_can_move_to_one(communities, key):
    identifier = insert_account(communities, communities="{other,third}")
    updated(put_communities(communities, identifier, key))
    assert communities_of(communities, identifier) == [key]


def test_an_account_that_left_a_community_leaves_its_email_free_there(communities):
    identifier = insert_account(communities, email="a@example.net")
    updated(put_communities(communities, identifier, "other"))
    insert_account(communities, email="a@example.net")


# The flag, the version and the history

CHANGES = {
    **{path: (value, "additional_fields." + path.split("'")[1] if "key" in path else COLUMNS[path])
       for path, value in OTHER_VALUES.items()},
    RESIDENTIAL_PARTS[3]: ("AU", "residential_country"),
    BILLING_PARTS[1]: ("x", "billing_region"),
    COMMUNITY: ("other", "community"),
}  # fmt: skip


def history(company, identifier):
    """The rows of its history after its creation and acknowledgement, apart from their times."""
    return company.dba(
        "SELECT author, operation, version, column_name, old_value, new_value FROM leap.account_history "
        "WHERE identifier = :identifier AND operation NOT IN ('create', 'sql') ORDER BY at, column_name;",
        identifier=identifier,
    ).splitlines()


@pytest.mark.parametrize("path", CHANGES)
def test_each_change_raises_the_flag_and_the_version(communities, path):
    identifier = insert_complete(communities)
    before = show(communities, identifier)
    assert before.get("unacked-since") is None
    value, column = CHANGES[path]
    given = {part: ON_RECORD[part] for parts in (RESIDENTIAL_PARTS, BILLING_PARTS) if path in parts for part in parts}
    assert updated(put(communities, identifier, given | {path: value})).get("version") == "2"
    root = show(communities, identifier)
    assert root.get("version") == "2"
    assert root.get("unacked-since") > before.findtext("creation-time")
    assert history(communities, identifier) == f"tests|update|2|{column}|{ON_RECORD[path]}|{value}".splitlines()


def test_an_update_of_many_values_is_one_change(company, complete):
    assert updated(put(company, complete, {TEL_PREF: "1", TEL_VOICE: "", SHOE_SIZE: "x", NATIONALITY: ""})).get("version") == "2"
    assert history(company, complete) == [
        "tests|update|2|additional_fields.shoe-size|Nine|x",
        "tests|update|2|nationality|US|",
        "tests|update|2|tel_pref|(704) 451 3434|1",
        "tests|update|2|tel_voice|555|",
    ]


def test_each_update_counts_and_the_flag_keeps_the_time_of_the_first(company, complete):
    flags = set()
    for version in range(2, 6):
        assert updated(put(company, complete, {TEL_VOICE: str(version)})).get("version") == str(version)
        flags.add(show(company, complete).get("unacked-since"))
    assert len(flags) == 1


def test_an_update_that_changes_nothing_is_updated_with_the_same_version(company, complete):
    before = stored(company, complete)
    for _ in range(2):
        assert updated(put(company, complete, ON_RECORD)).get("version") == "1"
    assert stored(company, complete) == before


def test_the_account_limit_does_not_concern_an_update(company, complete):
    company.dba("SELECT leap.set_account_limit(:'company', 0);")
    updated(put(company, complete, {TEL_VOICE: "1"}))
