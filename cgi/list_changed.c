/*
 * The change feed: the accounts that changed after a cursor, each once and in its present state, in
 * the order of their last changes. It touches no flag, so that any number of systems can follow.
 */
#include "cgi/access.h"
#include "cgi/operations.h"
#include "cgi/page.h"
#include "common/text.h"
#include "queries.h"

#include <stdio.h>
#include <string.h>

enum { UUID_LENGTH = 36, CURSOR_NUMBERS = 2 };

/* A place in the feed: "GENERATION.CHANGE.IDENTIFIER"; all NULL or zero at the beginning. */
struct cursor {
    const char *generation;
    const char *change;
    const char *identifier;
};

static bool is_uuid(const char *text, size_t length)
{
    if (length != UUID_LENGTH)
        return false;
    for (size_t i = 0; i < length; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;

        if (dash ? text[i] != '-' : strchr("0123456789abcdef", text[i]) == NULL)
            return false;
    }
    return true;
}

/* A change's number has as many digits as a bigint; 18 are enough for any that occurs. */
static bool is_number(const char *text)
{
    int64_t number;

    return text != NULL && text_parse_identifier(text, &number);
}

/* Takes a cursor apart. False: refused. */
static bool read_cursor(struct request *request, struct cursor *cursor)
{
    char *rest = talloc_strdup(request, request_parameter(request, "changed-after"));

    *cursor = (struct cursor){.change = "0", .identifier = "0"};
    if (rest == NULL)
        return refuse_for_memory(&request->refusal);
    if (*rest == '\0')
        return true;
    cursor->generation = strsep(&rest, ".");
    cursor->change = strsep(&rest, ".");
    cursor->identifier = rest;
    if (is_uuid(cursor->generation, strlen(cursor->generation)) && is_number(cursor->change) &&
        is_number(cursor->identifier))
        return true;
    return refuse(&request->refusal, ERROR_MALFORMED_REQUEST,
                  "changed-after is no cursor; take it from the Link of a page, or send it empty.");
}

/* The cursor behind a page: that of its last account, or the one that was given where it is empty.
 */
static char *next_cursor(struct request *request, const PGresult *accounts)
{
    int last = PQntuples(accounts) - 1;

    if (last < 0)
        return talloc_strdup(request, request_parameter(request, "changed-after"));
    return talloc_asprintf(request, "%s.%s.%s",
                           PQgetvalue(accounts, last, PQfnumber(accounts, "generation")),
                           PQgetvalue(accounts, last, PQfnumber(accounts, "changed_in")),
                           PQgetvalue(accounts, last, PQfnumber(accounts, "identifier")));
}

static bool link_next(struct request *request, struct reply *reply, const PGresult *accounts,
                      const char *limit)
{
    char *cursor = next_cursor(request, accounts);
    char *target = NULL;

    if (cursor != NULL)
        target = talloc_asprintf(request, "customers?changed-after=%s&limit=%s", cursor, limit);
    return target != NULL ? page_link(request, reply, target)
                          : refuse_for_memory(&request->refusal);
}

void list_changed(struct request *request, struct reply *reply)
{
    static const char *const others[] = {"acked", "offset", "after", "identifier", "extid"};
    struct step steps[] = {{.query = &query_list_changed}, {.query = &query_field_labels}};
    const char *limit = page_limit(request);
    struct cursor cursor;

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (request_parameter(request, others[i]) != NULL)
            refuse(&request->refusal, ERROR_MALFORMED_REQUEST,
                   "changed-after goes with limit alone.");
    read_cursor(request, &cursor);
    steps[0] =
        (struct step){.query = &query_list_changed,
                      .values = {NULL, cursor.generation, cursor.change, cursor.identifier, limit}};
    if (access_read(request, steps, 2) && link_next(request, reply, steps[0].result, limit))
        page_reply(request, reply, steps[0].result, steps[1].result);
}
