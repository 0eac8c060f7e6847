"""Retry-safe POST: Idempotency-Key on create and comments."""

import concurrent.futures
import os
import pathlib
import signal

import pytest

from documents import EMAIL, GIVEN_NAME, account, assert_invalid, insert_account
from leap_client import basic
from leap_instance import wait_until
from open_transaction import OpenTransaction
from processes import worker_processes

OF_COMPANY = " WHERE company_id = (SELECT company_id FROM leap.company WHERE company = :'company')"
COMMENT = b"<customer-update><comment>%b</comment></customer-update>"


def create(client, key, body=None, **headers):
    headers = {"Content-Type": "application/xml", "Idempotency-Key": key} | headers
    return client.post("customers", account() if body is None else body, headers)


def comment(client, path, key, text=b"Call back"):
    headers = {"Content-Type": "application/xml", "Idempotency-Key": key}
    return client.post(f"{path}/comments", COMMENT % text, headers)


def accounts(company):
    return company.dba("SELECT count(*) FROM leap.account" + OF_COMPANY)


def test_a_repeated_create_gets_the_first_reply_and_makes_one_account(company):
    first = create(company.client, "order-7")
    again = create(company.client, '"order-7"')
    assert (first.status, again.status) == (201, 201)
    assert first.body == again.body and first.headers["Location"] == again.headers["Location"]
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert accounts(company) == "1"


def test_the_first_reply_stays_when_the_account_changes(company):
    first = create(company.client, "k")
    company.dba("UPDATE leap.account SET given_name = 'Other', extid = 'E'" + OF_COMPANY)
    assert create(company.client, "k").body == first.body


def test_a_repeated_comment_is_left_once(company):
    path = f"customers/{insert_account(company)}"
    first, again = comment(company.client, path, "c"), comment(company.client, path, "c")
    assert first.body == again.body and again.headers["Idempotency-Replayed"] == "true"
    assert company.dba("SELECT count(*) FROM leap.account_comment" + OF_COMPANY) == "1"


def test_another_body_or_path_under_the_same_key_is_refused(company):
    path = f"customers/{insert_account(company)}"
    create(company.client, "k")
    for reply in (create(company.client, "k", account({GIVEN_NAME: "Jo"})), comment(company.client, path, "k")):
        assert (reply.status, reply.code) == (422, "key-reused")
    assert accounts(company) == "2"


@pytest.mark.parametrize("key", ["", '""', "a b", "\xe4", 256 * "k", "tab\there"])
def test_a_malformed_key_is_refused(company, key):
    reply = create(company.client, key)
    if key == "":
        assert reply.status == 201  # a header without a value is none
    else:
        assert (reply.status, reply.code) == (400, "malformed-request")


def test_a_key_of_255_visible_characters_is_taken(company):
    assert create(company.client, 127 * "!" + 128 * "~").status == 201


def test_keys_belong_to_the_client(company):
    other = company.as_client("other", company.dba("SELECT leap.create_api_client(:'company', 'other')"))
    assert create(company.client, "k").status == 201
    reply = create(other, "k", account({EMAIL: "other@example.net"}))
    assert reply.status == 201 and "Idempotency-Replayed" not in reply.headers


def test_refusals_are_not_kept(company):
    assert_invalid(create(company.client, "k", account({GIVEN_NAME: None})), (GIVEN_NAME, "required"))
    assert create(company.client, "k").status == 201


def test_under_the_other_live_secret_the_reply_is_replayed_without_comparing(company):
    create(company.client, "k")
    secret = company.dba("SELECT leap.rotate_api_client(:'company', 'tests')")
    reply = create(company.as_client("tests", secret), "k", account({GIVEN_NAME: "Jo"}))
    assert (reply.status, reply.headers["Idempotency-Replayed"]) == (201, "true")


def test_a_key_lives_for_24_hours_and_expired_ones_go_away(company):
    create(company.client, "old")
    create(company.client, "older", account({EMAIL: "b@example.net"}))
    company.instance.psql("UPDATE leap.retry_key SET created = now() - interval '25 hours'" + OF_COMPANY,
                          company=company.key)
    assert_invalid(create(company.client, "old"), (EMAIL, "duplicate"))
    assert create(company.client, "old", account({EMAIL: "c@example.net"})).status == 201
    assert company.dba("SELECT string_agg(key, ' ') FROM leap.retry_key" + OF_COMPANY) == "old"


def test_copies_at_once_make_one_account(company):
    with concurrent.futures.ThreadPoolExecutor(4) as threads:
        replies = list(threads.map(lambda n: create(company.client, "k"), range(4)))
    assert {reply.status for reply in replies} == {201}
    assert len({reply.body for reply in replies}) == 1
    assert accounts(company) == "1"


@pytest.fixture(params=["create", "comment"])
def operation(request, company):
    """Sends it under the key k; and counts what it has made, of the company."""
    path = f"customers/{insert_account(company, given_name='Known')}"
    if request.param == "create":
        return lambda: create(company.client, "k"), "SELECT count(*) - 1 FROM leap.account" + OF_COMPANY
    return lambda: comment(company.client, path, "k"), "SELECT count(*) FROM leap.account_comment" + OF_COMPANY


def begin_first(company):
    """The transaction of a first request that has not ended."""
    number = company.dba("SELECT company_id FROM leap.company WHERE company = :'company'")
    return OpenTransaction(company.instance, f"SELECT pg_advisory_xact_lock(hashtextextended('{number} tests k', 0));")


def test_while_the_first_has_not_ended_a_copy_is_told_to_wait(company, operation):
    send, made = operation
    first = begin_first(company)
    reply = send()
    first.end("ROLLBACK")
    assert (reply.status, reply.code) == (409, "key-in-progress")
    assert reply.headers["Retry-After"]
    assert company.dba(made) == "0"
    assert send().status == 201


def test_of_copies_that_wait_for_the_first_one_writes_and_the_others_get_its_reply(company, operation):
    send, made = operation
    first = begin_first(company)
    with concurrent.futures.ThreadPoolExecutor(2) as threads:
        copies = [threads.submit(send) for _ in range(2)]
        first.wait_until_somebody_waits(2)
        first.end("ROLLBACK")
        replies = [copy.result() for copy in copies]
    assert [reply.status for reply in replies] == [201, 201]
    assert sorted(reply.headers["Idempotency-Replayed"] or "" for reply in replies) == ["", "true"]
    assert replies[0].body == replies[1].body
    assert company.dba(made) == "1"


def processor_seconds(pid):
    """What a process has used."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def hashing(used):
    """The worker that has used more than anything but hashing takes, since {worker: seconds}."""
    return next((pid for pid, seconds in used.items() if processor_seconds(pid) > seconds + 0.05), None)


def test_while_a_password_is_hashed_nothing_is_locked_and_a_copy_hashes_too_and_one_of_them_writes(company, instance):
    create(company.client, "warm-up", account({EMAIL: "other@example.net"}))
    used = {pid: processor_seconds(pid) for pid in worker_processes(instance)}
    with concurrent.futures.ThreadPoolExecutor(1) as threads:
        first = threads.submit(create, company.client, "k")
        worker = wait_until(lambda: hashing(used))
        os.kill(worker, signal.SIGSTOP)
        try:
            open_transactions = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'leap_api' AND xact_start IS NOT NULL"
            assert instance.psql(open_transactions) == "0"
            copy = create(company.client, "k")
            assert not first.done()
        finally:
            os.kill(worker, signal.SIGCONT)
        first = first.result()
    assert (copy.status, first.status) == (201, 201)
    assert "Idempotency-Replayed" not in copy.headers and first.headers["Idempotency-Replayed"] == "true"
    assert copy.body == first.body
    assert accounts(company) == "2"


def test_nothing_of_the_request_is_kept_in_clear(company):
    create(company.client, "k", account({EMAIL: "canary@example.net"}))
    kept = company.dba("SELECT k FROM leap.retry_key k" + OF_COMPANY)
    assert "canary" not in kept


def test_the_key_is_ignored_by_other_operations(company):
    path = f"customers/{insert_account(company)}"
    body = b"<change-login><login-id>new@example.net</login-id></change-login>"
    for _ in range(2):
        reply = company.client.put(f"{path}/change-login", body, {"Idempotency-Key": "a b"})
        assert reply.status == 201 and "Idempotency-Replayed" not in reply.headers


def test_a_key_does_not_open_anything_to_those_without_credentials(company):
    create(company.client, "k")
    assert create(company.anonymous, "k").status == 401
    assert create(company.client, "k", Authorization=basic("tests", "wrong")).status == 401
