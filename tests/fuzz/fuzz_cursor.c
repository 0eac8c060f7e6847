/*
 * The cursor of the change feed: the database gets its three parts as they stand in it, or the
 * request is refused, and the cursor of the next page is a good one.
 */
#include "common/text.h"
#include "common/uri.h"
#include "queries.h"
#include "tests/fuzz/exchange.h"
#include "tests/fuzz/fake_database.h"
#include "tests/fuzz/rules.h"
#include "tests/fuzz/target.h"

#include <assert.h>
#include <string.h>

static const char *cursor; /* that is being sent, trimmed */
static bool asked;         /* whether the database was */

static bool is_uuid(const char *text)
{
    return strlen(text) == 36 && strspn(text, "-0123456789abcdef") == 36 && text[8] == '-' &&
           text[13] == '-' && text[18] == '-' && text[23] == '-' && strspn(text, "-") == 0 &&
           strspn(text + 9, "-") == 0 && strspn(text + 35, "-") == 0;
}

static void watch(const struct step *step)
{
    char *joined;

    if (step->query != &query_list_changed)
        return;
    asked = true;
    if (step->values[1] == NULL) {
        assert(*cursor == '\0');
        return;
    }
    joined = talloc_asprintf(NULL, "%s.%s.%s", step->values[1], step->values[2], step->values[3]);
    assert(joined != NULL);
    assert(is_uuid(step->values[1]) && is_digits(step->values[2], 18) &&
           is_digits(step->values[3], 18));
    assert(strcmp(joined, cursor) == 0);
    talloc_free(joined);
}

static struct exchange *send_cursor(TALLOC_CTX *ctx, char *text)
{
    char *encoded = uri_encode(ctx, text);
    char *target = talloc_asprintf(ctx, "/api/v1/customers?limit=2&changed-after=%s", encoded);
    struct exchange *exchange;

    assert(target != NULL);
    exchange = exchange_new(ctx, "GET", target);
    cursor = text_trim(text);
    asked = false;
    exchange_set_client(exchange, FAKE_DATABASE_CLIENT);
    exchange_run(exchange);
    assert(exchange->status == (asked ? 200 : 400));
    return exchange;
}

/* The cursor in the link of a page. */
static char *next_cursor(TALLOC_CTX *ctx, struct exchange *page)
{
    static const char before[] = "/customers?changed-after=";
    const char *link = exchange_header(page, "Link");
    const char *begin = link != NULL ? strstr(link, before) : NULL;

    assert(begin != NULL);
    begin += strlen(before);
    return talloc_strndup(ctx, begin, strcspn(begin, "&"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TALLOC_CTX *ctx = talloc_new(NULL);
    struct exchange *page;

    fake_database_watch(watch);
    page = send_cursor(ctx, talloc_strndup(ctx, (const char *)data, size));
    if (page->status == 200) {
        page = send_cursor(ctx, next_cursor(ctx, page));
        assert(page->status == 200);
    }
    talloc_free(ctx);
    return 0;
}
