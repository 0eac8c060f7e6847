/*
 * Transactions with PostgreSQL.
 *
 * A transaction is described as data, a list of steps, and is sent as one pipeline, so that it
 * costs one round trip and can be sent again as it stands. Nothing here blocks longer than the
 * deadline that the caller gives: connecting, sending and receiving are all non-blocking.
 *
 * Reads are repeated once on a fresh connection. A write's COMMIT is sent by itself, after all that
 * comes before it has answered, so that it is always known whether the transaction may have
 * happened.
 */
#ifndef LEAP_DATABASE_H
#define LEAP_DATABASE_H

#include "common/session.h"

#include <stdbool.h>
#include <stdint.h>
#include <talloc.h>

enum database_status {
    DATABASE_DONE,
    DATABASE_REJECTED,    /* the server refused a statement: see database_sqlstate */
    DATABASE_UNAVAILABLE, /* nothing was written, and nothing will be */
    DATABASE_UNKNOWN,     /* COMMIT was sent, and its answer did not arrive */
};

/* The statements that open and end transactions, and the one that gives the schema's version. */
struct database_options {
    const struct query *begin_read;
    const struct query *begin_write;
    const struct query *commit;
    const struct query *rollback;
    const struct query *schema_version;
    int version;          /* serves a schema of this version or the next: an upgrade only adds */
    unsigned query_count; /* how many numbers the program's queries use */
    bool prepared;        /* false: unnamed statements, for connection poolers */
};

struct database;

/*
 * Makes a session; it connects when first used, to what libpq's environment (PGHOST, PGSERVICE and
 * so on) names. `options` is copied, the queries that it points to are not. NULL: out of memory.
 * Freeing it (talloc_free) closes the connection.
 */
struct database *database_new(TALLOC_CTX *ctx, const struct database_options *options);

/*
 * Runs the steps in one read-only transaction and one round trip. `deadline` is a time of
 * clock_now(). DATABASE_DONE: every step has its result. Otherwise no result may be used.
 */
enum database_status database_read(struct database *database, TALLOC_CTX *ctx, struct step *steps,
                                   unsigned count, int64_t deadline);

/*
 * Opens a transaction and runs the steps in one round trip. DATABASE_DONE: every step has its
 * result and the transaction is open, to be ended by database_commit or database_rollback.
 * Otherwise it is rolled back. Deadlocks, serialization failures and unique violations (a race that
 * the steps' own checks see on the next try) are tried again while there is time. Never
 * DATABASE_UNKNOWN.
 */
enum database_status database_write(struct database *database, TALLOC_CTX *ctx, struct step *steps,
                                    unsigned count, int64_t deadline);

/* Commits what database_write opened. DATABASE_DONE, _REJECTED, _UNAVAILABLE or _UNKNOWN. */
enum database_status database_commit(struct database *database, int64_t deadline);

/* Takes back what database_write opened; where that fails the connection is closed, which does the
 * same. */
void database_rollback(struct database *database, int64_t deadline);

/* The SQLSTATE of the last DATABASE_REJECTED, five characters; empty where there was none. */
const char *database_sqlstate(const struct database *database);

/* Whether the last answer did not come in time; false again with the next one that does. */
bool database_is_silent(const struct database *database);

/* Microseconds spent waiting for the server since the last call; for the request's line in the log.
 */
int64_t database_take_elapsed(struct database *database);

#endif
