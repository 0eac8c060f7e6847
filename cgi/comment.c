/*
 * Leaves a comment on an account, for operators; on an inactive one too.
 */
#include "cgi/access.h"
#include "cgi/operations.h"
#include "cgi/single_value.h"
#include "cgi/target.h"
#include "common/value.h"
#include "queries.h"

enum { COMMENT_MAXIMUM = 10000 };

static bool check_comment(struct request *request, struct single_value *comment)
{
    const char *wrong = value_check_lines(comment->value, COMMENT_MAXIMUM);
    bool added = true;

    if (*comment->value == '\0')
        added = problems_add(comment->problems, SINGLE_RANK_VALUE, HINT_REQUIRED, comment->path,
                             "A value is required.");
    else if (wrong != NULL)
        added =
            problems_add(comment->problems, SINGLE_RANK_VALUE, HINT_INVALID, comment->path, wrong);
    return added || refuse_for_memory(&request->refusal);
}

void comment(struct request *request, struct reply *reply)
{
    struct step find;
    struct step add = {.query = &query_add_comment};
    struct single_value *value;
    struct reference account;

    request_expect_xml(request);
    if (!target_step(request, &find, &query_find, &query_find_by_extid) ||
        !access_read(request, &find, 1))
        return;
    value = single_value_read(request, "customer-update", "comment");
    if (value == NULL || !target_exists(request, find.result) || !check_comment(request, value))
        return;
    if (problems_count(value->problems) > 0) {
        refuse_validation(&request->refusal, 400, value->problems);
        return;
    }
    account = reply_reference_of(find.result);
    add.values[1] = account.identifier;
    add.values[2] = value->value;
    if (!access_write(request, &add, 1))
        return;
    if (!target_exists(request, add.result)) {
        access_rollback(request);
        return;
    }
    account = reply_reference_of(add.result);
    if (access_commit(request))
        reply_reference(request, reply, 201, NULL, &account);
}
