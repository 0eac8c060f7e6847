"""leap.erase_account: a person's right to erasure, from the API's requests to the cluster's files."""

import pytest

from documents import BDAY, COMMUNITY, COMPLETE, EMAIL, EXTID, GENDER, GIVEN_NAME, PASSWORD, build

XML = {"Content-Type": "application/xml"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
COMMENT = b"<customer-update><comment>%s</comment></customer-update>"
CANARY = "canaryv8wq"
BIRTHDAY = "1913-02-27"
KEPT = (GENDER, COMMUNITY)

# A canary in every value that may hold one, then in an update, a login, an extid, comments and two retry keys.
ACCOUNT = {
    path: f"{CANARY} 1" if path not in KEPT and not path.endswith("@code") else value for path, value in COMPLETE.items()
} | {EMAIL: f"{CANARY}@example.net", BDAY: BIRTHDAY, PASSWORD: f"{CANARY} and its password"}


UPDATE = ACCOUNT | {PASSWORD: None, EMAIL: None, EXTID: None, GIVEN_NAME: f"{CANARY} 2"}


@pytest.fixture
def account(company):
    """The path of an account that has a canary everywhere."""
    client = company.client
    created = client.post("customers", build(ACCOUNT), XML | {"Idempotency-Key": f"{CANARY}-create"})
    assert created.status == 201, created.body
    path = f"customers/{created.document.get('identifier')}"
    login = f"<change-login><login-id>{CANARY}2@example.net</login-id></change-login>"
    answers = [
        client.put(path, build(UPDATE), XML),
        client.put(f"{path}/change-login", login.encode(), XML),
        client.post(f"{path}/extid", f"extid={CANARY}2".encode(), FORM),
        client.post(f"{path}/comments", COMMENT % f"{CANARY} again".encode(), XML | {"Idempotency-Key": f"{CANARY}-comment"}),
    ]
    assert [answer.status for answer in answers] == [201, 201, 200, 201], [answer.body for answer in answers]
    return path


def erase(company, path):
    company.dba("SELECT leap.erase_account(:'company', :identifier)", identifier=path.split("/")[1])


def tables_with(instance, text):
    """The tables of the database, the system's too, in which a row holds the text."""
    tables = instance.psql("SELECT oid::regclass FROM pg_class WHERE relkind = 'r' ORDER BY 1").split()
    count = "SELECT count(*) FROM %s AS r WHERE strpos(r::text, :'text') > 0;"
    found = instance.psql("".join(count % table for table in tables), text=text).split()
    return [table for table, number in zip(tables, found, strict=True) if number != "0"]


def files_with(instance, text):
    """The files of the cluster's databases that hold the text."""
    base = instance.directory / "data" / "base"
    return [path.name for path in base.rglob("*") if path.is_file() and text.encode() in path.read_bytes()]


def test_the_canary_is_in_no_table_and_in_no_file(instance, company, account):
    instance.psql("ANALYZE; CHECKPOINT")
    before = tables_with(instance, CANARY)
    assert {"leap.account", "leap.account_change", "leap.account_comment", "leap.retry_key"} <= set(before)
    assert files_with(instance, CANARY)

    erase(company, account)
    assert tables_with(instance, CANARY) == []
    assert tables_with(instance, BIRTHDAY) == []
    instance.psql("VACUUM FULL; CHECKPOINT")
    assert files_with(instance, CANARY) == []


def test_an_export_holds_everything_before_and_nothing_after(company, account):
    identifier = account.split("/")[1]
    export = "SELECT leap.export_account(:'company', :identifier)"
    before = company.dba(export, identifier=identifier)
    for value in (ACCOUNT[EMAIL], f"{CANARY} 2", f"{CANARY}2", f"{CANARY} again", f"{CANARY}-create", BIRTHDAY):
        assert value in before, value
    assert ACCOUNT[PASSWORD] not in before
    erase(company, account)
    assert CANARY not in company.dba(export, identifier=identifier)


def test_lists_and_the_feed_show_it_without_owner(company, account):
    cursor = company.client.get("customers?changed-after=").headers["Link"].split("<")[1].split(">")[0].split("/api/v1/")[1]
    company.dba("UPDATE leap.account SET unacked_since = NULL")
    erase(company, account)
    for path in ("customers", "customers?acked=false", cursor):
        [shown] = company.client.get(path).document
        assert shown.get("identifier") == account.split("/")[1]
        assert shown.get("unacked-since") is not None
        assert shown.get("extid") is None
        assert shown.findtext("account-status") == "Inactive"
        assert shown.find("owner") is None


def test_its_address_and_identifier_are_free_again(company, account):
    again = ACCOUNT | {EMAIL: f"{CANARY}2@example.net", EXTID: f"{CANARY}2"}
    assert company.client.post("customers", build(again), XML).status == 400
    erase(company, account)
    assert company.client.post("customers", build(again), XML).status == 201


@pytest.mark.parametrize(
    "send, code",
    [
        (lambda client, path: client.get(path), "inactive-account"),
        (lambda client, path: client.put(path, build(UPDATE), XML), "inactive-account"),
        (lambda client, path: client.post(f"{path}/extid", b"extid=x", FORM), "unknown-account"),
        (lambda client, path: client.post(f"{path}/comments", COMMENT % b"x", XML), "unknown-account"),
    ],
    ids=["show", "update", "extid", "comment"],
)
def test_nothing_is_added_to_it(company, account, send, code):
    erase(company, account)
    reply = send(company.client, account)
    assert (reply.status, reply.code) == (404, code)


def test_it_can_be_acknowledged_and_its_comments_read(company, account):
    erase(company, account)
    body = f"<acknowledgements><acknowledgement>{account.split('/')[1]}</acknowledgement></acknowledgements>"
    assert company.client.post("customers/acked", body.encode(), XML).status == 204
    assert len(company.client.get(f"{account}/comments").document) == 0
