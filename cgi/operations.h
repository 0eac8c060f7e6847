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

/* PUT customers/{identifier}, customers/extid/{extid}: 201 Updated with a reference; 404 unknown or
 * inactive; 409 validation. */
void update(struct request *request, struct reply *reply);

/* PUT …/change-login: 201 Updated with a reference; 400 validation; 404 unknown or inactive. */
void login(struct request *request, struct reply *reply);

/* POST customers/{identifier}/extid: 200 with a reference; 400 malformed form; 404 unknown; 409 in
 * use. */
void set_extid(struct request *request, struct reply *reply);

/* DELETE customers/{identifier}/extid: 204, also when there was none; 404 unknown. */
void remove_extid(struct request *request, struct reply *reply);

/* POST customers/acked: 204; 400 malformed entries; 404 where one does not exist, and then none is
 * acknowledged. */
void acknowledge(struct request *request, struct reply *reply);

/* POST customers/external/acked: the same by external identifiers. */
void acknowledge_by_extid(struct request *request, struct reply *reply);

/* POST …/comments: 201 with a reference to the account; 400 validation; 404 unknown. */
void comment(struct request *request, struct reply *reply);

/* GET /healthz, outside the API: 200 when the database answers within a second; else 503. */
void health(struct request *request, struct reply *reply);

/* GET leap-ws-v1.0.xsd: 200 with the XML Schema, without credentials. */
void schema(struct request *request, struct reply *reply);

/* GET customers: 200 with a page of accounts; 400 malformed parameters. */
void list(struct request *request, struct reply *reply);

/* GET customers?identifier=…&extid=…: 200 with those of at most 100 accounts that exist; 400
 * malformed. */
void list_named(struct request *request, struct reply *reply);

/* GET customers?changed-after=…: 200 with a page of changed accounts and the next cursor as a Link;
 * 400 malformed cursor. */
void list_changed(struct request *request, struct reply *reply);

/* GET …/comments: 200 with a page of comments; 400 malformed; 404 unknown. */
void comments(struct request *request, struct reply *reply);

/* GET customers/by-additional-field/{key}/{value}, or with ?value=: the same; 400 unknown key. */
void find_by_field(struct request *request, struct reply *reply);

/* GET customers/by_email/{community}/{email}: 200 with at most one account; 400 unknown community.
 */
void find_by_email(struct request *request, struct reply *reply);

#endif
