"""Add customer account comment: POST customers/{identifier}/comments and customers/extid/{extid}/comments."""

import pytest

from documents import assert_invalid, assert_malformed, insert_account

XML = {"Content-Type": "application/xml"}
PATH = "/customer-update/comment"
SAMPLE = b"""<customer-update>
  <comment>Adding a comment to the customer account.</comment>
</customer-update>
"""


def post(company, path, body=SAMPLE, headers=XML):
    return company.client.post(f"{path}/comments", body, headers)


def document(text):
    return f"<customer-update><comment>{text}</comment></customer-update>".encode()


def stored(company):
    return company.dba("SELECT author, comment FROM leap.account_comment JOIN leap.company USING (company_id)"
                       " WHERE company = :'company'")


@pytest.mark.parametrize("path", ["customers/{}", "customers/extid/E%2F1"])
def test_the_document_s_own_sample_is_left_in_the_client_s_name(company, path):
    identifier = insert_account(company, extid="E/1")
    reply = post(company, path.format(identifier))
    assert (reply.status, reply.reason, reply.document.tag) == (201, "Created", "ref")
    assert (reply.document.get("identifier"), reply.document.get("extid")) == (identifier, "E/1")
    assert stored(company) == "tests|Adding a comment to the customer account."


def test_it_raises_no_flag(company):
    identifier = insert_account(company)
    company.dba("UPDATE leap.account SET unacked_since = NULL WHERE identifier = :n", n=identifier)
    post(company, f"customers/{identifier}")
    account = company.client.get(f"customers/{identifier}").document
    assert (account.get("unacked-since"), account.get("version")) == (None, "1")


def test_an_inactive_account_takes_comments(company):
    assert post(company, f"customers/{insert_account(company, account_status='Inactive')}").status == 201


@pytest.mark.parametrize("text", [10000 * "\U0001f600", "two\nlines\tand &lt;markup&gt;", " trimmed "])
def test_lines_and_wide_characters_up_to_10_000(company, text):
    assert post(company, f"customers/{insert_account(company)}", document(text)).status == 201
    expected = text.strip().replace("&lt;", "<").replace("&gt;", ">")
    assert stored(company) == f"tests|{expected}"


@pytest.mark.parametrize("body, problem", [
    (b"<customer-update/>", (PATH, "required")),
    (document(""), (PATH, "required")),
    (document(" \n"), (PATH, "required")),
    (document(10001 * "x"), (PATH, "invalid")),
    (b"<customer-update><comment>a</comment><comment/></customer-update>", (PATH, "duplicate")),
    (b"<customer-update><comment>a</comment><other/></customer-update>", ("/customer-update/other", "invalid")),
    (b"<customer-update a='1'><comment>a</comment></customer-update>", ("/customer-update/@a", "invalid")),
    (b"<customer-update><comment a='1'>a</comment></customer-update>", (f"{PATH}/@a", "invalid")),
    (b"<customer-update><comment>a<b/></comment></customer-update>", (f"{PATH}/b", "invalid")),
    (b"<customer-update>text<comment>a</comment></customer-update>", ("/customer-update", "invalid")),
])  # fmt: skip
def test_what_is_wrong_with_the_comment(company, body, problem):
    assert_invalid(post(company, f"customers/{insert_account(company)}", body), problem)
    assert stored(company) == ""


def test_unknown_accounts_come_after_malformed_xml_and_before_validation(company, make_company):
    foreign = insert_account(make_company())
    for path in "customers/999", "customers/extid/none", f"customers/{foreign}":
        assert_malformed(post(company, path, b"<customer-update>"), 1)
        reply = post(company, path, b"<customer-update/>")
        assert (reply.status, reply.code) == (404, "unknown-account")
    assert post(company, "customers/x").code == "malformed-identifier"


def test_media_type_root_query_and_permission(company):
    path = f"customers/{insert_account(company)}"
    assert post(company, path, headers={"Content-Type": "text/plain"}).status == 415
    assert_malformed(post(company, path, b"<comment>a</comment>"), 1)
    assert company.client.post(f"{path}/comments?x=1", SAMPLE, XML).code == "malformed-request"
    company.dba("SELECT leap.set_api_client_permission(:'company', 'tests', 'read-acknowledge')")
    assert post(company, path).code == "not-permitted"
