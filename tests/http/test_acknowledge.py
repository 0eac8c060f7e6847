"""Acknowledge changes to a customer account: POST customers/acked and customers/external/acked."""

import pytest

from documents import assert_malformed, insert_account

XML = {"Content-Type": "application/xml"}
BOTH = pytest.mark.parametrize("external", [False, True], ids=["acked", "external/acked"])


def document(*entries):
    """Entries are identifiers, or (identifier, version)."""
    lines = []
    for entry in entries:
        identifier, version = entry if isinstance(entry, tuple) else (entry, None)
        attribute = "" if version is None else f' version="{version}"'
        lines.append(f"<acknowledgement{attribute}>{identifier}</acknowledgement>")
    return f"<acknowledgements>{''.join(lines)}</acknowledgements>".encode()


def acknowledge(company, *entries, external=False):
    return post(company, document(*entries), external)


def post(company, body, external=False, headers=XML):
    return company.client.post("customers/external/acked" if external else "customers/acked", body, headers)


def flag(company, identifier):
    return company.dba("SELECT unacked_since FROM leap.account WHERE identifier = :number", number=identifier)


def rename(company, identifier, name):
    company.dba("UPDATE leap.account SET given_name = :'name' WHERE identifier = :number", name=name, number=identifier)


@BOTH
def test_it_clears_the_flag_and_nothing_else(company, external):
    identifier = insert_account(company, extid="E / 1")
    other = insert_account(company)
    reply = acknowledge(company, "E / 1" if external else f"0{identifier}", external=external)
    assert (reply.status, reply.body) == (204, b"")
    assert flag(company, identifier) == "" and flag(company, other) != ""
    account = company.client.get(f"customers/{identifier}").document
    assert account.get("unacked-since") is None and account.get("version") == "1"


def test_the_document_s_own_sample_is_taken(company):
    body = b"""<acknowledgements>
    <acknowledgement>10000001</acknowledgement>
    <acknowledgement>10000002</acknowledgement>
</acknowledgements>
"""
    reply = post(company, body)
    assert (reply.status, reply.code) == (404, "unknown-account")
    assert "10000001" in reply.message and "10000002" in reply.message


def test_an_inactive_account_is_acknowledged_too(company):
    identifier = insert_account(company, account_status="Inactive")
    assert acknowledge(company, identifier).status == 204
    assert flag(company, identifier) == ""


def test_it_does_not_clear_the_flag_of_a_property_relationship(company):
    identifier = insert_account(company)
    company.dba("INSERT INTO leap.property_relationship (company_id, identifier, account_identifier, unacked_since)"
                " SELECT company_id, 1, identifier, now() FROM leap.account WHERE identifier = :number", number=identifier)
    acknowledge(company, identifier)
    account = company.client.get(f"customers/{identifier}").document
    assert account.find("property-relationships/property-relationship").get("unacked-since")


@BOTH
def test_every_unknown_account_is_named_and_none_is_acknowledged(company, make_company, external):
    known = insert_account(company, extid="known")
    foreign = insert_account(make_company(), extid="foreign")
    entries = ["known", "foreign", "none"] if external else [known, foreign, "7"]
    reply = acknowledge(company, *entries, external=external)
    assert (reply.status, reply.code) == (404, "unknown-account")
    assert reply.problems == [(f"/acknowledgements/acknowledgement[{n}]", "invalid") for n in (2, 3)]
    assert all(str(entry) in reply.message for entry in entries[1:])
    assert flag(company, known) != ""


def test_a_thousand_at_once_and_the_next_is_refused(company):
    identifier = insert_account(company)
    assert acknowledge(company, *1000 * [identifier]).status == 204
    reply = acknowledge(company, *1001 * [identifier])
    assert (reply.status, reply.code) == (400, "validation")
    assert reply.problems == [("/acknowledgements/acknowledgement[1001]", "invalid")]


def insert_many(company, accounts):
    return company.dba(
        "INSERT INTO leap.account (company_id, extid, email, given_name, family_name, communities)"
        " SELECT company_id, repeat(U&'\\+01F600', 60) || n, n || '@example.net', 'A', 'B', '{original}'"
        " FROM leap.company, generate_series(1, :accounts) n WHERE company = :'company' RETURNING identifier, extid",
        accounts=accounts).splitlines()  # fmt: skip


def count_flagged(company):
    return int(company.dba("SELECT count(unacked_since) FROM leap.account JOIN leap.company USING (company_id)"
                           " WHERE company = :'company'"))  # fmt: skip


@BOTH
def test_a_thousand_accounts_all_or_none(company, external):
    entries = [row.split("|")[external] for row in insert_many(company, 1000)]
    reply = acknowledge(company, *entries[1:], "1", external=external)
    assert (reply.status, reply.problems) == (404, [("/acknowledgements/acknowledgement[1000]", "invalid")])
    assert count_flagged(company) == 1000
    assert acknowledge(company, *entries, external=external).status == 204
    assert count_flagged(company) == 0


@BOTH
def test_a_thousand_unknown_accounts_are_all_in_the_message_and_the_first_hundred_at_their_xpaths(company, external):
    entries = [str(10**17 + number) for number in range(1000)]
    reply = acknowledge(company, *entries, external=external)
    assert (reply.status, reply.code) == (404, "unknown-account")
    assert all(entry in reply.message for entry in entries)
    assert reply.problems == [(f"/acknowledgements/acknowledgement[{n}]", "invalid") for n in range(1, 101)]


@BOTH
def test_an_unknown_account_given_twice_is_told_at_both_xpaths(company, external):
    reply = acknowledge(company, "7", "7", external=external)
    assert reply.problems == [(f"/acknowledgements/acknowledgement[{n}]", "invalid") for n in (1, 2)]


def test_at_most_a_hundred_field_errors(company):
    reply = acknowledge(company, *1001 * ["x"])
    assert (reply.status, reply.code) == (400, "validation")
    assert reply.problems == [(f"/acknowledgements/acknowledgement[{n}]", "invalid") for n in range(1, 101)]


@pytest.mark.parametrize("extid, hint", [
    (65 * "x", "invalid"), (64 * "\U0001f600" + "x", "invalid"), ("a/../b", "invalid"), (".", "invalid"),
    ("a\tb", "invalid"), ("a\x7fb", "invalid"), (" \n", "required"),
])  # fmt: skip
def test_what_no_external_identifier_can_be_is_malformed(company, extid, hint):
    reply = acknowledge(company, "unknown", extid, external=True)
    assert (reply.status, reply.code) == (400, "validation")
    assert reply.problems == [("/acknowledgements/acknowledgement[2]", hint)]


@pytest.mark.parametrize("extid", ["10000001", "acked", "a/b", "&lt;x&gt;", "a  b", "e\u0301", 64 * "\U0001f600"])
def test_external_identifiers_are_compared_by_code_point(company, extid):
    identifier = insert_account(company, extid=extid.replace("&lt;", "<").replace("&gt;", ">"))
    assert acknowledge(company, extid.upper() + "X", external=True).status in (400, 404)
    assert flag(company, identifier) != ""
    assert acknowledge(company, f" {extid}\n", external=True).status == 204
    assert flag(company, identifier) == ""


@pytest.mark.parametrize("body, problem", [
    (b"<acknowledgements/>", ("/acknowledgements/acknowledgement", "required")),
    (document(""), ("/acknowledgements/acknowledgement[1]", "required")),
    (b"<acknowledgements xmlns:x='http://www.w3.org/2001/XMLSchema-instance'>"
     b"<acknowledgement x:nil='true'>10000001</acknowledgement></acknowledgements>",
     ("/acknowledgements/acknowledgement[1]", "required")),
    (document("x"), ("/acknowledgements/acknowledgement[1]", "invalid")),
    (document(19 * "1"), ("/acknowledgements/acknowledgement[1]", "invalid")),
    (document(("1", "x")), ("/acknowledgements/acknowledgement[1]/@version", "invalid")),
    (b"<acknowledgements>x<acknowledgement>1</acknowledgement></acknowledgements>", ("/acknowledgements", "invalid")),
    (b"<acknowledgements a='1'><acknowledgement>1</acknowledgement></acknowledgements>", ("/acknowledgements/@a", "invalid")),
    (b"<acknowledgements><acknowledgement b=''>1</acknowledgement></acknowledgements>",
     ("/acknowledgements/acknowledgement[1]/@b", "invalid")),
    (b"<acknowledgements><acknowledgement>1<c/></acknowledgement></acknowledgements>",
     ("/acknowledgements/acknowledgement[1]/c", "invalid")),
])  # fmt: skip
def test_what_is_wrong_with_the_document_comes_before_unknown_accounts(company, body, problem):
    reply = post(company, body)
    assert (reply.status, reply.code) == (400, "validation")
    assert reply.problems == [problem]


def test_all_that_is_wrong_comes_at_once_in_order(company):
    body = b"<acknowledgements><other/><acknowledgement>x</acknowledgement><acknowledgement/></acknowledgements>"
    assert post(company, body).problems == [
        ("/acknowledgements/acknowledgement[1]", "invalid"),
        ("/acknowledgements/acknowledgement[2]", "required"),
        ("/acknowledgements/other", "invalid"),
    ]


def test_malformed_xml_and_another_root_are_told_with_the_line(company):
    assert_malformed(post(company, b"<acknowledgements>\n<acknowledgement>"), 2)
    assert_malformed(post(company, b"\n<acks/>"), 2)


def test_another_media_type_and_a_query_are_refused(company):
    assert post(company, document("1"), headers={"Content-Type": "application/json"}).status == 415
    assert company.client.post("customers/acked?x=1", document("1"), XML).code == "malformed-request"


def test_it_takes_the_permission_to_acknowledge(company):
    identifier = insert_account(company)
    for permission, status in ("read-only", 403), ("read-acknowledge", 204), ("read-write", 204):
        company.dba("SELECT leap.set_api_client_permission(:'company', 'tests', :'permission')", permission=permission)
        assert acknowledge(company, identifier).status == status


def test_the_present_version_clears_the_flag(company):
    identifier = insert_account(company)
    assert acknowledge(company, (identifier, 1)).status == 204
    assert flag(company, identifier) == ""


def test_an_older_version_moves_the_flag_to_the_first_change_after_it(company):
    identifier = insert_account(company)
    for name in "Second", "Third":
        rename(company, identifier, name)
    assert acknowledge(company, (identifier, 1)).status == 204
    first_after = company.dba("SELECT min(at) FROM leap.account_history WHERE identifier = :n AND version = 2", n=identifier)
    assert flag(company, identifier) == first_after


def test_a_version_still_to_come_changes_nothing(company):
    identifier = insert_account(company)
    before = flag(company, identifier)
    assert acknowledge(company, (identifier, 2)).status == 204
    assert flag(company, identifier) == before


@pytest.mark.parametrize("versions", [(1, None), (None, 1), (1, 2), (2, 1)])
def test_of_one_account_given_twice_no_version_wins_else_the_highest(company, versions):
    identifier = insert_account(company)
    rename(company, identifier, "Second")
    assert acknowledge(company, *((identifier, version) for version in versions)).status == 204
    assert flag(company, identifier) == ""
