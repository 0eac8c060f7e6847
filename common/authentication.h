/*
 * Who sends a request, and for which company: HTTP Basic authentication (RFC 7617) by an API
 * client, proven by one statement, `enter`, in the same transaction as the work. It also sets the
 * tenant, under which row level security lets the transaction see and write one company's rows
 * only.
 */
#ifndef LEAP_AUTHENTICATION_H
#define LEAP_AUTHENTICATION_H

#include "common/database.h"

#include <stdbool.h>
#include <talloc.h>

/* What a client may do; each includes the ones before it. */
enum permission {
    PERMISSION_NONE,
    PERMISSION_READ,
    PERMISSION_ACKNOWLEDGE,
    PERMISSION_WRITE,
};

enum { CREDENTIALS_KEY_BYTES = 32 };

/*
 * What a request claims to be. `digest` is the secret's SHA-256 as PostgreSQL's bytea input.
 * `retry_key` is a key that is made from the secret as well, but cannot be made from its digest; it
 * is wiped when this is freed.
 */
struct credentials {
    const char *client;
    char digest[2 + 2 * 32 + 1];
    unsigned char retry_key[CREDENTIALS_KEY_BYTES];
};

enum caller_status {
    CALLER_AUTHENTICATED,
    CALLER_UNKNOWN_HOST, /* no company is served at this host name (any more) */
    CALLER_REFUSED,      /* no live client of that name and secret */
    CALLER_SUSPENDED,    /* the company is suspended; the client is who it says */
};

/* What `enter` found. Strings belong to the context given to authentication_caller. */
struct caller {
    enum caller_status status;
    const char *company;
    const char *client;
    enum permission permission;
};

/*
 * Reads an Authorization header. Anything but a well-formed Basic header with a client's name gives
 * credentials that no client has, so that it is refused like a wrong secret; NULL: out of memory.
 * The decoded secret is wiped, and only its digest is kept.
 */
struct credentials *authentication_read(TALLOC_CTX *ctx, const char *header);

/* The values of the statement `enter`: company_id (as text), host name, client, digest. */
void authentication_enter(struct step *step, const struct query *enter, const char *company_id,
                          const char *host, const struct credentials *credentials);

/* Reads the one row of `enter`. NULL: out of memory. */
struct caller *authentication_caller(TALLOC_CTX *ctx, const PGresult *result);

#endif
