#include "cgi/access.h"

#include "cgi/known_client.h"
#include "cgi/route.h"
#include "queries.h"

#include <string.h>

/* SQLSTATE of the trigger that holds the account limit. */
static const char account_limit_reached[] = "LEA01";

/* A host name may move to another company between two tries; more often than that is an error. */
enum { HOST_TRIES = 3 };

enum mode { MODE_READ, MODE_WRITE };

/* What became of a read that rests on what is known of the client. */
enum known { KNOWN_HOLDS, KNOWN_STALE, KNOWN_REFUSED };

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
        return refuse_unknown_outcome(&request->refusal);
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

/* The result of the step that reads the labels of additional fields; NULL: none does. */
static const PGresult *labels_of(const struct step *steps, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (steps[i].query == &query_field_labels)
            return steps[i].result;
    return NULL;
}

/*
 * Sends `enter_again` and the steps behind it, but for labels that are known. KNOWN_HOLDS: every
 * step has its result. KNOWN_STALE: nothing was seen, `enter` is to say why.
 */
static enum known read_as_known(struct request *request, const struct known_client *known,
                                struct step *steps, unsigned count)
{
    bool labels_known = known->labels != NULL;
    struct step *all = talloc_zero_array(request, struct step, count + 1);
    enum database_status status;
    unsigned sent = 1;

    if (all == NULL) {
        refuse_for_memory(&request->refusal);
        return KNOWN_REFUSED;
    }
    authentication_enter_again(&all[0], &query_enter_again, known->company_id, known->epoch,
                               request->credentials);
    for (unsigned i = 0; i < count; i++) {
        if (labels_known && steps[i].query == &query_field_labels)
            continue;
        all[sent] = steps[i];
        all[sent++].values[0] = known->company_id;
    }
    status = database_read(request->worker->database, request, all, sent, request->deadline);
    if (status != DATABASE_DONE) {
        refuse_database(request, status);
        return KNOWN_REFUSED;
    }
    if (PQntuples(all[0].result) == 0)
        return KNOWN_STALE;
    sent = 1;
    for (unsigned i = 0; i < count; i++)
        steps[i].result = labels_known && steps[i].query == &query_field_labels
                              ? known->labels
                              : all[sent++].result;
    known_client_add_labels(request, labels_of(steps, count));
    request->caller =
        authentication_caller_again(request, all[0].result, known->company, request->credentials);
    if (request->caller == NULL) {
        refuse_for_memory(&request->refusal);
        return KNOWN_REFUSED;
    }
    return KNOWN_HOLDS;
}

bool access_read(struct request *request, struct step *steps, unsigned count)
{
    const struct known_client *known = known_client_find(request);
    enum known state = KNOWN_STALE;

    if (request->refusal.refused)
        count = 0;
    if (known != NULL)
        state = read_as_known(request, known, steps, count);
    if (state == KNOWN_HOLDS)
        return check_caller(request);
    if (state == KNOWN_REFUSED)
        return false;
    if (!run_for_host(request, MODE_READ, steps, count))
        return false;
    if (request->caller->status == CALLER_AUTHENTICATED)
        known_client_remember(request, worker_company_id(request->worker, request->host),
                              labels_of(steps, count));
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

    request->refusal.perhaps_written = status == DATABASE_DONE || status == DATABASE_UNKNOWN;
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
