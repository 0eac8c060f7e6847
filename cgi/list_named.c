/*
 * Lists the accounts that a request names, by identifiers, external identifiers or both; those that
 * do not exist are left out.
 */
#include "cgi/access.h"
#include "cgi/operations.h"
#include "cgi/page.h"
#include "common/text.h"
#include "queries.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { NAMED_MAXIMUM = 100 };

/* Adds the numbers of a list that is separated by commas. False: one of them is none, or out of
 * memory. */
static bool add_identifiers(TALLOC_CTX *ctx, json_t *identifiers, const char *list)
{
    char *rest = talloc_strdup(ctx, list);
    char *number;

    while (rest != NULL && (number = strsep(&rest, ",")) != NULL) {
        int64_t identifier;

        if (!text_parse_identifier(text_trim(number), &identifier) ||
            json_array_append_new(identifiers, json_integer(identifier)) != 0)
            return false;
    }
    return true;
}

/* Reads both kinds of names. False: one is malformed, or out of memory. */
static bool add_names(struct request *request, json_t *identifiers, json_t *extids)
{
    for (size_t i = 0; i < request->query.count; i++) {
        const struct uri_parameter *parameter = &request->query.parameters[i];
        bool added = *parameter->value != '\0';

        if (added && strcmp(parameter->name, "identifier") == 0)
            added = add_identifiers(request, identifiers, parameter->value);
        else if (added && strcmp(parameter->name, "extid") == 0)
            added = json_array_append_new(extids, json_string(parameter->value)) == 0;
        else
            added = false;
        if (!added)
            return false;
    }
    return json_array_size(identifiers) + json_array_size(extids) <= NAMED_MAXIMUM;
}

/* A JSON array as text, which is freed with it. NULL: out of memory. */
static char *dump(TALLOC_CTX *ctx, json_t *array)
{
    char *text = json_dumps(array, JSON_COMPACT);
    char *copy = text != NULL ? talloc_strdup(ctx, text) : NULL;

    free(text);
    json_decref(array);
    return copy;
}

void list_named(struct request *request, struct reply *reply)
{
    struct step steps[] = {{.query = &query_list_named}, {.query = &query_field_labels}};
    json_t *identifiers = json_array();
    json_t *extids = json_array();

    if (!add_names(request, identifiers, extids))
        refuse(
            &request->refusal, ERROR_MALFORMED_REQUEST,
            "Name at most 100 accounts, by identifier=1,2 and extid=A&extid=B, and nothing else.");
    steps[0].values[1] = dump(request, identifiers);
    steps[0].values[2] = dump(request, extids);
    if (steps[0].values[1] == NULL || steps[0].values[2] == NULL)
        refuse_for_memory(&request->refusal);
    else if (access_read(request, steps, 2))
        page_reply(request, reply, steps[0].result, steps[1].result);
}
