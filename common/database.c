#include "common/database.h"

#include "common/clock.h"
#include "common/log.h"

#include <stdlib.h>
#include <string.h>

/* How often a write that lost a race (deadlock, serialization, unique key) is tried in all. */
enum { WRITE_TRIES = 4 };

struct database {
    struct database_options options;
    struct session *session;
    bool silent;      /* the last answer did not come in time */
    char sqlstate[6]; /* of the last transaction's error, whatever its rollback gave */
};

struct database *database_new(TALLOC_CTX *ctx, const struct database_options *options)
{
    struct database *database = talloc_zero(ctx, struct database);

    if (database == NULL)
        return NULL;
    database->options = *options;
    database->session = session_new(database, options->prepared, options->query_count);
    if (database->session == NULL) {
        talloc_free(database);
        return NULL;
    }
    return database;
}

const char *database_sqlstate(const struct database *database)
{
    return database->sqlstate;
}

bool database_is_silent(const struct database *database)
{
    return database->silent;
}

int64_t database_take_elapsed(struct database *database)
{
    return session_take_elapsed(database->session);
}

/* Remembers what the last round trip tells of the server. */
static void remember(struct database *database, enum outcome outcome)
{
    memcpy(database->sqlstate, session_sqlstate(database->session), sizeof database->sqlstate);
    if (outcome != OUTCOME_LOST)
        database->silent = outcome == OUTCOME_TIMEOUT;
}

/* Runs a statement that opens, ends or looks at nothing of anybody's. */
static enum outcome run_one(struct database *database, TALLOC_CTX *ctx, struct step *step,
                            int64_t deadline)
{
    struct step *steps[] = {step};

    return session_run(database->session, ctx, steps, 1, deadline);
}

static enum outcome check_schema(struct database *database, TALLOC_CTX *ctx, int64_t deadline)
{
    struct step step = {.query = database->options.schema_version};
    enum outcome outcome = run_one(database, ctx, &step, deadline);
    int version = 0;

    if (outcome == OUTCOME_DONE && PQntuples(step.result) == 1)
        version = atoi(PQgetvalue(step.result, 0, 0));
    if (outcome == OUTCOME_LOST || outcome == OUTCOME_TIMEOUT)
        return outcome;
    if (version == database->options.version || version == database->options.version + 1)
        return OUTCOME_DONE;
    log_event("the schema's version is %d, this program needs %d or %d: upgrade the older of them",
              version, database->options.version, database->options.version + 1);
    session_close(database->session);
    return OUTCOME_LOST;
}

/* Runs the steps on a connection, made anew where there is none. A write looks before whether it is
 * alive; a read that finds it lost is repeated anyway. */
static enum outcome run_connected(struct database *database, TALLOC_CTX *ctx,
                                  struct step *const *steps, unsigned count, int64_t deadline)
{
    bool reads = steps[0]->query == database->options.begin_read;

    if (!(reads ? session_is_open(database->session) : session_is_alive(database->session)) ||
        !session_is_idle(database->session)) {
        enum outcome outcome = session_open(database->session, deadline);

        if (outcome == OUTCOME_DONE)
            outcome = check_schema(database, ctx, deadline);
        if (outcome != OUTCOME_DONE)
            return outcome;
    }
    return session_run(database->session, ctx, steps, count, deadline);
}

static bool sqlstate_is_any(const struct database *database, const char *const *states)
{
    for (; *states != NULL; states++)
        if (strncmp(database->sqlstate, *states, strlen(*states)) == 0)
            return true;
    return false;
}

/* The statement was prepared under a name or a shape that no longer holds: a fresh session knows
 * better. */
static bool is_stale(const struct database *database)
{
    static const char *const states[] = {"26000", "0A000", "42P05", NULL};

    return sqlstate_is_any(database, states);
}

static bool lost_a_race(const struct database *database)
{
    static const char *const states[] = {"40001", "40P01", "23505", NULL};

    return sqlstate_is_any(database, states);
}

/* Errors that say "not now", whatever was asked: resources, operator intervention, locks, a standby
 * (which refuses to begin a transaction that writes as a feature that is not supported). */
static bool is_unavailable(const struct database *database)
{
    static const char *const states[] = {"08",    "53",    "57", "58", "55P03", "25006",
                                         "0A000", "25P03", "40", "XX", NULL};

    return sqlstate_is_any(database, states);
}

void database_rollback(struct database *database, int64_t deadline)
{
    struct step rollback = {.query = database->options.rollback};
    TALLOC_CTX *scratch;

    if (session_is_idle(database->session))
        return;
    scratch = talloc_new(NULL);
    if (scratch == NULL || run_one(database, scratch, &rollback, deadline) != OUTCOME_DONE)
        session_close(database->session);
    talloc_free(scratch);
}

/*
 * Runs one transaction up to its last step, again where that is certain to be harmless: nothing is
 * committed here but reads. A lost connection or stale statements get one more try on a fresh one.
 */
static enum database_status run_transaction(struct database *database, TALLOC_CTX *ctx,
                                            struct step *const *steps, unsigned count,
                                            int64_t deadline)
{
    bool renewed = false;

    for (int tries = 1;; tries++) {
        enum outcome outcome;

        if (clock_now() >= deadline)
            return DATABASE_UNAVAILABLE;
        outcome = run_connected(database, ctx, steps, count, deadline);
        remember(database, outcome);
        if (outcome == OUTCOME_DONE)
            return DATABASE_DONE;
        if (outcome == OUTCOME_TIMEOUT)
            return DATABASE_UNAVAILABLE;
        if (outcome == OUTCOME_ERROR)
            database_rollback(database, deadline);
        if (outcome == OUTCOME_ERROR && lost_a_race(database) && tries < WRITE_TRIES)
            continue;
        if (!renewed && (outcome == OUTCOME_LOST || is_stale(database))) {
            renewed = true;
            session_close(database->session);
            continue;
        }
        if (outcome == OUTCOME_LOST || is_unavailable(database))
            return DATABASE_UNAVAILABLE;
        return DATABASE_REJECTED;
    }
}

/* The steps, with one statement before and one (or none) behind them. */
static struct step **frame(TALLOC_CTX *ctx, struct step *first, struct step *steps, unsigned count,
                           struct step *last)
{
    struct step **framed = talloc_array(ctx, struct step *, count + 2);

    if (framed == NULL)
        return NULL;
    framed[0] = first;
    for (unsigned i = 0; i < count; i++)
        framed[i + 1] = &steps[i];
    framed[count + 1] = last;
    return framed;
}

enum database_status database_read(struct database *database, TALLOC_CTX *ctx, struct step *steps,
                                   unsigned count, int64_t deadline)
{
    struct step begin = {.query = database->options.begin_read};
    struct step commit = {.query = database->options.commit};
    struct step **framed = frame(ctx, &begin, steps, count, &commit);

    if (framed == NULL)
        return DATABASE_UNAVAILABLE;
    return run_transaction(database, ctx, framed, count + 2, deadline);
}

enum database_status database_write(struct database *database, TALLOC_CTX *ctx, struct step *steps,
                                    unsigned count, int64_t deadline)
{
    struct step begin = {.query = database->options.begin_write};
    struct step **framed = frame(ctx, &begin, steps, count, NULL);

    if (framed == NULL)
        return DATABASE_UNAVAILABLE;
    return run_transaction(database, ctx, framed, count + 1, deadline);
}

enum database_status database_commit(struct database *database, int64_t deadline)
{
    struct step commit = {.query = database->options.commit};
    TALLOC_CTX *scratch = talloc_new(NULL);
    enum database_status status;
    enum outcome outcome;

    if (scratch == NULL || !session_is_alive(database->session)) {
        talloc_free(scratch);
        session_close(database->session);
        return DATABASE_UNAVAILABLE;
    }
    session_take_warning(database->session);
    outcome = run_one(database, scratch, &commit, deadline);
    remember(database, outcome);
    if (outcome == OUTCOME_ERROR)
        status = is_unavailable(database) ? DATABASE_UNAVAILABLE : DATABASE_REJECTED;
    else if (outcome != OUTCOME_DONE || session_take_warning(database->session))
        status = DATABASE_UNKNOWN;
    else if (strcmp(PQcmdStatus((PGresult *)(uintptr_t)commit.result), "COMMIT") != 0)
        status =
            DATABASE_UNAVAILABLE; /* PostgreSQL answers a COMMIT it could not do with ROLLBACK */
    else
        status = DATABASE_DONE;
    talloc_free(scratch);
    return status;
}
