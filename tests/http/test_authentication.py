"""Authentication by HTTP Basic as an API client, permissions, and the wall between companies."""

import base64
import hashlib
import re

import pytest

from documents import account, insert_account
from leap_client import basic
from leap_instance import wait_until

CHALLENGE = 'Basic realm="[^"]+", charset="UTF-8"'
# Enough requests that each worker gets some.
MANY = 12


def encoded(data):
    return base64.b64encode(data).decode()


def ask(company, authorization):
    """Reads an account that does not exist, so that only its sender decides between 401 and 404."""
    headers = {"Authorization": authorization} if authorization is not None else {}
    return company.anonymous.get("customers/1", headers)


def assert_accepted(company, name, secret):
    responses = [ask(company, basic(name, secret)) for _ in range(MANY)]
    assert [response.status for response in responses] == [404] * MANY


def assert_refused(company, name, secret):
    for response in [ask(company, basic(name, secret)) for _ in range(MANY)]:
        assert_unauthenticated(response)


def assert_unauthenticated(response):
    assert (response.status, response.code) == (401, "unauthenticated")
    assert re.fullmatch(CHALLENGE, response.headers["WWW-Authenticate"])
    assert response.problems == []


def told(response):
    """All that a reply tells, apart from the date and the number of the request."""
    headers = [pair for pair in response.headers.items() if pair[0] not in ("Date", "X-Request-Id")]
    return response.status, headers, response.body


def create_client(company, client, permission="read-write", expires="infinity"):
    return company.dba(
        "SELECT leap.create_api_client(:'company', :'client', :'permission', :'expires');",
        client=client, permission=permission, expires=expires,
    )  # fmt: skip


# Missing or wrong credentials


def test_missing_credentials_are_401_with_a_challenge(shared_company):
    assert_unauthenticated(ask(shared_company, None))


@pytest.mark.parametrize("form", ["{}", "{} ", " {}"])
@pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC"])
def test_the_scheme_is_case_insensitive(shared_company, scheme, form):
    credentials = encoded(f"tests:{shared_company.secret}".encode())
    assert ask(shared_company, form.format(f"{scheme} {credentials}")).status == 404


def malformed(secret):
    """Headers that are no credentials, though each holds the right ones in some way."""
    pair = f"tests:{secret}".encode()
    right = encoded(pair)
    return {
        "empty": "",
        "scheme alone": "Basic",
        "nothing after the scheme": "Basic ",
        "no space": f"Basic{right}",
        "no scheme": right,
        "another scheme": f"Bearer {right}",
        "a longer scheme": f"Basics {right}",
        "not encoded": f"Basic tests:{secret}",
        "no base64": "Basic ****",
        "cut": f"Basic {right[:-1]}",
        "cut by four": f"Basic {right[:-4]}",
        "more after it": f"Basic {right}x",
        "another word after it": f"Basic {right} x",
        "a second one after it": f"Basic {right}, Basic {right}",
        "only padding": "Basic ====",
        "padding inside": f"Basic {right[:8]}===={right[8:]}",
        "no colon": f"Basic {encoded(pair.replace(b':', b''))}",
        "no name": f"Basic {encoded(b':' + secret.encode())}",
        "no secret": f"Basic {encoded(b'tests:')}",
        "NUL after the name": f"Basic {encoded(pair.replace(b':', bytes(1) + b':'))}",
        "NUL after the secret": f"Basic {encoded(pair + bytes(1))}",
        "NUL after the secret, and more": f"Basic {encoded(pair + bytes(1) + b'x')}",
        "space before the name": f"Basic {encoded(b' ' + pair)}",
        "space after the name": f"Basic {encoded(pair.replace(b':', b' :'))}",
        "line break after the secret": f"Basic {encoded(pair + bytes([10]))}",
        "the name in capitals": f"Basic {encoded(pair.replace(b'tests', b'TESTS'))}",
        "the secret in capitals": f"Basic {encoded(b'tests:' + secret.upper().encode())}",
        "the secret's digest": f"Basic {encoded(b'tests:' + hashlib.sha256(secret.encode()).digest())}",
        "two colons": f"Basic {encoded(pair.replace(b':', b'::'))}",
        "a name of UTF-8": f"Basic {encoded('tésts:x'.encode())}",
        "a name that is not UTF-8": f"Basic {encoded(bytes([0xFF, 0xC0]) + b':x')}",
        "a long name": f"Basic {encoded(b't' * 10000 + b':x')}",
        "a long secret": f"Basic {encoded(b'tests:' + b'x' * 10000)}",
        "quotes in the name": f"Basic {encoded(b'tests' + bytes([39]) + b' OR 1=1--:x')}",
    }


@pytest.mark.parametrize("how", malformed(""))
def test_a_malformed_header_is_401(shared_company, how):
    assert_unauthenticated(ask(shared_company, malformed(shared_company.secret)[how]))


def test_an_unknown_client_is_not_told_apart_from_a_wrong_secret(company, make_company):
    other = make_company()
    create_client(other, "theirs")
    revoked = create_client(company, "revoked")
    company.dba("SELECT leap.revoke_api_client(:'company', 'revoked');")
    expired = create_client(company, "expired")
    company.dba("UPDATE leap.api_client SET expires = now() WHERE client = 'expired';")
    wrong = told(ask(company, basic("tests", other.secret)))
    assert wrong[0] == 401
    for name, secret in [
        ("unknown", company.secret),
        ("theirs", company.secret),
        ("revoked", revoked),
        ("expired", expired),
        ("revoked", "x"),
        ("tests", revoked),
        ("no key!", "x"),
    ]:
        assert told(ask(company, basic(name, secret))) == wrong, name
    assert told(ask(company, None)) == wrong


# Secrets


def test_a_secret_is_256_random_bits_and_only_its_sha_256_is_stored(company):
    secrets = {company.secret} | {create_client(company, f"client-{number}") for number in range(4)}
    assert len(secrets) == 5
    assert all(len(base64.urlsafe_b64decode(secret + "=")) == 32 for secret in secrets)
    stored = company.dba(
        "SELECT k::text FROM leap.api_client k JOIN leap.company USING (company_id) WHERE company = :'company';"
    )
    for secret in secrets:
        assert secret not in stored
        assert hashlib.sha256(secret.encode()).hexdigest() in stored


def test_a_client_has_two_live_secrets_during_a_rotation(company):
    first = company.secret
    second = company.dba("SELECT leap.rotate_api_client(:'company', 'tests');")
    assert first != second
    assert_accepted(company, "tests", first)
    assert_accepted(company, "tests", second)
    third = company.dba("SELECT leap.rotate_api_client(:'company', 'tests');")
    assert_refused(company, "tests", first)
    assert_accepted(company, "tests", second)
    assert_accepted(company, "tests", third)


def test_a_rotation_without_overlap_ends_the_old_secret_at_once(company):
    assert_accepted(company, "tests", company.secret)
    secret = company.dba("SELECT leap.rotate_api_client(:'company', 'tests', '0 seconds');")
    assert_refused(company, "tests", company.secret)
    assert_accepted(company, "tests", secret)


def test_the_old_secret_ends_when_the_overlap_is_over(company):
    secret = company.dba("SELECT leap.rotate_api_client(:'company', 'tests', '1 second');")
    assert ask(company, basic("tests", company.secret)).status == 404
    wait_until(lambda: ask(company, basic("tests", company.secret)).status == 401)
    assert_refused(company, "tests", company.secret)
    assert_accepted(company, "tests", secret)


def test_a_client_ends_at_its_expiry(company):
    expires = company.dba("SELECT clock_timestamp() + '1 second';")
    secret = create_client(company, "short", expires=expires)
    assert ask(company, basic("short", secret)).status == 404
    wait_until(lambda: ask(company, basic("short", secret)).status == 401)
    assert_refused(company, "short", secret)
    assert company.dba("SELECT clock_timestamp() > :'expires';", expires=expires) == "t"


def test_an_expired_client_has_no_second_secret_that_lives_on(company):
    secret = create_client(company, "short")
    rotated = company.dba("SELECT leap.rotate_api_client(:'company', 'short');")
    company.dba("UPDATE leap.api_client SET expires = now() WHERE client = 'short';")
    assert_refused(company, "short", secret)
    assert_refused(company, "short", rotated)


def test_a_revoked_client_is_refused_on_the_next_request_by_every_worker(company):
    second = company.dba("SELECT leap.rotate_api_client(:'company', 'tests');")
    assert_accepted(company, "tests", company.secret)
    company.dba("SELECT leap.revoke_api_client(:'company', 'tests');")
    assert_refused(company, "tests", company.secret)
    assert_refused(company, "tests", second)


def test_a_client_is_accepted_as_soon_as_it_is_created(company):
    assert_refused(company, "new", "x")
    assert_accepted(company, "new", create_client(company, "new"))


# Permission


@pytest.mark.parametrize(
    "permission, creates", [("read-only", 403), ("read-acknowledge", 403), ("read-write", 201)]
)
def test_the_permission_of_a_client(company, permission, creates):
    client = company.as_client("another", create_client(company, "another", permission))
    identifier = insert_account(company)
    assert client.get(f"customers/{identifier}").status == 200
    response = client.post("customers", account())
    assert response.status == creates
    if creates == 403:
        assert response.code == "not-permitted"


def test_a_permission_takes_effect_on_the_next_request(company):
    """The document is not valid, so that nothing is created."""
    for permission, status in (("read-only", 403), ("read-write", 400), ("read-acknowledge", 403)):
        company.dba("SELECT leap.set_api_client_permission(:'company', 'tests', :'to');", to=permission)
        statuses = [company.client.post("customers", b"<account/>").status for _ in range(MANY)]
        assert statuses == [status] * MANY


# The wall between companies


def test_credentials_are_of_one_company(company, make_company):
    other = make_company()
    for here, there in ((company, other), (other, company)):
        assert_unauthenticated(ask(here, basic("tests", there.secret)))
        assert_accepted(here, "tests", here.secret)


def test_an_account_of_another_company_is_as_unknown_as_one_that_does_not_exist(company, make_company):
    other = make_company()
    theirs = insert_account(other, extid="theirs")
    assert other.client.get(f"customers/{theirs}").status == 200
    assert other.client.get("customers/extid/theirs").status == 200
    for path, missing in ((f"customers/{theirs}", "customers/1"), ("customers/extid/theirs", "customers/extid/none")):
        response = company.client.get(path)
        assert (response.status, response.code) == (404, "unknown-account")
        assert told(response) == told(company.client.get(missing))


def test_an_inactive_account_of_another_company_is_as_unknown(company, make_company):
    other = make_company()
    theirs = insert_account(other)
    other.dba(f"SELECT leap.set_account_status(:'company', {theirs}, 'Inactive');")
    assert other.client.get(f"customers/{theirs}").code == "inactive-account"
    assert company.client.get(f"customers/{theirs}").code == "unknown-account"


def test_companies_do_not_share_extids_and_emails(company, make_company):
    other = make_company()
    values = {"extid": "shared", "email": "shared@example.net"}
    identifiers = {each: insert_account(each, **values) for each in (company, other)}
    for each, identifier in identifiers.items():
        found = each.client.get("customers/extid/shared").document
        assert found.get("identifier") == identifier


def test_a_worker_that_serves_companies_in_turn_keeps_them_apart(company, make_company):
    companies = [company, make_company(), make_company()]
    identifiers = {each: insert_account(each, given_name=each.key) for each in companies}
    for _ in range(MANY):
        for each in companies:
            for owner, identifier in identifiers.items():
                response = each.client.get(f"customers/{identifier}")
                assert response.status == (200 if owner is each else 404)
                assert (each.key.encode() in response.body) == (owner is each)
