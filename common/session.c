#include "common/session.h"

#include "common/clock.h"
#include "common/log.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

/* What a reply in the pipeline belongs to, in the order of sending. */
enum sent { SENT_PREPARE, SENT_STEP, SENT_SYNC };

enum { SENT_MAX = 64 };

struct session {
    bool keeps_statements;
    unsigned query_count;
    PGconn *connection;
    bool *prepared; /* by the query's number, in this connection */
    bool warned;    /* a warning came since the last look */
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

void session_close(struct session *session)
{
    PQfinish(session->connection);
    session->connection = NULL;
}

static int session_destructor(struct session *session)
{
    session_close(session);
    return 0;
}

struct session *session_new(TALLOC_CTX *ctx, bool keeps_statements, unsigned query_count)
{
    struct session *session = talloc_zero(ctx, struct session);

    if (session == NULL)
        return NULL;
    session->keeps_statements = keeps_statements;
    session->query_count = query_count;
    session->prepared = talloc_zero_array(session, bool, query_count);
    if (session->prepared == NULL) {
        talloc_free(session);
        return NULL;
    }
    talloc_set_destructor(session, session_destructor);
    return session;
}

const char *session_sqlstate(const struct session *session)
{
    return session->sqlstate;
}

bool session_take_warning(struct session *session)
{
    bool warned = session->warned;

    session->warned = false;
    return warned;
}

int64_t session_take_elapsed(struct session *session)
{
    int64_t elapsed = session->elapsed;

    session->elapsed = 0;
    return elapsed;
}

/* Waits for the connection's socket; 1: ready, 0: deadline passed, -1: failed. */
static int wait_for_socket(const PGconn *connection, short events, int64_t deadline)
{
    for (;;) {
        int64_t left = deadline - clock_now();
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
    struct session *session = argument;
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);

    if (severity != NULL && strcmp(severity, "WARNING") == 0)
        session->warned = true;
}

/* Waits until the connection that was begun is there. */
static enum outcome await_connection(struct session *session, int64_t deadline)
{
    PostgresPollingStatusType state = PGRES_POLLING_WRITING;

    while (state != PGRES_POLLING_OK) {
        short events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT;
        int ready;

        if (PQstatus(session->connection) == CONNECTION_BAD || state == PGRES_POLLING_FAILED) {
            log_event("cannot connect to the database: %s", PQerrorMessage(session->connection));
            return OUTCOME_LOST;
        }
        ready = wait_for_socket(session->connection, events, deadline);
        if (ready <= 0) {
            log_event("cannot connect to the database: no answer in time");
            return ready == 0 ? OUTCOME_TIMEOUT : OUTCOME_LOST;
        }
        state = PQconnectPoll(session->connection);
    }
    return OUTCOME_DONE;
}

/*
 * Of several hosts libpq tries the next when one has refused, but waits for one that is switched
 * off or cut off as long as TCP does, a minute or more: hence the limit for what TCP may leave
 * unacknowledged, in milliseconds. An answer that does not come is another matter, the deadline's.
 */
static enum outcome connect_anew(struct session *session, int64_t deadline)
{
    static const char *const keywords[] = {"fallback_application_name", "tcp_user_timeout", NULL};
    static const char *const values[] = {"leap-customers", "2000", NULL};
    enum outcome outcome;

    session_close(session);
    memset(session->prepared, 0, session->query_count * sizeof *session->prepared);
    session->connection = PQconnectStartParams(keywords, values, 0);
    if (session->connection == NULL)
        return OUTCOME_LOST;
    outcome = await_connection(session, deadline);
    if (outcome == OUTCOME_DONE && (PQsetnonblocking(session->connection, 1) != 0 ||
                                    PQenterPipelineMode(session->connection) != 1))
        outcome = OUTCOME_LOST;
    if (outcome != OUTCOME_DONE)
        session_close(session);
    else
        PQsetNoticeReceiver(session->connection, receive_notice, session);
    return outcome;
}

enum outcome session_open(struct session *session, int64_t deadline)
{
    int64_t started = clock_now();
    enum outcome outcome = connect_anew(session, deadline);

    session->elapsed += clock_now() - started;
    return outcome;
}

bool session_is_idle(const struct session *session)
{
    return session->connection == NULL || PQtransactionStatus(session->connection) == PQTRANS_IDLE;
}

bool session_is_open(const struct session *session)
{
    return session->connection != NULL;
}

/* A server that ended the connection has sent an error or closed the socket, which nobody has read.
 */
bool session_is_alive(struct session *session)
{
    struct pollfd descriptor;

    if (session->connection == NULL)
        return false;
    descriptor = (struct pollfd){.fd = PQsocket(session->connection), .events = POLLIN};
    while (poll(&descriptor, 1, 0) != 0)
        if (PQconsumeInput(session->connection) != 1 ||
            PQstatus(session->connection) != CONNECTION_OK)
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

static bool send_step(struct session *session, struct pipeline *pipeline, struct step *step)
{
    const struct query *query = step->query;

    step->result = NULL;
    if (!session->keeps_statements)
        return PQsendQueryParams(session->connection, query->text, query->parameters, NULL,
                                 step->values, NULL, NULL, 0) == 1 &&
               note_sent(pipeline, SENT_STEP, step);
    if (!session->prepared[query->number] &&
        (PQsendPrepare(session->connection, query->name, query->text, 0, NULL) != 1 ||
         !note_sent(pipeline, SENT_PREPARE, step)))
        return false;
    return PQsendQueryPrepared(session->connection, query->name, query->parameters, step->values,
                               NULL, NULL, 0) == 1 &&
           note_sent(pipeline, SENT_STEP, step);
}

/* Sends what is buffered, reading meanwhile so that a server that blocks on writing goes on. */
static enum outcome flush(struct session *session, int64_t deadline)
{
    int left;

    while ((left = PQflush(session->connection)) == 1) {
        int ready = wait_for_socket(session->connection, POLLIN | POLLOUT, deadline);

        if (ready <= 0)
            return ready == 0 ? OUTCOME_TIMEOUT : OUTCOME_LOST;
        if (PQconsumeInput(session->connection) != 1)
            return OUTCOME_LOST;
    }
    return left == 0 ? OUTCOME_DONE : OUTCOME_LOST;
}

static enum outcome await_result(struct session *session, int64_t deadline, PGresult **result)
{
    size_t said = strlen(PQerrorMessage(session->connection));

    while (PQisBusy(session->connection)) {
        int ready;

        /* Where libpq has no memory for the end of a pipeline, it says so, and goes on waiting. */
        if (strlen(PQerrorMessage(session->connection)) != said)
            return OUTCOME_LOST;
        ready = wait_for_socket(session->connection, POLLIN, deadline);
        if (ready <= 0)
            return ready == 0 ? OUTCOME_TIMEOUT : OUTCOME_LOST;
        if (PQconsumeInput(session->connection) != 1)
            return OUTCOME_LOST;
    }
    *result = PQgetResult(session->connection);
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
static enum outcome note_error(struct session *session, const PGresult *result,
                               const struct step *step)
{
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);

    if (step == NULL || sqlstate == NULL || severity == NULL || strcmp(severity, "ERROR") != 0)
        return OUTCOME_LOST;
    log_event("the database refused %s: SQLSTATE %s", step->query->name, sqlstate);
    memcpy(session->sqlstate, sqlstate, sizeof session->sqlstate - 1);
    return OUTCOME_ERROR;
}

static enum outcome receive(struct session *session, TALLOC_CTX *ctx,
                            const struct pipeline *pipeline, int64_t deadline)
{
    enum outcome outcome = OUTCOME_DONE;

    for (size_t i = 0; i < pipeline->count; i++) {
        struct step *step = pipeline->sent[i].step;
        PGresult *result = NULL;
        PGresult *end = NULL;
        enum outcome arrival = await_result(session, deadline, &result);
        ExecStatusType status = PQresultStatus(result);

        if (arrival == OUTCOME_DONE && pipeline->sent[i].kind != SENT_SYNC)
            arrival = await_result(session, deadline, &end);
        if (arrival != OUTCOME_DONE || result == NULL || end != NULL) {
            PQclear(result);
            PQclear(end);
            return arrival == OUTCOME_DONE ? OUTCOME_LOST : arrival;
        }
        if (status == PGRES_FATAL_ERROR && outcome == OUTCOME_DONE)
            outcome = note_error(session, result, step);
        if (status == PGRES_COMMAND_OK && pipeline->sent[i].kind == SENT_PREPARE)
            session->prepared[step->query->number] = true;
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

enum outcome session_run(struct session *session, TALLOC_CTX *ctx, struct step *const *steps,
                         unsigned count, int64_t deadline)
{
    struct pipeline pipeline = {.count = 0};
    enum outcome outcome = OUTCOME_DONE;
    int64_t started = clock_now();

    session->sqlstate[0] = '\0';
    for (unsigned i = 0; i < count && outcome == OUTCOME_DONE; i++)
        if (!send_step(session, &pipeline, steps[i]))
            outcome = OUTCOME_LOST;
    if (outcome == OUTCOME_DONE &&
        (PQpipelineSync(session->connection) != 1 || !note_sent(&pipeline, SENT_SYNC, NULL)))
        outcome = OUTCOME_LOST;
    if (outcome == OUTCOME_DONE)
        outcome = flush(session, deadline);
    if (outcome == OUTCOME_DONE)
        outcome = receive(session, ctx, &pipeline, deadline);
    if (outcome == OUTCOME_LOST || outcome == OUTCOME_TIMEOUT)
        session_close(session);
    session->elapsed += clock_now() - started;
    return outcome;
}
