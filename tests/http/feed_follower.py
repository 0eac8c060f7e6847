"""A follower of the change feed: pages on and keeps the last state that it saw of each account."""

import re

NEXT = re.compile(r'<https://[^>]*/api/v1/(customers\?changed-after=[^&>]*&limit=\d+)>; rel="next"')


def read_page(client, path="customers?changed-after="):
    """The accounts of a page, and the path of the next."""
    reply = client.get(path)
    assert reply.status == 200, reply.body
    return list(reply.document), NEXT.fullmatch(reply.headers["Link"])[1]


def present_states(company):
    """The state of each account as the database has it, in the form in which a follower keeps it."""
    rows = company.dba("""
        SELECT identifier, account_status, given_name, family_name, version
        FROM leap.account JOIN leap.company USING (company_id)
        WHERE company = :'company';
    """)
    return {identifier: tuple(state) for identifier, *state in (row.split("|") for row in rows.splitlines())}


class Follower:
    def __init__(self, company, limit):
        self.client = company.client
        self.path = f"customers?changed-after=&limit={limit}"
        self.states = {}

    def page(self):
        """Follows by one page; returns the identifiers that were on it."""
        accounts, self.path = read_page(self.client, self.path)
        for account in accounts:
            name = account.find("owner/name")
            self.states[account.get("identifier")] = (
                account.findtext("account-status"), name.findtext("given-name"), name.findtext("family-name"),
                account.get("version"),
            )  # fmt: skip
        return [account.get("identifier") for account in accounts]

    def catch_up(self):
        """Follows to the first empty page."""
        while self.page():
            pass

    def go_on_at(self, company):
        """From now on at the same company, served by another instance."""
        self.client = company.client
