#include "cgi/page.h"

#include "cgi/account.h"
#include "common/text.h"

#include <stdlib.h>
#include <string.h>

enum { LIMIT_MAXIMUM = 100 };

const char *page_number(const struct request *request, const char *name, const char *otherwise,
                        int64_t minimum, int64_t maximum)
{
    const char *text = request_parameter(request, name);
    int64_t number;

    if (text == NULL)
        return otherwise;
    return text_parse_identifier(text, &number) && number >= minimum && number <= maximum ? text
                                                                                          : NULL;
}

const char *page_limit(struct request *request)
{
    static const char maximum[] = "100";
    const char *limit = page_number(request, "limit", maximum, 1, LIMIT_MAXIMUM);

    if (limit != NULL)
        return limit;
    refuse(&request->refusal, ERROR_MALFORMED_REQUEST, "limit is a number from 1 to 100.");
    return maximum;
}

void page_read(struct request *request, struct page *page)
{
    page->limit = page_limit(request);
    page->offset = page_number(request, "offset", "0", 0, INT32_MAX);
    page->after = page_number(request, "after", "0", 0, INT64_MAX);
    if (page->offset == NULL)
        refuse(&request->refusal, ERROR_MALFORMED_REQUEST,
               "offset is a number from 0 to 2147483647.");
    if (page->after == NULL)
        refuse(&request->refusal, ERROR_MALFORMED_REQUEST,
               "after is an identifier, a number of 1 to 18 digits.");
    if (request_parameter(request, "after") != NULL && request_parameter(request, "offset") != NULL)
        refuse(&request->refusal, ERROR_MALFORMED_REQUEST, "Give after or offset, not both.");
}

bool page_link(struct request *request, struct reply *reply, const char *target)
{
    char *link = talloc_asprintf(request, "<%s/%s>; rel=\"next\"", request->base_url, target);

    return (link != NULL && reply_header(reply, "Link", link)) ||
           refuse_for_memory(&request->refusal);
}

bool page_link_after(struct request *request, struct reply *reply, const struct page *page,
                     const PGresult *accounts, const char *filter)
{
    int count = PQntuples(accounts);
    char *target;

    if (count < atoi(page->limit))
        return true;
    target = talloc_asprintf(request, "%s%slimit=%s&after=%s", filter,
                             strchr(filter, '?') != NULL ? "&" : "?", page->limit,
                             PQgetvalue(accounts, count - 1, PQfnumber(accounts, "identifier")));
    return target != NULL ? page_link(request, reply, target)
                          : refuse_for_memory(&request->refusal);
}

bool page_reply(struct request *request, struct reply *reply, const PGresult *accounts,
                const PGresult *labels)
{
    struct xml_writer *writer =
        xml_writer_new(request, (size_t)PQntuples(accounts) * ACCOUNT_BYTES);
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
