/*
 * Gives the XML Schema of the documents, to anybody.
 */
#include "cgi/access.h"
#include "cgi/operations.h"
#include "schema_document.h"

#include <string.h>

void schema(struct request *request, struct reply *reply)
{
    if (!access_host(request) || request->refusal.refused)
        return;
    if (!reply_header(reply, "Content-Type", "application/xml; charset=UTF-8")) {
        refuse_for_memory(&request->refusal);
        return;
    }
    reply->status = 200;
    reply->body = schema_document;
    reply->length = strlen(schema_document);
}
