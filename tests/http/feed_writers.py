"""Writers that change a company's accounts all at the same time, over HTTP and by psql."""

import itertools
from concurrent.futures import ThreadPoolExecutor

from documents import FAMILY_NAME, GIVEN_NAME, build, insert_account
from psql_session import PsqlSession

SHARED_ACCOUNTS = 8

# An account comes into being; one that others change too is changed; both change in one transaction, which may commit
# after some that began later; the new account is deactivated.
BY_PSQL = """
INSERT INTO leap.account (company_id, email, given_name, family_name, communities)
SELECT company_id, '{name}@example.net', 'New', '{name}', '{{original}}' FROM leap.company WHERE company = '{company}'
RETURNING identifier AS own \\gset
UPDATE leap.account SET given_name = '{name}' WHERE identifier = {shared};
BEGIN;
UPDATE leap.account SET given_name = 'Changed' WHERE identifier = :own;
UPDATE leap.account SET family_name = '{name}' WHERE identifier = {shared};
COMMIT;
SELECT leap.set_account_status('{company}', :own, 'Inactive') \\g /dev/null
"""

_rounds = itertools.count(1)


class FeedWriters:
    def __init__(self, company, by_http, by_psql):
        self.company = company
        self.shared = [insert_account(company) for _ in range(SHARED_ACCOUNTS)]
        self.sessions = [PsqlSession(company.instance) for _ in range(by_psql)]
        self.writers = [None] * by_http + self.sessions
        self.pool = ThreadPoolExecutor(len(self.writers))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.pool.shutdown()
        for session in self.sessions:
            session.close()

    def _write(self, session, number, turn):
        """By the session, or over HTTP where there is none."""
        name = f"writer-{number}-round-{turn}"
        shared = self.shared[(number + turn) % SHARED_ACCOUNTS]
        if session:
            session.run(BY_PSQL.format(company=self.company.key, name=name, shared=shared))
        else:
            body = build({GIVEN_NAME: name, FAMILY_NAME: "By HTTP"})
            reply = self.company.client.put(f"customers/{shared}", body)
            assert reply.status == 201, reply.body

    def round(self, meanwhile):
        """Each writes, all at once; returns when all have, and calls `meanwhile` again and again until then."""
        turn = next(_rounds)
        writing = [self.pool.submit(self._write, writer, number, turn) for number, writer in enumerate(self.writers)]
        while not all(future.done() for future in writing):
            meanwhile()
        for future in writing:
            future.result()
