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
 * `retry_key` is a key that is made from the secret as well, but cannot be made from its digest;
 * all zero where it was not asked for, and wiped when this is freed.
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

/* What `enter` or `enter_again` found. Strings belong to the context given to
 * authentication_caller. */
struct caller {
    enum caller_status status;
    const char *company;
    const char *client;
    enum permission permission;
    const char *epoch; /* what was found holds as long as this; NULL: not authenticated */
};

/*
 * Reads an Authorization header. Anything but a well-formed Basic header with a client's name gives
 * credentials that no client has, so that it is refused like a wrong secret; NULL: out of memory.
 * The decoded secret is wiped; only its digest is kept and, if asked for, the retry key.
 */
struct credentials *authentication_read(TALLOC_CTX *ctx, const char *header, bool with_retry_key);

/* The values of the statement `enter`: company_id (as text), host name, client, digest. */
void authentication_enter(struct step *step, const struct query *enter, const char *company_id,
                          const char *host, const struct credentials *credentials);

/* The values of the statement `enter_again`: company_id (as text), client, digest, epoch. */
void authentication_enter_again(struct step *step, const struct query *enter_again,
                                const char *company_id, const char *epoch,
                                const struct credentials *credentials);

/* Reads the one row of `enter`. NULL: out of memory. */
struct caller *authentication_caller(TALLOC_CTX *ctx, const PGresult *result);

/* Reads the one row of `enter_again`, for a client of a company that are known. NULL: out of
 * memory. */
struct caller *authentication_caller_again(TALLOC_CTX *ctx, const PGresult *result,
                                           const char *company,
                                           const struct credentials *credentials);

#endif
