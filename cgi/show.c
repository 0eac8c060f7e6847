/*
 * Shows one account. Only active ones are shown here; lists show all.
 */
#include "cgi/access.h"
#include "cgi/account.h"
#include "cgi/etag.h"
#include "cgi/operations.h"
#include "cgi/target.h"
#include "queries.h"

/* Gives the reply its entity tag, and leaves out the document that the client has already. */
static void tag_reply(struct request *request, struct reply *reply, const char *version)
{
    const char *if_none_match = gateway_variable(request->gateway, "HTTP_IF_NONE_MATCH");
    const char *etag = etag_of(request, version, reply->body, reply->length);

    if (etag == NULL || !reply_header(reply, "ETag", etag)) {
        refuse_for_memory(&request->refusal);
        return;
    }
    if (if_none_match != NULL && etag_is_named(if_none_match, etag)) {
        reply->status = 304;
        reply->body = NULL;
    }
}

void show(struct request *request, struct reply *reply)
{
    struct step steps[] = {{.query = NULL}, {.query = &query_field_labels}};
    struct account_source source;
    struct xml_writer *writer;

    if (!target_step(request, &steps[0], &query_show, &query_show_by_extid) ||
        !access_read(request, steps, 2) || !target_is_active(request, steps[0].result))
        return;
    account_source(&source, steps[0].result, steps[1].result, request->base_url);
    writer = xml_writer_new(request, ACCOUNT_BYTES);
    if (writer == NULL || !account_write(writer, &source, 0, true)) {
        refuse_for_memory(&request->refusal);
        return;
    }
    if (reply_document(request, reply, 200, writer))
        tag_reply(request, reply, PQgetvalue(steps[0].result, 0, source.version));
}
