/*
 * One session with PostgreSQL through libpq: statements are sent as one pipeline, so that they cost
 * one round trip. Connecting, sending and receiving are non-blocking and end at the deadline, a
 * time of clock_now().
 */
#ifndef LEAP_SESSION_H
#define LEAP_SESSION_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <talloc.h>

/* A statement that is prepared once a session. `number` counts from 0 among all of the program's.
 */
struct query {
    const char *name;
    const char *text;
    int parameters;
    unsigned number;
};

enum { STEP_VALUES = 8 };

/* One statement of a transaction. Values are text, NULL is SQL's null; they are the caller's and
 * outlive the call. `result` belongs to the context given to the call and is freed with it. */
struct step {
    const struct query *query;
    const char *values[STEP_VALUES];
    const PGresult *result;
};

/* What became of a round trip. */
enum outcome {
    OUTCOME_DONE,
    OUTCOME_ERROR,   /* the server refused a statement: see session_sqlstate */
    OUTCOME_LOST,    /* the connection failed, and is closed */
    OUTCOME_TIMEOUT, /* the deadline passed, and the connection is closed */
};

struct session;

/* Makes a session without a connection. `keeps_statements`: each query is prepared once a
 * connection, by its number below `query_count`. NULL: out of memory. Freeing it (talloc_free)
 * closes the connection. */
struct session *session_new(TALLOC_CTX *ctx, bool keeps_statements, unsigned query_count);

/* Connects anew, to what libpq's environment (PGHOST, PGSERVICE and so on) names. OUTCOME_DONE,
 * _LOST or _TIMEOUT. */
enum outcome session_open(struct session *session, int64_t deadline);

/* Closes the connection, if there is one; the server then rolls back what is open. */
void session_close(struct session *session);

/* Whether there is a connection, be it lost. */
bool session_is_open(const struct session *session);

/*
 * Whether there is a connection that can be used. Without this look a loss would show only after a
 * request was sent, when for a write it could no longer be told from a lost answer.
 */
bool session_is_alive(struct session *session);

/* Whether no transaction is open; also where there is no connection. */
bool session_is_idle(const struct session *session);

/* Sends the steps as one pipeline and receives their results, which belong to `ctx`. OUTCOME_DONE:
 * every step has its result. */
enum outcome session_run(struct session *session, TALLOC_CTX *ctx, struct step *const *steps,
                         unsigned count, int64_t deadline);

/* The SQLSTATE of the last run's first error, five characters; empty where there was none. */
const char *session_sqlstate(const struct session *session);

/* Whether the server has sent a warning since the last call. */
bool session_take_warning(struct session *session);

/* Microseconds spent waiting for the server since the last call. */
int64_t session_take_elapsed(struct session *session);

#endif
