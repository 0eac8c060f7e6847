#include "cgi/worker.h"

#include "cgi/known_client.h"
#include "queries.h"

/* The schema's version that this program was written for. */
enum { SCHEMA_VERSION = 2 };

static void free_company_id(void *company_id, const xmlChar *host)
{
    (void)host;
    talloc_free(company_id);
}

static int worker_destructor(struct worker *worker)
{
    xmlHashFree(worker->company_ids, free_company_id);
    xmlHashFree(worker->known_clients, known_client_free);
    return 0;
}

struct worker *worker_new(TALLOC_CTX *ctx, const struct configuration *configuration)
{
    const struct database_options options = {
        .begin_read = &query_begin_read,
        .begin_write = &query_begin_write,
        .commit = &query_commit,
        .rollback = &query_rollback,
        .schema_version = &query_schema_version,
        .version = SCHEMA_VERSION,
        .query_count = QUERY_COUNT,
        .prepared = configuration->prepared,
    };
    struct worker *worker = talloc_zero(ctx, struct worker);

    if (worker == NULL)
        return NULL;
    worker->password_cost = configuration->password_cost;
    worker->database = database_new(worker, &options);
    worker->company_ids = xmlHashCreate(0);
    worker->known_clients = xmlHashCreate(0);
    talloc_set_destructor(worker, worker_destructor);
    if (worker->database == NULL || worker->company_ids == NULL || worker->known_clients == NULL) {
        talloc_free(worker);
        return NULL;
    }
    return worker;
}

const char *worker_company_id(const struct worker *worker, const char *host)
{
    return xmlHashLookup(worker->company_ids, (const xmlChar *)host);
}

bool worker_remember(struct worker *worker, const char *host, const char *company_id)
{
    char *copy = talloc_strdup(worker, company_id);

    if (copy == NULL || xmlHashAddEntry(worker->company_ids, (const xmlChar *)host, copy) != 0) {
        talloc_free(copy);
        return false;
    }
    /* libxml2 keeps an entry, which nobody can find, also where it could not copy the name. */
    return worker_company_id(worker, host) != NULL;
}

void worker_forget(struct worker *worker, const char *host)
{
    xmlHashRemoveEntry(worker->company_ids, (const xmlChar *)host, free_company_id);
}
