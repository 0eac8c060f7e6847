/*
 * What a worker remembers of an API client from one read to the next, so that proving it fresh
 * takes one look at the client's row: nothing here decides anything before the database has
 * confirmed the epoch that it belongs to.
 */
#ifndef LEAP_KNOWN_CLIENT_H
#define LEAP_KNOWN_CLIENT_H

#include "cgi/request.h"

#include <libpq-fe.h>

struct known_client {
    const char *company_id;
    const char *company;
    const char *epoch;
    PGresult *labels; /* of the query `field_labels`; NULL: never asked for */
};

/* What is remembered of the client that the request claims to be of, at its host name; NULL:
 * nothing. Owned by the worker. */
const struct known_client *known_client_find(const struct request *request);

/*
 * Remembers what `enter` found of the request's authenticated caller, and the field labels that
 * were read after it (NULL: none were). They are copied. Where there is no memory it is not
 * remembered, which does no harm.
 */
void known_client_remember(const struct request *request, const char *company_id,
                           const PGresult *labels);

/* Adds the field labels, where they were never asked for. */
void known_client_add_labels(const struct request *request, const PGresult *labels);

/* Frees one; for the table's xmlHashFree. */
void known_client_free(void *known, const xmlChar *host);

#endif
