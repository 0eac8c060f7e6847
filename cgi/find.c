/*
 * Finds accounts by the value of an additional field, and by e-mail address within a community.
 */
#include "cgi/access.h"
#include "cgi/operations.h"
#include "cgi/page.h"
#include "common/uri.h"
#include "queries.h"

#include <string.h>

/* Whether a key is one of the field labels'. */
static bool is_defined(const PGresult *labels, const char *key)
{
    for (int i = 0; i < PQntuples(labels); i++)
        if (strcmp(PQgetvalue(labels, i, 0), key) == 0)
            return true;
    return false;
}

/* The two forms of the path have one link: the form by parameter, in which any value is safe. */
static char *field_filter(struct request *request, const char *key, const char *value)
{
    char *encoded_key = uri_encode(request, key);
    char *encoded_value = uri_encode(request, value);

    if (encoded_key == NULL || encoded_value == NULL)
        return NULL;
    return talloc_asprintf(request, "customers/by-additional-field/%s?value=%s", encoded_key,
                           encoded_value);
}

void find_by_field(struct request *request, struct reply *reply)
{
    const char *value =
        request->values[1] != NULL ? request->values[1] : request_parameter(request, "value");
    struct step steps[] = {{.query = &query_find_by_field}, {.query = &query_field_labels}};
    struct page page;
    char *filter;

    if (value == NULL) {
        value = "";
        refuse(&request->refusal, ERROR_MALFORMED_REQUEST, "Give the value to look for.");
    }
    page_read(request, &page);
    steps[0] = (struct step){
        .query = &query_find_by_field,
        .values = {NULL, page.after, page.limit, page.offset, request->values[0], value}};
    if (!access_read(request, steps, 2))
        return;
    if (!is_defined(steps[1].result, request->values[0])) {
        refuse(&request->refusal, ERROR_UNKNOWN_KEY,
               "The company has no additional field of this key.");
        return;
    }
    filter = field_filter(request, request->values[0], value);
    if (filter == NULL)
        refuse_for_memory(&request->refusal);
    else if (page_link_after(request, reply, &page, steps[0].result, filter))
        page_reply(request, reply, steps[0].result, steps[1].result);
}

void find_by_email(struct request *request, struct reply *reply)
{
    struct step steps[] = {
        {.query = &query_find_by_email, .values = {NULL, request->values[0], request->values[1]}},
        {.query = &query_field_labels},
        {.query = &query_community, .values = {NULL, request->values[0]}},
    };

    if (!access_read(request, steps, 3))
        return;
    if (PQntuples(steps[2].result) == 0)
        refuse(&request->refusal, ERROR_UNKNOWN_KEY, "The company has no community of this key.");
    else
        page_reply(request, reply, steps[0].result, steps[1].result);
}
