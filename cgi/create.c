/*
 * Creates an account. While its password is hashed, which takes long, no transaction is open.
 */
#include "cgi/access.h"
#include "cgi/account.h"
#include "cgi/operations.h"
#include "cgi/retry.h"
#include "common/clock.h"
#include "common/password.h"
#include "queries.h"

#include <string.h>

/* The web server gives a create up after 30 seconds. What has queued for most of them is not begun:
 * its client would never see the answer, and those behind it would come too late as well. */
enum { QUEUE_PATIENCE = 20 * 1000 * 1000 };

/* What a long hash leaves the database at least, which is not to blame for it. */
enum { WRITE_PATIENCE = 1000 * 1000 };

static bool is_true(const PGresult *result, const char *column)
{
    return strcmp(PQgetvalue(result, 0, PQfnumber(result, column)), "t") == 0;
}

/* Adds what only the database knows: whether the e-mail address and the external identifier are
 * free. */
static bool add_conflicts(struct request *request, struct account *account, const PGresult *result)
{
    static const char taken[] = "Another account has this already.";

    if (is_true(result, "email_taken") &&
        !account_problem(request, account, "email", HINT_DUPLICATE, taken))
        return false;
    return !is_true(result, "extid_taken") ||
           account_problem(request, account, "extid", HINT_DUPLICATE, taken);
}

/* All of a refused account's problems, also those that only the database knows. Always refuses. */
static void refuse_account(struct request *request, struct account *account)
{
    struct step step = {.query = &query_conflicts,
                        .values = {NULL, NULL, account_value(account, "email"),
                                   account_communities(request, account),
                                   account_value(account, "extid")}};

    if (step.values[3] == NULL) {
        refuse_for_memory(&request->refusal);
        return;
    }
    if (access_read(request, &step, 1) && add_conflicts(request, account, step.result))
        refuse_validation(&request->refusal, 400, account->problems);
}

/* Writes the account and commits, or finds that a first request with the same key did. Replies or
 * refuses. */
static void write_account(struct request *request, struct reply *reply, struct account *account,
                          const char *hash, const struct retry *retry)
{
    struct step step = {.query = &query_create,
                        .values = {NULL, account_json(request, account), hash, retry->key,
                                   request->credentials->digest, retry->digest}};
    struct reference written;
    const char *outcome;

    if (step.values[1] == NULL) {
        refuse_for_memory(&request->refusal);
        return;
    }
    if (!access_write(request, &step, 1))
        return;
    outcome = PQgetvalue(step.result, 0, PQfnumber(step.result, "outcome"));
    written = reply_reference_of(step.result);
    if (strcmp(outcome, "created") == 0) {
        if (access_commit(request))
            reply_created(request, reply, &written);
        return;
    }
    access_rollback(request);
    if (strcmp(outcome, "in-progress") == 0) {
        retry_refuse_in_progress(request);
    } else if (strcmp(outcome, "replay") == 0) {
        if (retry_accepts(request, reply, retry, step.result))
            reply_created(request, reply, &written);
    } else if (add_conflicts(request, account, step.result)) {
        refuse_validation(&request->refusal, 400, account->problems);
    }
}

/* Checks the account, hashes its password and writes it. Replies or refuses. */
static void create_account(struct request *request, struct reply *reply, struct account *account,
                           const struct account_context *context, const struct retry *retry)
{
    char *hash;

    if (!account_check(request, account, context))
        return;
    if (problems_count(account->problems) > 0) {
        refuse_account(request, account);
        return;
    }
    if (request->queued > QUEUE_PATIENCE) {
        refuse(&request->refusal, ERROR_UNAVAILABLE,
               "Too many accounts are being created at once. Nothing was changed; try again.");
        return;
    }
    hash =
        password_hash(request, account_value(account, "password"), &request->worker->password_cost);
    if (hash == NULL) {
        refuse_for_memory(&request->refusal);
        return;
    }
    if (request->deadline < clock_now() + WRITE_PATIENCE)
        request->deadline = clock_now() + WRITE_PATIENCE;
    write_account(request, reply, account, hash, retry);
}

void create(struct request *request, struct reply *reply)
{
    struct step steps[] = {{.query = &query_definitions}, {.query = &query_retry}};
    struct account_context context = {.current = NULL};
    struct reference kept;
    struct account *account;
    struct retry retry;

    request_expect_xml(request);
    if (!retry_read(request, &retry))
        return;
    steps[1].values[1] = retry.key;
    if (!access_read(request, steps, retry.key != NULL ? 2 : 1))
        return;
    account = account_read(request);
    if (account == NULL || !retry_digest(request, &retry))
        return;
    if (retry.key != NULL && PQntuples(steps[1].result) > 0) {
        kept = reply_reference_of(steps[1].result);
        if (retry_accepts(request, reply, &retry, steps[1].result))
            reply_created(request, reply, &kept);
        return;
    }
    context.definitions = steps[0].result;
    create_account(request, reply, account, &context, &retry);
}
