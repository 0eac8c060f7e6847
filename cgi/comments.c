/*
 * Lists the comments on an account, newest first, a page at a time; of an inactive account too.
 */
#include "cgi/access.h"
#include "cgi/account.h"
#include "cgi/operations.h"
#include "cgi/page.h"
#include "cgi/target.h"
#include "common/uri.h"
#include "queries.h"

#include <stdlib.h>
#include <string.h>

enum { COLUMN_IDENTIFIER, COLUMN_AUTHOR, COLUMN_CREATION_TIME, COLUMN_COMMENT };

/* About how many bytes a comment has in a document. */
enum { COMMENT_BYTES = 256 };

/* Where there may be older comments: the same account by the same path, before the last comment. */
static bool link_older(struct request *request, struct reply *reply, const PGresult *comments,
                       const char *limit)
{
    bool by_extid = target_is_by_extid(request);
    char *account = uri_encode(request, request->values[0]);
    int count = PQntuples(comments);
    char *target;

    if (count < atoi(limit))
        return true;
    target = talloc_asprintf(request, "customers/%s%s/comments?limit=%s&before=%s",
                             by_extid ? "extid/" : "", account, limit,
                             PQgetvalue(comments, count - 1, COLUMN_IDENTIFIER));
    if (account == NULL || target == NULL)
        return refuse_for_memory(&request->refusal);
    return page_link(request, reply, target);
}

static bool reply_comments(struct request *request, struct reply *reply, const PGresult *comments)
{
    struct xml_writer *writer =
        xml_writer_new(request, (size_t)PQntuples(comments) * COMMENT_BYTES);

    if (writer == NULL)
        return refuse_for_memory(&request->refusal);
    xml_start(writer, "comments");
    xml_attribute(writer, "xmlns", LEAP_NAMESPACE);
    for (int row = 0; row < PQntuples(comments); row++) {
        xml_start(writer, "comment");
        xml_attribute(writer, "identifier", PQgetvalue(comments, row, COLUMN_IDENTIFIER));
        xml_attribute(writer, "author", PQgetvalue(comments, row, COLUMN_AUTHOR));
        account_write_time(writer, "creation-time",
                           PQgetvalue(comments, row, COLUMN_CREATION_TIME));
        xml_text(writer, PQgetvalue(comments, row, COLUMN_COMMENT));
        xml_end(writer);
    }
    xml_end(writer);
    return reply_document(request, reply, 200, writer);
}

void comments(struct request *request, struct reply *reply)
{
    struct step steps[2];
    const char *limit = page_limit(request);
    const char *before = page_number(request, "before", "999999999999999999", 0, INT64_MAX);

    if (before == NULL)
        refuse(&request->refusal, ERROR_MALFORMED_REQUEST,
               "before is the identifier of a comment, a number of 1 to 18 digits.");
    if (!target_step(request, &steps[0], &query_find, &query_find_by_extid) ||
        !target_step(request, &steps[1], &query_comments, &query_comments_by_extid))
        return;
    steps[1].values[2] = before;
    steps[1].values[3] = limit;
    if (access_read(request, steps, 2) && target_exists(request, steps[0].result) &&
        link_older(request, reply, steps[1].result, limit))
        reply_comments(request, reply, steps[1].result);
}
