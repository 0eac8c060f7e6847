/*
 * Leaves a comment on an account, for operators; on an inactive one too.
 */
#include "cgi/access.h"
#include "cgi/operations.h"
#include "cgi/retry.h"
#include "cgi/single_value.h"
#include "cgi/target.h"
#include "common/value.h"
#include "queries.h"

#include <string.h>

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

/* Writes the comment and commits, or finds that a first request with the same key did. Replies or
 * refuses. */
static void write_comment(struct request *request, struct reply *reply, const char *identifier,
                          const char *text, const struct retry *retry)
{
    struct step step = {.query = &query_add_comment,
                        .values = {NULL, identifier, text, retry->key, request->credentials->digest,
                                   retry->digest}};
    struct reference account;
    const char *outcome;

    if (!access_write(request, &step, 1))
        return;
    if (!target_exists(request, step.result)) {
        access_rollback(request);
        return;
    }
    outcome = PQgetvalue(step.result, 0, PQfnumber(step.result, "outcome"));
    account = reply_reference_of(step.result);
    if (strcmp(outcome, "added") == 0) {
        if (access_commit(request))
            reply_reference(request, reply, 201, NULL, &account);
        return;
    }
    access_rollback(request);
    if (strcmp(outcome, "in-progress") == 0)
        retry_refuse_in_progress(request);
    else if (retry_accepts(request, reply, retry, step.result))
        reply_reference(request, reply, 201, NULL, &account);
}

void comment(struct request *request, struct reply *reply)
{
    struct step steps[] = {{.query = NULL}, {.query = &query_retry}};
    struct single_value *value;
    struct reference account;
    struct retry retry;

    request_expect_xml(request);
    if (!target_step(request, &steps[0], &query_find, &query_find_by_extid) ||
        !retry_read(request, &retry))
        return;
    steps[1].values[1] = retry.key;
    if (!access_read(request, steps, retry.key != NULL ? 2 : 1))
        return;
    value = single_value_read(request, "customer-update", "comment");
    if (value == NULL || !target_exists(request, steps[0].result) || !retry_digest(request, &retry))
        return;
    if (retry.key != NULL && PQntuples(steps[1].result) > 0) {
        account = reply_reference_of(steps[1].result);
        if (retry_accepts(request, reply, &retry, steps[1].result))
            reply_reference(request, reply, 201, NULL, &account);
        return;
    }
    if (!check_comment(request, value))
        return;
    if (problems_count(value->problems) > 0) {
        refuse_validation(&request->refusal, 400, value->problems);
        return;
    }
    account = reply_reference_of(steps[0].result);
    write_comment(request, reply, account.identifier, value->value, &retry);
}
