/*
 * Runs an operation's statements as the company and client that the request came from, and refuses
 * those who may not: unknown host name 404, no or wrong credentials 401, suspended company or
 * missing permission 403, in this order and before anything that the request itself got wrong.
 */
#ifndef LEAP_ACCESS_H
#define LEAP_ACCESS_H

#include "cgi/request.h"
#include "common/database.h"

#include <stdbool.h>

/*
 * Authenticates and runs the steps, which only read, in one round trip. Each step's first value is
 * set to the company. Where the request is refused already, only authentication runs, so that the
 * higher refusal wins. True: every step has its result. False: refused. The steps may be none.
 */
bool access_read(struct request *request, struct step *steps, unsigned count);

/* The same for steps that write. True: the transaction is open, to be ended by access_commit or
 * access_rollback. */
bool access_write(struct request *request, struct step *steps, unsigned count);

/* Commits. False: refused with `unavailable` (nothing was written) or `outcome-unknown`. */
bool access_commit(struct request *request);

/* Takes back what access_write did. */
void access_rollback(struct request *request);

/* Whether a company is served at the request's host name: what OPTIONS and the XML Schema ask for,
 * in place of credentials. */
bool access_host(struct request *request);

/* Runs one step that only reads and concerns no company, for whoever the web server lets ask. True:
 * the step has its result. False: refused. */
bool access_open(struct request *request, struct step *step);

#endif
