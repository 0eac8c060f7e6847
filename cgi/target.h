/*
 * The account that a path names, by its identifier (customers/{identifier}…) or its external
 * identifier (customers/extid/{extid}…).
 */
#ifndef LEAP_TARGET_H
#define LEAP_TARGET_H

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

/* Refuses (404) where the step found no account. */
bool target_exists(struct request *request, const PGresult *result);

/* Refuses (404) where the step found no account, or an inactive one. */
bool target_is_active(struct request *request, const PGresult *result);

#endif
