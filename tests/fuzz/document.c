#include "tests/fuzz/document.h"

#include "tests/fuzz/fake_database.h"

#include <assert.h>
#include <string.h>

struct exchange *document_send(TALLOC_CTX *ctx, const char *method, const char *path,
                               const uint8_t *data, size_t size)
{
    const uint8_t *end = size > 0 ? memchr(data, '\n', size) : NULL;
    char *target = talloc_asprintf(ctx, "/api/v1/%s", path);
    struct exchange *exchange;

    assert(target != NULL);
    exchange = exchange_new(ctx, method, target);
    exchange_set_client(exchange, FAKE_DATABASE_CLIENT);
    if (end != NULL) {
        char *type = talloc_strndup(ctx, (const char *)data, (size_t)(end - data));

        assert(type != NULL);
        exchange_set(exchange, "CONTENT_TYPE", type);
        size -= (size_t)(end + 1 - data);
        data = end + 1;
    }
    exchange_set_body(exchange, data, size);
    exchange_run(exchange);
    return exchange;
}
