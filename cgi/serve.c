#include "cgi/serve.h"

#include "cgi/access.h"
#include "cgi/reply.h"
#include "cgi/request.h"
#include "cgi/route.h"
#include "common/clock.h"
#include "common/log.h"

/* What is sent where there is no memory left to make a reply. */
static const char out_of_memory[] =
    "Status: 503 Service Unavailable\r\n"
    "Content-Type: application/xml; charset=UTF-8\r\n"
    "Retry-After: 2\r\n"
    "Cache-Control: private, no-store\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "\r\n"
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<error xmlns=\"" LEAP_NAMESPACE "\" code=\"unavailable\">\n"
    "    <message>The service is short of memory. Nothing was changed; try again.</message>\n"
    "    <field-errors/>\n"
    "</error>\n";

static void log_reply(struct request *request, const struct reply *reply)
{
    const struct caller *caller = request->caller;
    struct log_request line = {
        .request_id = request->request_id,
        .client_address = request->client_address,
        .company = caller != NULL ? caller->company : NULL,
        .client = caller != NULL ? caller->client : NULL,
        .operation = request->operation != NULL ? request->operation->file : NULL,
        .status = reply->status,
        .code = request->refusal.refused ? error_code_name(request->refusal.code) : NULL,
        .elapsed = clock_now() - request->started,
        .database_elapsed = database_take_elapsed(request->worker->database),
    };

    log_request(&line);
}

/* Runs what the request asks for: an operation, OPTIONS, or the proof that the sender may be told
 * what is wrong. */
static bool answer(struct request *request, struct reply *reply)
{
    if (request->refusal.refused)
        return true;
    if (!route_find(request))
        return false;
    if (route_is_options(request)) {
        if (!access_host(request))
            return true;
        request->refusal.refused = false;
        return reply_options(request, reply);
    }
    if (request->operation != NULL)
        request->operation->run(request, reply);
    else
        access_read(request, NULL, 0);
    return true;
}

void serve(struct worker *worker, const struct gateway *gateway)
{
    TALLOC_CTX *ctx = talloc_new(NULL);
    struct request *request = ctx != NULL ? request_new(ctx, worker, gateway) : NULL;
    struct reply *reply = request != NULL ? reply_new(request) : NULL;
    bool made = reply != NULL && answer(request, reply);

    if (made && request->refusal.refused) {
        reply = reply_new(request);
        made = reply != NULL && reply_refusal(request, reply);
    }
    if (made)
        made = reply_send(request, reply);
    else
        gateway_write(gateway, out_of_memory, sizeof out_of_memory - 1);
    if (made)
        log_reply(request, reply);
    talloc_free(ctx);
}
