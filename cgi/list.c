/*
 * Lists accounts by identifier: all, or those with or without changes to acknowledge. Two other
 * lists have the same path: the accounts that are named, and those that changed.
 */
#include "cgi/access.h"
#include "cgi/operations.h"
#include "cgi/page.h"
#include "queries.h"

#include <string.h>

static void list_all(struct request *request, struct reply *reply)
{
    const char *acked = request_parameter(request, "acked");
    struct step steps[] = {{.query = &query_list_all}, {.query = &query_field_labels}};
    const char *filter = "customers";
    struct page page;

    if (acked != NULL && strcmp(acked, "true") == 0) {
        steps[0].query = &query_list_acked;
        filter = "customers?acked=true";
    } else if (acked != NULL && strcmp(acked, "false") == 0) {
        steps[0].query = &query_list_unacked;
        filter = "customers?acked=false";
    } else if (acked != NULL) {
        refuse(&request->refusal, ERROR_MALFORMED_REQUEST, "acked is true or false.");
    }
    page_read(request, &page);
    steps[0].values[1] = page.after;
    steps[0].values[2] = page.limit;
    steps[0].values[3] = page.offset;
    if (access_read(request, steps, 2) &&
        page_link_after(request, reply, &page, steps[0].result, filter))
        page_reply(request, reply, steps[0].result, steps[1].result);
}

void list(struct request *request, struct reply *reply)
{
    if (request_parameter(request, "changed-after") != NULL)
        list_changed(request, reply);
    else if (request_parameter(request, "identifier") != NULL ||
             request_parameter(request, "extid") != NULL)
        list_named(request, reply);
    else
        list_all(request, reply);
}
