/*
 * Retry-safe POST: a request with an Idempotency-Key leaves its reply in the transaction of its
 * write, and a repeat by the same client within 24 hours gets that reply again.
 *
 * What is kept of the request is an HMAC-SHA-256 of its method, path and body, keyed from the
 * secret that was presented, so that nobody who holds a dump can test passwords against it.
 */
#ifndef LEAP_RETRY_H
#define LEAP_RETRY_H

#include "cgi/reply.h"
#include "cgi/request.h"

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>

enum { RETRY_DIGEST_BYTES = 2 + 2 * 32 + 1 };

struct retry {
    const char *key;                 /* NULL: the request has none */
    char digest[RETRY_DIGEST_BYTES]; /* of the request, as PostgreSQL's bytea input */
};

/* Reads the header; a malformed one is recorded as a refusal. False: refused, for memory. */
bool retry_read(struct request *request, struct retry *retry);

/* Computes the digest of a request with a key, whose body was read. False: refused, for memory. */
bool retry_digest(struct request *request, struct retry *retry);

/*
 * Whether a repeat may have the reply that was kept: a row with the columns request_digest and
 * secret_digest. Then the reply says that it is replayed. Another request under the same key is
 * refused (422); one under the client's other live secret cannot be compared and is taken for the
 * same.
 */
bool retry_accepts(struct request *request, struct reply *reply, const struct retry *retry,
                   const PGresult *kept);

/* Refuses (409) a repeat of a request whose transaction has not ended. */
void retry_refuse_in_progress(struct request *request);

#endif
