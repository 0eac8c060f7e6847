#include "common/database.h"

#include "common/log.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* How often a write that lost a race (deadlock, serialization, unique key) is tried in all. */
enum { WRITE_TRIES = 4 };

/* What a reply in the pipeline belongs to, in the order of sending. */
enum sent { SENT_PREPARE, SENT_STEP, SENT_SYNC };

enum { SENT_MAX = 64 };

struct database {
    struct database_options options;
    PGconn *connection;
    bool *prepared; /* by the query's number, in this connection */
    bool warned;    /* a warning came since the last COMMIT was sent */
    int64_t elapsed;
    char sqlstate[6];
};

struct pipeline {
    struct {
        enum sent kind;
        struct step *step;
    } sent[SENT_MAX];
    size_t count;
};

/* What became of one pipeline. */
enum outcome { OUTCOME_DONE, OUTCOME_ERROR, OUTCOME_LOST, OUTCOME_TIMEOUT };

int64_t database_clock(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void disconnect(struct database *database)
{
    PQfinish(database->connection);
    database->connection = NULL;
}

static int database_destructor(struct database *database)
{
    disconnect(database);
    return 0;
}

struct database *database_new(TALLOC_CTX *ctx, const struct database_options *options)
{
    struct database *database = talloc_zero(ctx, struct database);

    if (database == NULL)
        return NULL;
    database->options = *options;
    database->prepared = talloc_zero_array(database, bool, options->query_count);
    if (database->prepared == NULL) {
        talloc_free(database);
        return NULL;
    }
    talloc_set_destructor(database, database_destructor);
    return database;
}

const char *database_sqlstate(const struct database *database)
{
    return database->sqlstate;
}

int64_t database_take_elapsed(struct database *database)
{
    int64_t elapsed = database->elapsed;

    database->elapsed = 0;
    return elapsed;
}

/* Waits for the connection's socket; 1: ready, 0: deadline passed, -1: failed. */
static int wait_for_socket(const PGconn *connection, short events, int64_t deadline)
{
    for (;;) {
        int64_t left = deadline - database_clock();
        struct pollfd descriptor = {.fd = PQsocket(connection), .events = events};
        int ready;

        if (left <= 0)
            return 0;
        if (descriptor.fd < 0)
            return -1;
        ready = poll(&descriptor, 1, (int)((left + 999) / 1000));
        if (ready >= 0 || errno != EINTR)
            return ready;
    }
}

/* Remembers that a warning came: one during COMMIT says that the promise of the commit is weaker
 * than asked for (cancelled wait for a synchronous standby). Its text goes nowhere. */
static void receive_notice(void *argument, const PGresult *result)
{
    struct database *database = argument;
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);

    if (severity != NULL && strcmp(severity, "WARNING") == 0)
        database->warned = true;
}

/* Waits until the connection that was begun is there. */
static enum outcome await_connection(struct database *database, int64_t deadline)
{
    PostgresPollingStatusType state = PGRES_POLLING_WRITING;

    while (state != PGRES_POLLING_OK) {
        short events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT;
        int ready;

        if (PQstatus(database->connection) == CONNECTION_BAD || state == PGRES_POLLING_FAILED) {
            log_event("cannot connect to the database: %s", PQerrorMessage(database->connection));
            return OUTCOME_LOST;
        }
        ready = wait_for_socket(database->connection, events, deadline);
        if (ready <= 0) {
            log_event("cannot connect to the database: no answer in time");
            return ready == 0 ? OUTCOME_TIMEOUT : OUTCOME_LOST;
        }
        state = PQconnectPoll(database->connection);
    }
    return OUTCOME_DONE;
}

/* Opens a connection and sets it up; the schema's version is checked by check_schema. */
static enum outcome open_connection(struct database *database, int64_t deadline)
{
    static const char *const keywords[] = {"fallback_application_name", NULL};
    static const char *const values[] = {"leap-customers", NULL};
    enum outcome outcome;

    disconnect(database);
    memset(database->prepared, 0, database->options.query_count * sizeof *database->prepared);
    database->connection = PQconnectStartParams(keywords, values, 0);
    if (database->connection == NULL)
        return OUTCOME_LOST;
    outcome = await_connection(database, deadline);
    if (outcome == OUTCOME_DONE && (PQsetnonblocking(database->connection, 1) != 0 ||
                                    PQenterPipelineMode(database->connection) != 1))
        outcome = OUTCOME_LOST;
    if (outcome != OUTCOME_DONE)
        disconnect(database);
    else
        PQsetNoticeReceiver(database->connection, receive_notice, database);
    return outcome;
}

/*
 * Whether the idle connection can be used. A server that ended it has sent an error or closed the
 * socket, which nobody has read: without this look the loss would show only after the request was
 * sent, when for a write it could no longer be told from a lost answer.
 */
static bool is_alive(struct database *database)
{
    struct pollfd descriptor;

    if (database->connection == NULL)
        return false;
    descriptor = (struct pollfd){.fd = PQsocket(database->connection), .events = POLLIN};
    while (poll(&descriptor, 1, 0) != 0)
        if (PQconsumeInput(database->connection) != 1 ||
            PQstatus(database->connection) != CONNECTION_OK)
            return false;
    return true;
}

static bool note_sent(struct pipeline *pipeline, enum sent kind, struct step *step)
{
    if (pipeline->count == SENT_MAX)
        return false;
    pipeline->sent[pipeline->count].kind = kind;
    pipeline->sent[pipeline->count].step = step;
    pipeline->count++;
    return true;
}

static bool send_step(struct database *database, struct pipeline *pipeline, struct step *step)
{
    const struct query *query = step->query;

    step->result = NULL;
    if (!database->options.prepared)
        return PQsendQueryParams(database->connection, query->text, query->parameters, NULL,
                                 step->values, NULL, NULL, 0) == 1 &&
               note_sent(pipeline, SENT_STEP, step);
    if (!database->prepared[query->number] &&
        (PQsendPrepare(database->connection, query->name, query->text, 0, NULL) != 1 ||
         !note_sent(pipeline, SENT_PREPARE, step)))
        return false;
    return PQsendQueryPrepared(database->connection, query->name, query->parameters, step->values,
                               NULL, NULL, 0) == 1 &&
           note_sent(pipeline, SENT_STEP, step);
}

/* Sends what is buffered, reading meanwhile so that a server that blocks on writing goes on. */
static enum outcome flush(struct database *database, int64_t deadline)
{
    int left;

    while ((left = PQflush(database->connection)) == 1) {
        int ready = wait_for_socket(database->connection, POLLIN | POLLOUT, deadline);

        if (ready <= 0)
            return ready == 0 ? OUTCOME_TIMEOUT : OUTCOME_LOST;
        if (PQconsumeInput(database->connection) != 1)
            return OUTCOME_LOST;
    }
    return left == 0 ? OUTCOME_DONE : OUTCOME_LOST;
}

static enum outcome await_result(struct database *database, int64_t deadline, PGresult **result)
{
    while (PQisBusy(database->connection)) {
        int ready = wait_for_socket(database->connection, POLLIN, deadline);

        if (ready <= 0)
            return ready == 0 ? OUTCOME_TIMEOUT : OUTCOME_LOST;
        if (PQconsumeInput(database->connection) != 1)
            return OUTCOME_LOST;
    }
    *result = PQgetResult(database->connection);
    return OUTCOME_DONE;
}

static int result_destructor(PGresult **holder)
{
    PQclear(*holder);
    return 0;
}

/* Hands a libpq result to a talloc context, so that it is freed with the request. */
static bool adopt(TALLOC_CTX *ctx, PGresult *result)
{
    PGresult **holder = talloc(ctx, PGresult *);

    if (holder == NULL) {
        PQclear(result);
        return false;
    }
    *holder = result;
    talloc_set_destructor(holder, result_destructor);
    return true;
}

/* Keeps the first error's code. One without a code, or one that ends the session, is a lost
 * connection. */
static enum outcome note_error(struct database *database, const PGresult *result,
                               const struct step *step)
{
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);

    if (sqlstate == NULL || severity == NULL || strcmp(severity, "ERROR") != 0)
        return OUTCOME_LOST;
    log_event("the database refused %s: SQLSTATE %s", step->query->name, sqlstate);
    memcpy(database->sqlstate, sqlstate, sizeof database->sqlstate - 1);
    return OUTCOME_ERROR;
}

static enum outcome receive(struct database *database, TALLOC_CTX *ctx,
                            const struct pipeline *pipeline, int64_t deadline)
{
    enum outcome outcome = OUTCOME_DONE;

    for (size_t i = 0; i < pipeline->count; i++) {
        struct step *step = pipeline->sent[i].step;
        PGresult *result = NULL;
        PGresult *end = NULL;
        enum outcome arrival = await_result(database, deadline, &result);
        ExecStatusType status = PQresultStatus(result);

        if (arrival == OUTCOME_DONE && pipeline->sent[i].kind != SENT_SYNC)
            arrival = await_result(database, deadline, &end);
        if (arrival != OUTCOME_DONE || result == NULL || end != NULL) {
            PQclear(result);
            PQclear(end);
            return arrival == OUTCOME_DONE ? OUTCOME_LOST : arrival;
        }
        if (status == PGRES_FATAL_ERROR && outcome == OUTCOME_DONE)
            outcome = note_error(database, result, step);
        if (status == PGRES_COMMAND_OK && pipeline->sent[i].kind == SENT_PREPARE)
            database->prepared[step->query->number] = true;
        if (pipeline->sent[i].kind != SENT_STEP) {
            PQclear(result);
            continue;
        }
        if (!adopt(ctx, result))
            return OUTCOME_LOST;
        step->result = result;
    }
    return outcome;
}

/* Sends the steps with one sync behind them and receives their results; a lost connection is
 * closed. */
static enum outcome run(struct database *database, TALLOC_CTX *ctx, struct step *const *steps,
                        unsigned count, int64_t deadline)
{
    struct pipeline pipeline = {.count = 0};
    enum outcome outcome = OUTCOME_DONE;
    int64_t started = database_clock();

    database->sqlstate[0] = '\0';
    for (unsigned i = 0; i < count && outcome == OUTCOME_DONE; i++)
        if (!send_step(database, &pipeline, steps[i]))
            outcome = OUTCOME_LOST;
    if (outcome == OUTCOME_DONE &&
        (PQpipelineSync(database->connection) != 1 || !note_sent(&pipeline, SENT_SYNC, NULL)))
        outcome = OUTCOME_LOST;
    if (outcome == OUTCOME_DONE)
        outcome = flush(database, deadline);
    if (outcome == OUTCOME_DONE)
        outcome = receive(database, ctx, &pipeline, deadline);
    if (outcome == OUTCOME_LOST || outcome == OUTCOME_TIMEOUT)
        disconnect(database);
    database->elapsed += database_clock() - started;
    return outcome;
}

/* Runs a statement that opens, ends or looks at nothing of anybody's. */
static enum outcome run_one(struct database *database, TALLOC_CTX *ctx, struct step *step,
                            int64_t deadline)
{
    struct step *steps[] = {step};

    return run(database, ctx, steps, 1, deadline);
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
    disconnect(database);
    return OUTCOME_LOST;
}

/* Runs the steps on a live connection, made anew where there is none. */
static enum outcome run_connected(struct database *database, TALLOC_CTX *ctx,
                                  struct step *const *steps, unsigned count, int64_t deadline)
{
    if (!is_alive(database) || PQtransactionStatus(database->connection) != PQTRANS_IDLE) {
        int64_t started = database_clock();
        enum outcome outcome = open_connection(database, deadline);

        database->elapsed += database_clock() - started;
        if (outcome == OUTCOME_DONE)
            outcome = check_schema(database, ctx, deadline);
        if (outcome != OUTCOME_DONE)
            return outcome;
    }
    return run(database, ctx, steps, count, deadline);
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

/* Errors that say "not now", whatever was asked: resources, operator intervention, locks, a
 * standby. */
static bool is_unavailable(const struct database *database)
{
    static const char *const states[] = {"08",    "53",    "57", "58", "55P03",
                                         "25006", "25P03", "40", "XX", NULL};

    return sqlstate_is_any(database, states);
}

void database_rollback(struct database *database, int64_t deadline)
{
    struct step rollback = {.query = database->options.rollback};
    char sqlstate[sizeof database->sqlstate];
    TALLOC_CTX *scratch;

    if (database->connection == NULL || PQtransactionStatus(database->connection) == PQTRANS_IDLE)
        return;
    memcpy(sqlstate, database->sqlstate, sizeof sqlstate);
    scratch = talloc_new(NULL);
    if (scratch == NULL || run_one(database, scratch, &rollback, deadline) != OUTCOME_DONE)
        disconnect(database);
    talloc_free(scratch);
    memcpy(database->sqlstate, sqlstate, sizeof sqlstate);
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
        enum outcome outcome = run_connected(database, ctx, steps, count, deadline);

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
            disconnect(database);
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

    if (scratch == NULL || !is_alive(database)) {
        talloc_free(scratch);
        disconnect(database);
        return DATABASE_UNAVAILABLE;
    }
    database->warned = false;
    outcome = run_one(database, scratch, &commit, deadline);
    if (outcome == OUTCOME_ERROR)
        status = is_unavailable(database) ? DATABASE_UNAVAILABLE : DATABASE_REJECTED;
    else if (outcome != OUTCOME_DONE || database->warned)
        status = DATABASE_UNKNOWN;
    else if (strcmp(PQcmdStatus((PGresult *)(uintptr_t)commit.result), "COMMIT") != 0)
        status =
            DATABASE_UNAVAILABLE; /* PostgreSQL answers a COMMIT it could not do with ROLLBACK */
    else
        status = DATABASE_DONE;
    talloc_free(scratch);
    return status;
}
