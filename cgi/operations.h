/*
 * The operations, one a file. Each runs from its top to its bottom: what the request itself gets
 * wrong, the first round trip to the database, the body, the second round trip, the reply.
 */
#ifndef LEAP_OPERATIONS_H
#define LEAP_OPERATIONS_H

#include "cgi/reply.h"
#include "cgi/request.h"

/* POST customers: 201 with a reference; 400 validation; 403 where the account limit is reached. */
void create(struct request *request, struct reply *reply);

/* GET customers/{identifier}, customers/extid/{extid}: 200 with the account; 400 malformed
 * identifier; 404 unknown or inactive. */
void show(struct request *request, struct reply *reply);

#endif
