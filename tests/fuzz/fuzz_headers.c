/*
 * The header fields of versions, keys and media types: each reader gets the bytes as its header.
 */
#include "cgi/etag.h"
#include "cgi/request.h"
#include "cgi/retry.h"
#include "tests/fuzz/exchange.h"
#include "tests/fuzz/target.h"

#include <assert.h>
#include <string.h>

/* Whether a header is a star among white space. */
static bool is_star(const char *header)
{
    size_t space = strspn(header, " \t");

    return header[space] == '*' && strspn(header + space + 1, " \t") == strlen(header + space + 1);
}

/* If-Match: who is allowed has named the version; a list that begins with it allows. */
static void check_if_match(TALLOC_CTX *ctx, const char *header)
{
    bool allowed = etag_allows(header, "7");

    assert(etag_is_any(header) == is_star(header));
    if (is_star(header))
        assert(allowed);
    else if (allowed)
        assert(strstr(header, "\"7\"") != NULL || strstr(header, "\"7.") != NULL);
    assert(etag_allows(talloc_asprintf(ctx, "\"7\", %s", header), "7"));
    assert(!etag_allows(talloc_asprintf(ctx, "W/\"7\"/%s", header), "7"));
}

/* If-None-Match: the same with the whole tag, weak or strong. */
static void check_if_none_match(TALLOC_CTX *ctx, const char *header)
{
    static const char etag[] = "\"7.0123456789abcdef\"";

    if (!is_star(header) && etag_is_named(header, etag))
        assert(strstr(header, etag) != NULL);
    assert(etag_is_named(talloc_asprintf(ctx, "\"6\" , W/%s,%s", etag, header), etag));
}

/* Makes a request whose body was read, and which has this header alone. */
static struct request *request_with(TALLOC_CTX *ctx, const char *name, const char *header)
{
    static const struct credentials credentials;
    struct request *request = talloc_zero(ctx, struct request);
    struct exchange *exchange = exchange_new(ctx, "POST", "/");

    exchange_set(exchange, name, header);
    request->gateway = &exchange->gateway;
    request->method = exchange->method;
    request->credentials = &credentials;
    request->body = header;
    request->body_length = strlen(header);
    return request;
}

/* Idempotency-Key: a key is 1 to 255 visible ASCII characters of the header, and has a digest. */
static void check_key(TALLOC_CTX *ctx, const char *header)
{
    struct request *request = request_with(ctx, "HTTP_IDEMPOTENCY_KEY", header);
    struct retry retry;
    size_t length;

    assert(retry_read(request, &retry));
    if (request->refusal.refused) {
        assert(request->refusal.code == ERROR_MALFORMED_REQUEST);
        return;
    }
    length = strlen(retry.key);
    assert(length >= 1 && length <= 255 && strstr(header, retry.key) != NULL);
    for (size_t i = 0; i < length; i++)
        assert(retry.key[i] > ' ' && retry.key[i] <= '~');
    assert(retry_digest(request, &retry));
    assert(strlen(retry.digest) == 66 && strspn(retry.digest + 2, "0123456789abcdef") == 64);
}

/* Content-Type: a charset that is taken is a part of the header. */
static void check_media_type(TALLOC_CTX *ctx, const char *header)
{
    struct request *xml = request_with(ctx, "CONTENT_TYPE", header);
    struct request *form = request_with(ctx, "CONTENT_TYPE", header);

    if (request_expect_xml(xml))
        assert(xml->charset == NULL || (*xml->charset != '\0' && strstr(header, xml->charset)));
    else
        assert(xml->refusal.code == ERROR_UNSUPPORTED_MEDIA_TYPE);
    if (request_expect_form(form) && request_expect_xml(xml))
        assert(header[strspn(header, " \t")] == '\0' || header[strspn(header, " \t")] == ';');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TALLOC_CTX *ctx = talloc_new(NULL);
    const char *header = talloc_strndup(ctx, (const char *)data, size);

    check_if_match(ctx, header);
    check_if_none_match(ctx, header);
    check_key(ctx, header);
    check_media_type(ctx, header);
    talloc_free(ctx);
    return 0;
}
