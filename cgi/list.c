/*
 * Lists accounts, with their status, a page at a time by identifier: all, those with or without
 * changes to acknowledge, by the value of an additional field, and by e-mail address.
 */
#include "cgi/access.h"
#include "cgi/account.h"
#include "cgi/operations.h"
#include "common/text.h"
#include "queries.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { LIMIT_MAXIMUM = 100 };

/* Which accounts of those that fit are listed, as text for the database. */
struct page {
    const char *limit;
    const char *offset;
    const char *after;
};

/* A number of decimal digits from `minimum` to `maximum`; `text` NULL: `otherwise`. NULL: it is
 * none. */
static const char *read_number(const char *text, const char *otherwise, long minimum, long maximum)
{
    int64_t number;

    if (text == NULL)
        return otherwise;
    return text_parse_identifier(text, &number) && number >= minimum && number <= maximum ? text
                                                                                          : NULL;
}

static void read_page(struct request *request, struct page *page)
{
    const char *after = request_parameter(request, "after");

    page->limit = read_number(request_parameter(request, "limit"), "100", 1, LIMIT_MAXIMUM);
    page->offset = read_number(request_parameter(request, "offset"), "0", 0, INT32_MAX);
    page->after = read_number(after, "0", 0, INT64_MAX);
    if (page->limit == NULL)
        refuse(&request->refusal, ERROR_MALFORMED_REQUEST, "limit is a number from 1 to 100.");
    if (page->offset == NULL)
        refuse(&request->refusal, ERROR_MALFORMED_REQUEST,
               "offset is a number from 0 to 2147483647.");
    if (page->after == NULL)
        refuse(&request->refusal, ERROR_MALFORMED_REQUEST,
               "after is an identifier, a number of 1 to 18 digits.");
    if (after != NULL && request_parameter(request, "offset") != NULL)
        refuse(&request->refusal, ERROR_MALFORMED_REQUEST, "Give after or offset, not both.");
}

/* A full page may have one behind it: its Link says where, by the last identifier, whatever named
 * this one. */
static bool add_next_link(struct request *request, struct reply *reply, const struct page *page,
                          const PGresult *accounts, const char *filter)
{
    int count = PQntuples(accounts);
    char *link;

    if (count < atoi(page->limit))
        return true;
    link = talloc_asprintf(request, "<%s/%s%slimit=%s&after=%s>; rel=\"next\"", request->base_url,
                           filter, strchr(filter, '?') != NULL ? "&" : "?", page->limit,
                           PQgetvalue(accounts, count - 1, PQfnumber(accounts, "identifier")));
    return link != NULL && reply_header(reply, "Link", link);
}

static bool reply_accounts(struct request *request, struct reply *reply, const PGresult *accounts,
                           const PGresult *labels)
{
    struct xml_writer *writer = xml_writer_new(request);
    struct account_source source;

    if (writer == NULL)
        return refuse_for_memory(&request->refusal);
    account_source(&source, accounts, labels, request->base_url);
    xml_start(writer, "accounts");
    xml_attribute(writer, "xmlns", LEAP_NAMESPACE);
    for (int row = 0; row < PQntuples(accounts); row++)
        if (!account_write(writer, &source, row, false))
            return refuse_for_memory(&request->refusal);
    xml_end(writer);
    return reply_document(request, reply, 200, writer);
}

void list(struct request *request, struct reply *reply)
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
    read_page(request, &page);
    steps[0].values[1] = page.after;
    steps[0].values[2] = page.limit;
    steps[0].values[3] = page.offset;
    if (access_read(request, steps, 2) &&
        reply_accounts(request, reply, steps[0].result, steps[1].result) &&
        !add_next_link(request, reply, &page, steps[0].result, filter))
        refuse_for_memory(&request->refusal);
}

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
    read_page(request, &page);
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
    if (filter == NULL || !add_next_link(request, reply, &page, steps[0].result, filter))
        refuse_for_memory(&request->refusal);
    else
        reply_accounts(request, reply, steps[0].result, steps[1].result);
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
        reply_accounts(request, reply, steps[0].result, steps[1].result);
}
