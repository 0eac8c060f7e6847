#include "cgi/known_client.h"

#include "cgi/worker.h"

/* Beyond that many, which is more than one worker meets in a while, it begins anew. */
enum { KNOWN_CLIENTS_MAXIMUM = 1000 };

static int free_labels(struct known_client *known)
{
    PQclear(known->labels);
    return 0;
}

static struct known_client *find(const struct request *request)
{
    return xmlHashLookup2(request->worker->known_clients, (const xmlChar *)request->host,
                          (const xmlChar *)request->credentials->client);
}

const struct known_client *known_client_find(const struct request *request)
{
    return find(request);
}

static PGresult *copy(const PGresult *labels)
{
    return labels != NULL ? PQcopyResult(labels, PG_COPYRES_ATTRS | PG_COPYRES_TUPLES) : NULL;
}

static bool has_room(struct worker *worker)
{
    xmlHashTablePtr empty;

    if (xmlHashSize(worker->known_clients) < KNOWN_CLIENTS_MAXIMUM)
        return true;
    empty = xmlHashCreate(0);
    if (empty == NULL)
        return false;
    xmlHashFree(worker->known_clients, known_client_free);
    worker->known_clients = empty;
    return true;
}

void known_client_remember(const struct request *request, const char *company_id,
                           const PGresult *labels)
{
    struct worker *worker = request->worker;
    struct known_client *known = has_room(worker) ? talloc_zero(worker, struct known_client) : NULL;

    if (known == NULL)
        return;
    talloc_set_destructor(known, free_labels);
    known->company_id = talloc_strdup(known, company_id);
    known->company = talloc_strdup(known, request->caller->company);
    known->epoch = talloc_strdup(known, request->caller->epoch);
    known->labels = copy(labels);
    if (known->company_id == NULL || known->company == NULL || known->epoch == NULL ||
        xmlHashUpdateEntry2(worker->known_clients, (const xmlChar *)request->host,
                            (const xmlChar *)request->credentials->client, known,
                            known_client_free) != 0)
        talloc_free(known);
}

void known_client_add_labels(const struct request *request, const PGresult *labels)
{
    struct known_client *known = find(request);

    if (known != NULL && known->labels == NULL)
        known->labels = copy(labels);
}

void known_client_free(void *known, const xmlChar *host)
{
    (void)host;
    talloc_free(known);
}
