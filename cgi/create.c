/*
 * Creates an account. While its password is hashed, which takes long, no transaction is open.
 */
#include "cgi/access.h"
#include "cgi/account.h"
#include "cgi/operations.h"
#include "common/password.h"
#include "queries.h"

#include <string.h>

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

/* Writes and commits the account. Its identifier and so on are in the result; NULL: refused. */
static const PGresult *write_account(struct request *request, struct account *account,
                                     const char *hash)
{
    struct step step = {.query = &query_create,
                        .values = {NULL, account_json(request, account), hash}};

    if (step.values[1] == NULL) {
        refuse_for_memory(&request->refusal);
        return NULL;
    }
    if (!access_write(request, &step, 1))
        return NULL;
    if (strcmp(PQgetvalue(step.result, 0, PQfnumber(step.result, "outcome")), "created") != 0) {
        access_rollback(request);
        if (add_conflicts(request, account, step.result))
            refuse_validation(&request->refusal, 400, account->problems);
        return NULL;
    }
    return access_commit(request) ? step.result : NULL;
}

static void reply_created(struct request *request, struct reply *reply, const PGresult *result)
{
    struct reference reference = reply_reference_of(result);
    const char *url = reply_account_url(request, reference.identifier);

    if (url == NULL || !reply_header(reply, "Location", url)) {
        refuse_for_memory(&request->refusal);
        return;
    }
    reply_reference(request, reply, 201, NULL, &reference);
}

void create(struct request *request, struct reply *reply)
{
    struct step definitions = {.query = &query_definitions};
    struct account_context context = {.current = NULL};
    const PGresult *created;
    struct account *account;
    char *hash;

    request_expect_xml(request);
    if (!access_read(request, &definitions, 1))
        return;
    context.definitions = definitions.result;
    account = account_read(request);
    if (account == NULL || !account_check(request, account, &context))
        return;
    if (problems_count(account->problems) > 0) {
        refuse_account(request, account);
        return;
    }
    hash =
        password_hash(request, account_value(account, "password"), &request->worker->password_cost);
    if (hash == NULL) {
        refuse_for_memory(&request->refusal);
        return;
    }
    created = write_account(request, account, hash);
    if (created != NULL)
        reply_created(request, reply, created);
}
