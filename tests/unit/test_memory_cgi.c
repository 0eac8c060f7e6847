#include "cgi/account.h"
#include "cgi/etag.h"
#include "cgi/page.h"
#include "cgi/reply.h"
#include "cgi/retry.h"
#include "cgi/route.h"
#include "cgi/single_value.h"
#include "cgi/target.h"
#include "queries.h"
#include "tests/fuzz/exchange.h"

#include <libxml/parser.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/failing_work.h"
#include "tests/unit/limited_memory.h"

/* What the work allocates on, and the worker that its requests come to. */
static TALLOC_CTX *ctx;
static struct worker *worker;

/* A request; NULL where there is no memory for it. The web server's part, the exchange, has
 * memory. */
static struct request *request_for(const char *method, const char *target, const char *body)
{
    const uint64_t first = allocation_plan->first;
    struct exchange *exchange;

    memory_returns();
    exchange = exchange_new(ctx, method, target);
    exchange_set(exchange, "HTTP_HOST", EXCHANGE_HOST);
    exchange_set(exchange, "HTTP_IDEMPOTENCY_KEY", "\"key\"");
    exchange_set(exchange, "CONTENT_TYPE", "text/xml; charset=utf-8");
    exchange_set_client(exchange, "fuzz:secret");
    exchange_set_body(exchange, (const uint8_t *)body, strlen(body));
    memory_fails(first, allocation_plan->last);
    return request_new(ctx, worker, &exchange->gateway);
}

/* Work on a request is refused as unavailable and nothing else. */
static enum work judge(const struct request *request, bool done, bool right)
{
    memory_returns();
    if (request == NULL)
        return WORK_REFUSED;
    if (!done)
        return request->refusal.refused && request->refusal.code == ERROR_UNAVAILABLE ? WORK_REFUSED
                                                                                      : WORK_WRONG;
    return right && !request->refusal.refused ? WORK_DONE : WORK_WRONG;
}

static enum work read_account(void)
{
    static const char body[] =
        "<account><owner><email>joe@example.net</email><name><given-name>Jo</given-name></name>"
        "<tel type='pref'>1</tel><tel type='x'>2</tel><unknown "
        "a='b'/><residential-address/></owner>"
        "<additional-fields><field key='a'>1</field><field key='b'>2</field><field/>"
        "</additional-fields><communities><community>original</community></communities></account>";
    struct request *request = request_for("POST", "/api/v1/customers", body);
    struct account *account = NULL;
    char *json = NULL;

    if (request != NULL && request_expect_xml(request))
        account = account_read(request);
    if (account != NULL) {
        json = account_json(request, account);
        if (json == NULL)
            refuse_for_memory(&request->refusal);
    }
    return judge(request, json != NULL,
                 json != NULL && problems_count(account->problems) == 3 &&
                     account->field_count == 2 && account->community_count == 1 &&
                     strstr(json, "\"additional_fields\":{\"a\":\"1\",\"b\":\"2\"}") != NULL);
}

static enum work read_single_value(void)
{
    static const char body[] =
        "<change-login a='1'><login-id>jo@example.net</login-id></change-login>";
    struct request *request = request_for("PUT", "/api/v1/customers/1/change-login", body);
    struct single_value *value =
        request != NULL ? single_value_read(request, "change-login", "login-id") : NULL;

    return judge(request, value != NULL,
                 value != NULL && strcmp(value->value, "jo@example.net") == 0 &&
                     problems_count(value->problems) == 1);
}

static enum work derive_retry_key(void)
{
    static char right[sizeof((struct retry *)NULL)->digest];
    struct request *request = request_for("POST", "/api/v1/customers", "<account/>");
    struct retry retry = {.key = NULL};
    bool done = request != NULL && request_read_body(request) && retry_read(request, &retry) &&
                retry_digest(request, &retry);

    memory_returns();
    if (done && right[0] == '\0')
        memcpy(right, retry.digest, sizeof right); /* the first is without a failure */
    return judge(request, done,
                 done && strcmp(retry.key, "key") == 0 && strcmp(retry.digest, right) == 0);
}

static enum work find_target(void)
{
    struct request *request = request_for("GET", "/api/v1/customers/0010?x", "");
    struct step step = {.query = NULL};
    bool done = false;

    if (request != NULL) {
        if (!route_find(request))
            refuse_for_memory(&request->refusal);
        request->refusal.refused = request->refusal.code == ERROR_UNAVAILABLE;
        done = target_step(request, &step, &query_find, &query_find_by_extid);
    }
    return judge(request, done, done && strcmp(step.values[1], "10") == 0);
}

static enum work reply_with_reference(void)
{
    static const struct reference reference = {.identifier = "10", .extid = "A", .version = "7"};
    struct request *request = request_for("POST", "/api/v1/customers", "");
    struct reply *reply = request != NULL ? reply_new(request) : NULL;
    char *etag = NULL;
    const char *head = NULL;
    bool done = false;

    if (request != NULL && reply == NULL)
        refuse_for_memory(&request->refusal);
    if (reply != NULL && reply_created(request, reply, &reference) &&
        page_link(request, reply, "customers?after=10")) {
        etag = etag_of(request, "7", reply->body, reply->length);
        head =
            etag != NULL && reply_header(reply, "ETag", etag) ? reply_head(request, reply) : NULL;
        done = head != NULL;
        if (!done)
            refuse_for_memory(&request->refusal);
    }
    return judge(request, done,
                 done && strstr(head, "Status: 201 Created\r\nLocation: https://") == head &&
                     strstr(head, "Link: <") != NULL && strstr(head, "ETag: \"7.") != NULL &&
                     strstr(reply->body, " extid=\"A\" version=\"7\"/>\n") != NULL);
}

/* A write's want of memory is no promise that nothing was changed. */
static enum work reply_after_commit(void)
{
    static const struct reference reference = {.identifier = "10", .version = "7"};
    struct request *request = request_for("PUT", "/api/v1/customers/10", "");
    struct reply *reply = request != NULL ? reply_new(request) : NULL;

    if (request == NULL || reply == NULL)
        return WORK_REFUSED;
    request->refusal.perhaps_written = true;
    if (reply_reference(request, reply, 201, "Updated", &reference))
        return judge(request, true, reply->status == 201);
    return request->refusal.code == ERROR_OUTCOME_UNKNOWN ? WORK_REFUSED : WORK_WRONG;
}

static void no_allocation_that_fails_spoils_anything(void **state)
{
    static const struct configuration configuration = {.prepared = true};
    static work_done *const works[] = {read_account, read_single_value,    derive_retry_key,
                                       find_target,  reply_with_reference, reply_after_commit};

    (void)state;
    xmlInitParser();
    xmlSetGenericErrorFunc(NULL, ignore_message);
    worker = worker_new(NULL, &configuration);
    assert_non_null(worker);
    for (size_t i = 0; i < sizeof works / sizeof *works; i++) {
        ctx = talloc_new(NULL);
        fail_each(works[i]);
        talloc_free(ctx);
    }
    talloc_free(worker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_allocation_that_fails_spoils_anything),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
