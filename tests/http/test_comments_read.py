"""Comments read back: GET …/comments, newest first."""

import re

import pytest

from documents import insert_account

COMMENT = "<customer-update><comment>{}</comment></customer-update>"


def leave(company, path, *texts):
    for text in texts:
        reply = company.client.post(f"{path}/comments", COMMENT.format(text).encode(), {"Content-Type": "application/xml"})
        assert reply.status == 201


def texts(reply):
    assert reply.status == 200, reply.body
    return [comment.text for comment in reply.document]


@pytest.fixture
def path(company):
    return f"customers/{insert_account(company, extid='E/1')}"


def test_they_come_newest_first_with_author_and_time(company, path):
    leave(company, path, "first", "second\nline")
    reply = company.client.get(f"{path}/comments")
    assert texts(reply) == ["second\nline", "first"]
    for comment in reply.document:
        assert comment.get("author") == "tests"
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000", comment.get("creation-time"))
        assert comment.get("identifier").isdigit()
    assert "Link" not in reply.headers


def test_none_is_an_empty_list(company, path):
    assert texts(company.client.get(f"{path}/comments")) == []


@pytest.mark.parametrize("form", ["by identifier", "by external identifier"])
def test_pages_follow_the_link(company, path, form):
    leave(company, path, "1", "2", "3")
    target = f"{path}/comments?limit=2" if form == "by identifier" else "customers/extid/E%2F1/comments?limit=2"
    reply = company.client.get(target)
    assert texts(reply) == ["3", "2"]
    link = re.fullmatch(r'<https://[^/]*/api/v1/(.*)>; rel="next"', reply.headers["Link"])[1]
    reply = company.client.get(link)
    assert texts(reply) == ["1"]
    assert "Link" not in reply.headers


def test_comments_on_an_inactive_account_are_there(company, path):
    leave(company, path, "before")
    company.dba("SELECT leap.set_account_status(:'company', :number, 'Inactive')", number=path.split("/")[1])
    assert texts(company.client.get(f"{path}/comments")) == ["before"]


def test_an_unknown_account_has_none(company, make_company, path):
    other = make_company()
    for target in ("customers/999/comments", "customers/extid/none/comments"):
        assert (company.client.get(target).status, company.client.get(target).code) == (404, "unknown-account")
    assert other.client.get(f"{path}/comments").status == 404
    assert company.client.get("customers/x/comments").code == "malformed-identifier"


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "before=x", "before=", "offset=1"])
def test_wrong_parameters_are_refused(company, path, query):
    reply = company.client.get(f"{path}/comments?{query}")
    assert (reply.status, reply.code) == (400, "malformed-request")
