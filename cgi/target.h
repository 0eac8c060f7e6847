/*
 * The account that a path names, by its identifier (customers/{identifier}…) or its external
 * identifier (customers/extid/{extid}…).
 */
#ifndef LEAP_TARGET_H
#define LEAP_TARGET_H

#include "cgi/reply.h"
#include "cgi/request.h"
#include "common/database.h"

#include <libpq-fe.h>
#include <stdbool.h>

/*
 * The step that finds the account: `by_identifier` or `by_extid`, which take it as their second
 * value. A malformed identifier is recorded as a refusal. False: refused, for memory.
 */
bool target_step(struct request *request, struct step *step, const struct query *by_identifier,
                 const struct query *by_extid);

/* Whether the path names the account by its external identifier. */
bool target_is_by_extid(const struct request *request);

/* Refuses (404) where the step found no account. */
bool target_exists(struct request *request, const PGresult *result);

/* Refuses (404) where the step found no account, or an inactive one. */
bool target_is_active(struct request *request, const PGresult *result);

/*
 * Refuses (412) where an If-Match header does not allow to change the account of the step's result
 * at its version. target_change then changes it only while it is still at that version.
 */
bool target_matches(struct request *request, const PGresult *found);

enum target_change {
    TARGET_CHANGED,
    TARGET_CONFLICT, /* another account of the community has the e-mail address; nothing was changed
                      */
    TARGET_REFUSED,
};

/*
 * Changes the account of the step's result, as `json` says by the names of columns, and commits.
 * `json` NULL is taken for memory that ran out. `operation` is for the history. Changed: `written`
 * names the account as it now is.
 */
enum target_change target_change(struct request *request, const PGresult *found, const char *json,
                                 const char *operation, struct reference *written);

#endif
