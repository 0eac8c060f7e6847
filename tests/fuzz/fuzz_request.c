/*
 * The whole program with a real database, by one request: a line "METHOD TARGET", header fields, an
 * empty line and the body. Every reply is one that the API knows, and none says that the service
 * failed.
 *
 * libpq's environment names the database, FUZZ_CLIENT the client of the company at EXCHANGE_HOST,
 * as name:secret. A request without an Authorization field is that client's.
 */
#include "tests/fuzz/exchange.h"
#include "tests/fuzz/target.h"

#include <assert.h>
#include <ctype.h>
#include <err.h>
#include <stdlib.h>
#include <string.h>

/* The variable of a header field (RFC 3875, 4.1.18). */
static char *variable_of(TALLOC_CTX *ctx, const char *field)
{
    bool bare = strcasecmp(field, "Content-Type") == 0 || strcasecmp(field, "Content-Length") == 0;
    char *name = talloc_asprintf(ctx, "%s%s", bare ? "" : "HTTP_", field);

    for (char *c = name; *c != '\0'; c++)
        if (*c == '-')
            *c = '_';
        else
            *c = (char)toupper((unsigned char)*c);
    return name;
}

/* Cuts the next line off the input, up to a NUL at most. NULL: there is none. */
static char *take_line(TALLOC_CTX *ctx, const uint8_t **data, size_t *size)
{
    const uint8_t *end = *size > 0 ? memchr(*data, '\n', *size) : NULL;
    size_t length = end != NULL ? (size_t)(end - *data) : *size;
    char *line;

    if (*size == 0)
        return NULL;
    line = talloc_strndup(ctx, (const char *)*data, length);
    *data += length + (end != NULL);
    *size -= length + (end != NULL);
    return line;
}

static void send_request(const uint8_t *data, size_t size)
{
    TALLOC_CTX *ctx = talloc_new(NULL);
    char *target = take_line(ctx, &data, &size);
    const char *method = strsep(&target, " ");
    struct exchange *exchange =
        exchange_new(ctx, method != NULL ? method : "", target != NULL ? target : "");
    char *value;

    while ((value = take_line(ctx, &data, &size)) != NULL && *value != '\0') {
        const char *name = strsep(&value, ":");

        if (value != NULL)
            exchange_set(exchange, variable_of(ctx, name), value + strspn(value, " "));
    }
    exchange_set_client(exchange, getenv("FUZZ_CLIENT"));
    exchange_set_body(exchange, data, size);
    exchange_run(exchange);
    talloc_free(ctx);
}

/* The accounts that inputs can name: 10000001, which is A1 as well, and 10000002. */
static void create_accounts(void)
{
    static const char *const requests[] = {
        "POST /api/v1/customers\n\n"
        "<account extid='A1'><owner><name><given-name>Joseph</given-name>"
        "<family-name>Banks</family-name></name><email>joe@example.net</email>"
        "<password>Tk9-vqp-82x</password></owner><additional-fields>"
        "<field key='shoe-size'>9</field></additional-fields>"
        "<communities><community>original</community></communities></account>",
        "POST /api/v1/customers\n\n"
        "<account><owner><name><given-name>Daniel</given-name>"
        "<family-name>Solander</family-name></name><email>dan@example.net</email>"
        "<password>Tk9-vqp-82x</password></owner>"
        "<communities><community>second</community></communities></account>",
    };

    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++)
        send_request((const uint8_t *)requests[i], strlen(requests[i]));
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    if (getenv("FUZZ_CLIENT") == NULL)
        errx(EXIT_FAILURE, "FUZZ_CLIENT is not set; tests/fuzz/run starts a database");
    create_accounts();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    send_request(data, size);
    return 0;
}
