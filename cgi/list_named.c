/*
 * Lists the accounts that a request names, by identifiers, external identifiers or both; those that
 * do not exist are left out.
 */
#include "cgi/access.h"
#include "cgi/operations.h"
#include "cgi/page.h"
#include "common/json_text.h"
#include "common/text.h"
#include "queries.h"

#include <string.h>

enum { NAMED_MAXIMUM = 100 };

static bool refuse_names(struct request *request)
{
    return refuse(
        &request->refusal, ERROR_MALFORMED_REQUEST,
        "Name at most 100 accounts, by identifier=1,2 and extid=A&extid=B, and nothing else.");
}

/* Adds a name, NULL where there was no memory for it. False: refused. */
static bool add_name(struct request *request, json_t *names, json_t *name)
{
    return json_array_append_new(names, name) == 0 || refuse_for_memory(&request->refusal);
}

/* Adds the numbers of a list that is separated by commas. False: refused. */
static bool add_identifiers(struct request *request, json_t *identifiers, const char *list)
{
    char *rest = talloc_strdup(request, list);
    char *number;

    if (rest == NULL)
        return refuse_for_memory(&request->refusal);
    while ((number = strsep(&rest, ",")) != NULL) {
        int64_t identifier;

        if (!text_parse_identifier(text_trim(number), &identifier))
            return refuse_names(request);
        if (!add_name(request, identifiers, json_integer(identifier)))
            return false;
    }
    return true;
}

/* Reads both kinds of names. False: refused. */
static bool add_names(struct request *request, json_t *identifiers, json_t *extids)
{
    for (size_t i = 0; i < request->query.count; i++) {
        const struct uri_parameter *parameter = &request->query.parameters[i];
        bool added;

        if (*parameter->value != '\0' && strcmp(parameter->name, "identifier") == 0)
            added = add_identifiers(request, identifiers, parameter->value);
        else if (*parameter->value != '\0' && strcmp(parameter->name, "extid") == 0)
            added = add_name(request, extids, json_string(parameter->value));
        else
            added = refuse_names(request);
        if (!added)
            return false;
    }
    return json_array_size(identifiers) + json_array_size(extids) <= NAMED_MAXIMUM ||
           refuse_names(request);
}

void list_named(struct request *request, struct reply *reply)
{
    struct step steps[] = {{.query = &query_list_named}, {.query = &query_field_labels}};
    json_t *identifiers = json_array();
    json_t *extids = json_array();

    add_names(request, identifiers, extids);
    steps[0].values[1] = json_text_write(request, identifiers);
    steps[0].values[2] = json_text_write(request, extids);
    if (steps[0].values[1] == NULL || steps[0].values[2] == NULL)
        refuse_for_memory(&request->refusal);
    else if (access_read(request, steps, 2))
        page_reply(request, reply, steps[0].result, steps[1].result);
}
