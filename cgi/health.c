/*
 * Tells whether a worker reaches the database, to whom the web server lets ask.
 */
#include "cgi/access.h"
#include "cgi/operations.h"
#include "common/log.h"
#include "queries.h"

#include <string.h>

enum { HEALTH_PATIENCE = 1000 * 1000 };

static const char healthy[] = "healthy\n";

void health(struct request *request, struct reply *reply)
{
    struct step step = {.query = &query_health};

    if (strcmp(request->method, "GET") != 0 && strcmp(request->method, "HEAD") != 0) {
        request->allow = "GET, HEAD";
        refuse(&request->refusal, ERROR_METHOD_NOT_ALLOWED,
               "This path does not have this method; see Allow.");
        return;
    }
    request->deadline = request->started + HEALTH_PATIENCE;
    if (!access_open(request, &step))
        return;
    log_number("oldest_write_ms", PQgetvalue(step.result, 0, 0));
    if (!reply_header(reply, "Content-Type", "text/plain; charset=UTF-8")) {
        refuse_for_memory(&request->refusal);
        return;
    }
    reply->status = 200;
    reply->body = healthy;
    reply->length = sizeof healthy - 1;
}
