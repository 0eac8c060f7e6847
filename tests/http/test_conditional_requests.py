"""Version and ETag: If-None-Match on GET, If-Match on PUT and change-login (RFC 9110, 13.1)."""

import concurrent.futures
import hashlib

import pytest

from documents import insert_account

LOGIN = b"<change-login><login-id>%b</login-id></change-login>"


@pytest.fixture
def path(company):
    return f"customers/{insert_account(company)}"


def change(company, path, email, if_match=None):
    headers = {"Content-Type": "application/xml"} | ({"If-Match": if_match} if if_match else {})
    return company.client.put(f"{path}/change-login", LOGIN % email.encode(), headers)


def test_the_etag_is_the_version_and_a_digest_of_the_reply(company, path):
    reply = company.client.get(path)
    digest = hashlib.sha256(reply.body).hexdigest()[:16]
    assert reply.headers["ETag"] == f'"1.{digest}"'
    assert reply.headers["Cache-Control"] == "private, no-cache"
    assert reply.document.get("version") == "1"


@pytest.mark.parametrize("form", ["{}", 'W/{}', '"other", {}', "*"])
def test_what_the_client_has_already_is_not_modified(company, path, form):
    etag = company.client.get(path).headers["ETag"]
    reply = company.client.get(path, {"If-None-Match": form.format(etag)})
    assert (reply.status, reply.body, reply.headers["ETag"]) == (304, b"", etag)


@pytest.mark.parametrize("sent", ['"1"', '"1.0000000000000000"', '"2"', "nonsense"])
def test_another_entity_tag_gets_the_account(company, path, sent):
    assert company.client.get(path, {"If-None-Match": sent}).status == 200


def test_an_acknowledgement_changes_the_etag_but_not_the_version(company, path):
    before = company.client.get(path).headers["ETag"]
    company.dba("UPDATE leap.account SET unacked_since = NULL WHERE identifier = :number", number=path.split("/")[1])
    after = company.client.get(path).headers["ETag"]
    assert before != after
    assert before.split(".")[0] == after.split(".")[0] == '"1'


@pytest.mark.parametrize("sent", ['"1"', '"1.0000000000000000"', "*", '"7", "1"'])
def test_if_match_of_the_present_version_allows_the_change(company, path, sent):
    reply = change(company, path, "new@example.net", sent)
    assert (reply.status, reply.reason) == (201, "Updated")
    assert reply.document.get("version") == "2"
    assert "ETag" not in reply.headers


@pytest.mark.parametrize("sent", ['"2"', '"11"', '""', 'W/"1"', "1", "nonsense"])
def test_if_match_of_another_version_is_refused(company, path, sent):
    reply = change(company, path, "new@example.net", sent)
    assert (reply.status, reply.code) == (412, "precondition-failed")
    assert company.client.get(path).document.findtext("owner/email") != "new@example.net"


def test_if_match_holds_for_an_update_too(company, path):
    document = company.client.get(path).body
    headers = {"Content-Type": "application/xml", "If-Match": '"2"'}
    assert company.client.put(path, document, headers).status == 412
    assert company.client.put(path, document, headers | {"If-Match": '"1"'}).status == 201


def test_an_unknown_account_comes_before_if_match_and_if_match_before_validation(company, path):
    assert change(company, "customers/999", "new@example.net", '"2"').status == 404
    assert change(company, path, "no address", '"2"').status == 412
    assert change(company, path, "no address", '"1"').status == 400


def test_of_eight_changes_at_once_by_one_version_one_is_made(company, path):
    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        replies = list(threads.map(lambda n: change(company, path, f"new{n}@example.net", '"1"').status, range(8)))
    assert sorted(replies) == [201] + 7 * [412]
    assert company.client.get(path).document.get("version") == "2"
