/*
 * The request line, "METHOD TARGET": path, query and the choice of the operation. What the database
 * is asked for is within its limits, whatever was sent.
 */
#include "queries.h"
#include "tests/fuzz/exchange.h"
#include "tests/fuzz/fake_database.h"
#include "tests/fuzz/rules.h"
#include "tests/fuzz/target.h"

#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static void check_page(const char *after, const char *limit, const char *offset)
{
    assert(is_digits(after, 18));
    assert(is_digits(limit, 18) && atoi(limit) >= 1 && atoi(limit) <= 100);
    assert(is_digits(offset, 18) && strtoul(offset, NULL, 10) <= INT32_MAX);
}

/* JSON arrays, of numbers and of texts. */
static void check_names(const char *identifiers, const char *extids)
{
    json_t *numbers = json_loads(identifiers, 0, NULL);
    json_t *texts = json_loads(extids, 0, NULL);
    size_t count = json_array_size(numbers) + json_array_size(texts);

    assert(count >= 1 && count <= 100);
    for (size_t i = 0; i < json_array_size(numbers); i++)
        assert(json_is_integer(json_array_get(numbers, i)));
    for (size_t i = 0; i < json_array_size(texts); i++)
        assert(is_line(json_string_value(json_array_get(texts, i)), SIZE_MAX) ||
               strpbrk(json_string_value(json_array_get(texts, i)), "\xEF") != NULL);
    json_decref(numbers);
    json_decref(texts);
}

static void watch(const struct step *step)
{
    const struct query *query = step->query;

    if (query == &query_list_all || query == &query_list_acked || query == &query_list_unacked ||
        query == &query_find_by_field)
        check_page(step->values[1], step->values[2], step->values[3]);
    else if (query == &query_list_changed)
        check_page(step->values[3], step->values[4], "0");
    else if (query == &query_comments || query == &query_comments_by_extid)
        check_page(step->values[2], step->values[3], "0");
    else if (query == &query_list_named)
        check_names(step->values[1], step->values[2]);
    else if (query == &query_show || query == &query_find)
        assert(is_digits(step->values[1], 18));
}

/* Follows the link to the next page, which the API made itself. */
static void follow(TALLOC_CTX *ctx, const char *link)
{
    char *target = talloc_strndup(ctx, link + 1, strcspn(link + 1, ">"));
    struct exchange *exchange = exchange_new(ctx, "GET", target);

    assert(link[0] == '<' && strcmp(link + 1 + strlen(target), ">; rel=\"next\"") == 0);
    exchange_set_client(exchange, FAKE_DATABASE_CLIENT);
    exchange_run(exchange);
    assert(exchange->status == 200);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TALLOC_CTX *ctx = talloc_new(NULL);
    char *target = talloc_strndup(ctx, (const char *)data, size);
    const char *method = strsep(&target, " ");
    struct exchange *exchange = exchange_new(ctx, method, target != NULL ? target : "");
    const char *link;

    fake_database_watch(watch);
    exchange_set_client(exchange, FAKE_DATABASE_CLIENT);
    exchange_run(exchange);
    link = exchange_header(exchange, "Link");
    if (link != NULL)
        follow(ctx, link);
    talloc_free(ctx);
    return 0;
}
