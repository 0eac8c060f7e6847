#include "cgi/serve.h"

#include "cgi/access.h"
#include "cgi/reply.h"
#include "cgi/request.h"
#include "cgi/route.h"
#include "common/clock.h"
#include "common/log.h"

/* What is sent where there is no memory left to make a reply. */
#define WITHOUT_MEMORY(code, message)                                                              \
    "Status: 503 Service Unavailable\r\n"                                                          \
    "Content-Type: application/xml; charset=UTF-8\r\n"                                             \
    "Retry-After: 2\r\n"                                                                           \
    "Cache-Control: private, no-store\r\n"                                                         \
    "X-Content-Type-Options: nosniff\r\n"                                                          \
    "\r\n"                                                                                         \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"                                                 \
    "<error xmlns=\"" LEAP_NAMESPACE "\" code=\"" code "\">\n"                                     \
    "    <message>" message "</message>\n"                                                         \
    "    <field-errors/>\n"                                                                        \
    "</error>\n"

static const char nothing_written[] = WITHOUT_MEMORY("unavailable", REFUSAL_OUT_OF_MEMORY);
static const char perhaps_written[] = WITHOUT_MEMORY("outcome-unknown", REFUSAL_OUTCOME_UNKNOWN);

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

/* The reply and its head. NULL: out of memory, and there is no head. */
static struct reply *make_reply(struct request *request, const char **head)
{
    struct reply *reply = reply_new(request);

    *head = NULL;
    if (reply == NULL || !answer(request, reply))
        return NULL;
    if (request->refusal.refused) {
        reply = reply_new(request);
        if (reply == NULL || !reply_refusal(request, reply))
            return NULL;
    }
    *head = reply_head(request, reply);
    return *head != NULL ? reply : NULL;
}

/* In place of a reply that could not be made; `request` is NULL where not even that could. */
static void send_without_memory(const struct gateway *gateway, struct request *request)
{
    static const struct reply unmade = {.status = 503};

    if (request == NULL) {
        gateway_write(gateway, nothing_written, sizeof nothing_written - 1);
        return;
    }
    refuse_for_memory(&request->refusal);
    if (request->refusal.perhaps_written)
        gateway_write(gateway, perhaps_written, sizeof perhaps_written - 1);
    else
        gateway_write(gateway, nothing_written, sizeof nothing_written - 1);
    log_reply(request, &unmade);
}

void serve(struct worker *worker, const struct gateway *gateway)
{
    TALLOC_CTX *ctx = talloc_new(NULL);
    struct request *request = ctx != NULL ? request_new(ctx, worker, gateway) : NULL;
    const char *head = NULL;
    const struct reply *reply = request != NULL ? make_reply(request, &head) : NULL;

    if (reply == NULL) {
        send_without_memory(gateway, request);
    } else {
        reply_send(request, reply, head);
        log_reply(request, reply);
    }
    talloc_free(ctx);
}
