/*
 * Changes an account: what the request leaves out stays as it is, what is there but empty is
 * cleared.
 */
#include "cgi/access.h"
#include "cgi/account.h"
#include "cgi/operations.h"
#include "cgi/target.h"
#include "queries.h"

#include <string.h>

static const char taken[] = "Another account of this community has the e-mail address.";

/* A move to a community where another account has the e-mail address is told at the community.
 * Always refuses. */
static void refuse_conflict(struct request *request, struct account *account)
{
    const struct account_community *moved =
        account->community_count > 0 ? &account->communities[0] : NULL;

    if (account_community_problem(account, moved, HINT_DUPLICATE, taken))
        refuse_validation(&request->refusal, 409, account->problems);
    else
        refuse_for_memory(&request->refusal);
}

/* All of a refused update's problems, also the one that only the database knows. Always refuses. */
static void refuse_update(struct request *request, struct account *account, const PGresult *current)
{
    struct step step = {.query = &query_conflicts,
                        .values = {NULL, PQgetvalue(current, 0, PQfnumber(current, "identifier")),
                                   PQgetvalue(current, 0, PQfnumber(current, "email")),
                                   account_communities(request, account), NULL}};

    if (step.values[3] == NULL) {
        refuse_for_memory(&request->refusal);
        return;
    }
    if (!access_read(request, &step, 1))
        return;
    if (strcmp(PQgetvalue(step.result, 0, 0), "t") == 0)
        refuse_conflict(request, account);
    else
        refuse_validation(&request->refusal, 409, account->problems);
}

void update(struct request *request, struct reply *reply)
{
    struct step steps[] = {{.query = NULL}, {.query = &query_definitions}};
    struct account_context context;
    struct account *account;
    struct reference written;

    request_expect_xml(request);
    if (!target_step(request, &steps[0], &query_show, &query_show_by_extid) ||
        !access_read(request, steps, 2))
        return;
    account = account_read(request);
    if (account == NULL || !target_is_active(request, steps[0].result) ||
        !target_matches(request, steps[0].result))
        return;
    context = (struct account_context){.definitions = steps[1].result, .current = steps[0].result};
    if (!account_check(request, account, &context))
        return;
    if (problems_count(account->problems) > 0) {
        refuse_update(request, account, context.current);
        return;
    }
    switch (target_change(request, context.current, account_json(request, account), "update",
                          &written)) {
    case TARGET_CHANGED:
        reply_reference(request, reply, 201, "Updated", &written);
        break;
    case TARGET_CONFLICT:
        refuse_conflict(request, account);
        break;
    default:
        break;
    }
}
