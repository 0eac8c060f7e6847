#include "cgi/access.h"

#include "cgi/route.h"
#include "queries.h"

#include <string.h>

/* SQLSTATE of the trigger that holds the account limit. */
static const char account_limit_reached[] = "LEA01";

/* A host name may move to another company between two tries; more often than that is an error. */
enum { HOST_TRIES = 3 };

enum mode { MODE_READ, MODE_WRITE };

static bool refuse_database(struct request *request, enum database_status status)
{
    struct database *database = request->worker->database;

    if (status == DATABASE_REJECTED &&
        strcmp(database_sqlstate(database), account_limit_reached) == 0)
        return refuse_instead(&request->refusal, ERROR_ACCOUNT_LIMIT, "Account limit reached.");
    if (status == DATABASE_REJECTED)
        return refuse_instead(&request->refusal, ERROR_INTERNAL,
                              "The service failed. Nothing was changed.");
    if (status == DATABASE_UNKNOWN)
        return refuse_instead(
            &request->refusal, ERROR_OUTCOME_UNKNOWN,
            "It is not known whether the change was made. Read the account, or repeat "
            "the request with the same Idempotency-Key.");
    return refuse_instead(&request->refusal, ERROR_UNAVAILABLE,
                          "The service is not available. Nothing was changed; try again.");
}

static bool refuse_unknown_host(struct request *request)
{
    return refuse_instead(&request->refusal, ERROR_UNKNOWN_HOST,
                          "No company is served at this host name.");
}

/* Asks the database which company is served at the host name, and remembers the answer. NULL:
 * refused. */
static const char *resolve_host(struct request *request)
{
    struct step step = {.query = &query_resolve, .values = {request->host}};
    struct worker *worker = request->worker;
    enum database_status status;

    status = database_read(worker->database, request, &step, 1, request->deadline);
    if (status != DATABASE_DONE) {
        refuse_database(request, status);
        return NULL;
    }
    if (PQntuples(step.result) == 0) {
        refuse_unknown_host(request);
        return NULL;
    }
    if (!worker_remember(worker, request->host, PQgetvalue(step.result, 0, 0))) {
        refuse_for_memory(&request->refusal);
        return NULL;
    }
    return worker_company_id(worker, request->host);
}

static const char *company_id_of_host(struct request *request)
{
    const char *known = worker_company_id(request->worker, request->host);

    return known != NULL ? known : resolve_host(request);
}

/* Sends `enter` and the steps behind it, and reads who the caller is. False: refused. */
static bool run_as(struct request *request, enum mode mode, const char *company_id,
                   struct step *steps, unsigned count)
{
    struct step *all = talloc_zero_array(request, struct step, count + 1);
    struct database *database = request->worker->database;
    enum database_status status;

    if (all == NULL)
        return refuse_for_memory(&request->refusal);
    authentication_enter(&all[0], &query_enter, company_id, request->host, request->credentials);
    for (unsigned i = 0; i < count; i++) {
        all[i + 1] = steps[i];
        all[i + 1].values[0] = company_id;
    }
    status = mode == MODE_WRITE
                 ? database_write(database, request, all, count + 1, request->deadline)
                 : database_read(database, request, all, count + 1, request->deadline);
    if (status != DATABASE_DONE)
        return refuse_database(request, status);
    for (unsigned i = 0; i < count; i++)
        steps[i].result = all[i + 1].result;
    request->caller = authentication_caller(request, all[0].result);
    if (request->caller == NULL) {
        access_rollback(request);
        return refuse_for_memory(&request->refusal);
    }
    return true;
}

static bool check_caller(struct request *request)
{
    const struct caller *caller = request->caller;

    if (caller->status == CALLER_UNKNOWN_HOST)
        return refuse_unknown_host(request);
    if (caller->status == CALLER_REFUSED)
        return refuse_instead(
            &request->refusal, ERROR_UNAUTHENTICATED,
            "Send the name and secret of an API client by HTTP Basic authentication.");
    if (caller->status == CALLER_SUSPENDED)
        return refuse_instead(&request->refusal, ERROR_NOT_PERMITTED, "The company is suspended.");
    if (request->operation != NULL && caller->permission < request->operation->permission)
        return refuse_instead(&request->refusal, ERROR_NOT_PERMITTED,
                              "This API client has no permission for this operation.");
    return !request->refusal.refused;
}

static bool run_for_host(struct request *request, enum mode mode, struct step *steps,
                         unsigned count)
{
    for (int tries = 0; tries < HOST_TRIES; tries++) {
        const char *company_id = company_id_of_host(request);

        if (company_id == NULL || !run_as(request, mode, company_id, steps, count))
            return false;
        if (request->caller->status != CALLER_UNKNOWN_HOST)
            return true;
        if (mode == MODE_WRITE)
            access_rollback(request);
        worker_forget(request->worker, request->host);
    }
    return true;
}

bool access_read(struct request *request, struct step *steps, unsigned count)
{
    if (!run_for_host(request, MODE_READ, steps, request->refusal.refused ? 0 : count))
        return false;
    return check_caller(request);
}

bool access_write(struct request *request, struct step *steps, unsigned count)
{
    if (!run_for_host(request, MODE_WRITE, steps, count))
        return false;
    if (check_caller(request))
        return true;
    access_rollback(request);
    return false;
}

bool access_commit(struct request *request)
{
    enum database_status status = database_commit(request->worker->database, request->deadline);

    return status == DATABASE_DONE || refuse_database(request, status);
}

void access_rollback(struct request *request)
{
    database_rollback(request->worker->database, request->deadline);
}

bool access_host(struct request *request)
{
    if (!run_for_host(request, MODE_READ, NULL, 0))
        return false;
    if (request->caller->status == CALLER_UNKNOWN_HOST)
        return refuse_unknown_host(request);
    return true;
}

bool access_open(struct request *request, struct step *step)
{
    enum database_status status =
        database_read(request->worker->database, request, step, 1, request->deadline);

    return status == DATABASE_DONE || refuse_database(request, status);
}
