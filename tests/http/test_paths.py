"""Path values: whatever an external identifier holds, each form of the path reaches its account and no other."""

from urllib.parse import quote

import pytest

from documents import insert_account

XML = {"Content-Type": "application/xml"}
UPDATE = b"""<account><owner><name><family-name>B</family-name><given-name>Reached</given-name></name></owner></account>"""
LOGIN = b"<change-login><login-id>reached@example.net</login-id></change-login>"
COMMENT = b"<customer-update><comment>reached</comment></customer-update>"

EXTIDS = [
    "a/b", "a%2Fb", "a%252Fb", "a+b", "//", "/", "a//b", "a?b", "a#b", "a;b=c", "a b", "a&b=c", "Zo\u00eb \u6771\u4eac", "100%",
    "x/change-login", "change-login", "acked", "extid", "by_email", "comments", "external/acked", "%zz", "a.b..c", "1",
]  # fmt: skip


@pytest.fixture
def accounts(company):
    """An account for each external identifier."""
    return {extid: insert_account(company, extid=extid) for extid in EXTIDS}


def test_every_form_reaches_the_account(company, accounts):
    for extid, identifier in accounts.items():
        path = f"customers/extid/{quote(extid, safe='')}"
        replies = {
            "show": company.client.get(path),
            "update": company.client.put(path, UPDATE, XML),
            "change-login": company.client.put(f"{path}/change-login", LOGIN.replace(b"reached@", f"{identifier}@".encode()), XML),
            "comment": company.client.post(f"{path}/comments", COMMENT, XML),
        }
        for form, reply in replies.items():
            assert reply.status in (200, 201), (extid, form, reply.body)
            assert (reply.document.get("identifier"), reply.document.get("extid")) == (identifier, extid), (extid, form)
        assert [comment.text for comment in company.client.get(f"{path}/comments").document] == ["reached"], extid
    assert company.dba("SELECT count(*) FROM leap.account JOIN leap.company USING (company_id) WHERE company = :'company'"
                       " AND given_name = 'Reached' AND email = identifier || '@example.net' AND version = 3"
                       ) == str(len(EXTIDS))  # fmt: skip


def test_an_extid_that_is_not_encoded_is_another_path(company, accounts):
    assert company.client.get("customers/extid/a/b").code == "unknown-path"
    assert company.client.get("customers/extid/x/change-login").code == "method-not-allowed"
