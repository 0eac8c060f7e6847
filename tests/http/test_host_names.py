"""The company is found by the request's host name, and references repeat the host name that was asked."""

import pytest

from documents import account, insert_account
from leap_client import BASE
from leap_instance import DOMAIN
from web_differences import EXPECTED

# Enough requests that each worker gets some.
MANY = 12


def ask(company, host, path="customers/1"):
    return company.client.get(path, {"Host": host})


def assert_served(company, host):
    statuses = [ask(company, host).code for _ in range(MANY)]
    assert statuses == ["unknown-account"] * MANY


def assert_unknown(company, host):
    for response in [ask(company, host) for _ in range(MANY)]:
        assert (response.status, response.code) == (404, "unknown-host")


# What counts of a host name


@pytest.mark.parametrize("form", ["{}", "{}:443", "{}:1", "{}.", "{}.:8443"])
@pytest.mark.parametrize("case", [str, str.upper, str.title])
def test_case_port_and_a_trailing_dot_do_not_count(shared_company, form, case):
    assert ask(shared_company, form.format(case(shared_company.host))).code == "unknown-account"


def test_a_port_without_digits(shared_company):
    assert ask(shared_company, f"{shared_company.host}:").code == EXPECTED.empty_port


@pytest.mark.parametrize(
    "form",
    ["x{}", "x.{}", "{}x", "{}.x", "{}.evil.example", "-{}", "{}-", "localhost", "127.0.0.1", "[::1]"],
)
def test_only_an_exact_host_name_counts(shared_company, form):
    response = ask(shared_company, form.format(shared_company.host))
    assert (response.status, response.code) == (404, "unknown-host")


@pytest.mark.parametrize("host", ["*", "%", f"*.{DOMAIN}", f"%.{DOMAIN}"])
def test_a_pattern_is_no_host_name(shared_company, host):
    assert ask(shared_company, host).code == EXPECTED.malformed_host


@pytest.mark.parametrize("before", ["\xff", "api.\xe9\xe8."])
def test_bytes_that_are_not_utf_8_are_no_host_name(shared_company, before):
    assert ask(shared_company, before + shared_company.host).code == EXPECTED.malformed_host


def test_a_part_of_a_host_name_does_not_count(shared_company):
    for host in (shared_company.key, DOMAIN, shared_company.host.replace(".", "x", 1)):
        assert ask(shared_company, host).code == "unknown-host"


def test_an_unknown_host_is_told_without_credentials(shared_company):
    response = shared_company.anonymous.get("customers/1", {"Host": f"nobody.{DOMAIN}"})
    assert (response.status, response.code) == (404, "unknown-host")


def test_the_host_of_an_absolute_target_counts(shared_company, make_company):
    other = make_company()
    for company, code in ((shared_company, "unknown-account"), (other, "unauthenticated")):
        target = f"https://{company.host}{BASE}customers/1"
        response = shared_company.client.request("GET", target, headers={"Host": shared_company.host})
        assert response.code == code


# Host names come and go


def test_a_host_name_is_served_as_soon_as_it_is_added_and_no_longer_than_it_is_there(company):
    own = f"api.{company.key}.example"
    assert_unknown(company, own)
    company.dba("SELECT leap.add_hostname(:'company', :'own');", own=own)
    assert_served(company, own)
    assert_served(company, company.host)
    company.dba("SELECT leap.remove_hostname(:'company', :'own');", own=own)
    assert_unknown(company, own)
    assert_served(company, company.host)


def test_a_host_name_that_moves_serves_the_other_company_at_once(company, make_company):
    other = make_company()
    moving = f"moving.{company.host}"
    identifiers = {each: insert_account(each) for each in (company, other)}
    company.dba("SELECT leap.add_hostname(:'company', :'moving');", moving=moving)
    for here, there in ((company, other), (other, company)) * 2:
        assert_served(here, moving)
        assert [ask(there, moving).code for _ in range(MANY)] == ["unauthenticated"] * MANY
        assert ask(here, moving, f"customers/{identifiers[here]}").status == 200
        assert ask(here, moving, f"customers/{identifiers[there]}").code == "unknown-account"
        here.dba("SELECT leap.remove_hostname(:'company', :'moving');", moving=moving)
        there.dba("SELECT leap.add_hostname(:'company', :'moving');", moving=moving)


def test_a_create_at_a_host_name_that_moved_goes_to_the_other_company(company, make_company):
    other = make_company()
    company.dba("SELECT leap.add_hostname(:'company', :'moving');", moving=f"moving.{company.host}")
    moving = {"Host": f"moving.{company.host}"}
    # Not valid: but every worker for creates has asked for the host name.
    assert [company.client.post("customers", b"<account/>", moving).status for _ in range(MANY)] == [400] * MANY
    company.dba("SELECT leap.remove_hostname(:'company', :'moving');", moving=moving["Host"])
    other.dba("SELECT leap.add_hostname(:'company', :'moving');", moving=moving["Host"])
    assert company.client.post("customers", account(), moving).code == "unauthenticated"
    created = other.client.post("customers", account(), moving).document.get("identifier")
    assert other.client.get(f"customers/{created}").status == 200
    assert company.client.get(f"customers/{created}").code == "unknown-account"


# References


@pytest.mark.parametrize(
    "sent, base",
    [
        ("{}:8443", "{}:8443"),
        ("{}", "{}"),
        ("{}:443", "{}:443"),
        ("{}.:8443", "{}:8443"),
        ("{}.", "{}"),
    ],
)
@pytest.mark.parametrize("case", [str, str.upper])
def test_a_reference_has_the_host_in_lower_case_without_a_dot_and_the_port_as_sent(company, sent, base, case):
    identifier = insert_account(company, extid="reached")
    url = f"https://{base.format(company.host)}/api/v1/customers/{identifier}"
    for path in (f"customers/{identifier}", f"customers/000{identifier}", "customers/extid/reached"):
        response = ask(company, sent.format(case(company.host)), path)
        assert response.document.get("ref") == url


def test_a_created_account_is_at_the_base_url_as_requested(company):
    own = f"api.{company.key}.example"
    company.dba("SELECT leap.add_hostname(:'company', :'own');", own=own)
    response = company.client.post("customers", account(), {"Host": f"{own.upper()}.:1234"})
    identifier = response.document.get("identifier")
    url = f"https://{own}:1234/api/v1/customers/{identifier}"
    assert response.status == 201
    assert response.headers["Location"] == url
    assert response.document.get("ref") == url


@pytest.mark.parametrize("port", [":x", ":80'", ':"', ":80:80", ":&", ":-1", ":80 x"])
def test_what_is_no_port_is_not_repeated(company, port):
    """The web server may refuse it; a reference never holds it."""
    identifier = insert_account(company)
    response = ask(company, company.host + port, f"customers/{identifier}")
    if response.status != 400:
        assert response.document.get("ref") == f"https://{company.host}/api/v1/customers/{identifier}"
