/*
 * What a worker process keeps from request to request: its database session, which company a host
 * name stood for when it was last asked, and what it knows of clients (each request proves both
 * again).
 */
#ifndef LEAP_WORKER_H
#define LEAP_WORKER_H

#include "cgi/configuration.h"
#include "common/database.h"
#include "common/password.h"

#include <libxml/hash.h>
#include <stdbool.h>
#include <talloc.h>

struct worker {
    struct database *database;
    struct password_cost password_cost;
    xmlHashTablePtr company_ids;   /* by host name, as text */
    xmlHashTablePtr known_clients; /* by host name and client: struct known_client */
};

/* Makes a worker, whose database session connects when it is first used. NULL: out of memory. */
struct worker *worker_new(TALLOC_CTX *ctx, const struct configuration *configuration);

/* The company_id that a host name stood for; NULL where it is not known. Owned by the worker, until
 * it is forgotten. */
const char *worker_company_id(const struct worker *worker, const char *host);

/* Remembers a host name that is not known yet. False: out of memory. */
bool worker_remember(struct worker *worker, const char *host, const char *company_id);

/* Forgets a host name. */
void worker_forget(struct worker *worker, const char *host);

#endif
