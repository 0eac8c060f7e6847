#include "cgi/retry.h"

#include "common/text.h"

#include <openssl/evp.h>
#include <openssl/params.h>
#include <string.h>

enum { KEY_MAXIMUM = 255, HMAC_BYTES = 32 };

/* Without surrounding quotes: the header is a structured string to some clients, and bare to
 * others. */
static char *unquote(TALLOC_CTX *ctx, const char *header)
{
    size_t length;

    header += strspn(header, " \t");
    length = strlen(header);
    while (length > 0 && strchr(" \t", header[length - 1]) != NULL)
        length--;
    if (length >= 2 && header[0] == '"' && header[length - 1] == '"')
        return talloc_strndup(ctx, header + 1, length - 2);
    return talloc_strndup(ctx, header, length);
}

static bool is_key(const char *key)
{
    size_t length = strlen(key);

    for (size_t i = 0; i < length; i++)
        if (key[i] < '!' || key[i] > '~')
            return false;
    return length >= 1 && length <= KEY_MAXIMUM;
}

bool retry_read(struct request *request, struct retry *retry)
{
    const char *header = gateway_variable(request->gateway, "HTTP_IDEMPOTENCY_KEY");

    *retry = (struct retry){.key = NULL};
    if (header == NULL)
        return true;
    retry->key = unquote(request, header);
    if (retry->key == NULL)
        return refuse_for_memory(&request->refusal);
    if (!is_key(retry->key))
        refuse(&request->refusal, ERROR_MALFORMED_REQUEST,
               "An Idempotency-Key is 1 to 255 visible ASCII characters.");
    return true;
}

/* The method, the segments of the path and the body; a NUL, which none but the body can hold, ends
 * each. */
static bool add_request(EVP_MAC_CTX *mac, const struct request *request)
{
    bool added = EVP_MAC_update(mac, (const unsigned char *)request->method,
                                strlen(request->method) + 1) == 1;

    for (size_t i = 0; added && i < request->path.count; i++)
        added = EVP_MAC_update(mac, (const unsigned char *)request->path.segments[i],
                               strlen(request->path.segments[i]) + 1) == 1;
    return added &&
           EVP_MAC_update(mac, (const unsigned char *)request->body, request->body_length) == 1;
}

static bool compute(const struct request *request, unsigned char digest[HMAC_BYTES])
{
    static char sha256[] = "SHA256";
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string("digest", sha256, 0),
                                     OSSL_PARAM_construct_end()};
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    /* OpenSSL looks into what it is given here. */
    EVP_MAC_CTX *mac = hmac != NULL ? EVP_MAC_CTX_new(hmac) : NULL;
    size_t size = 0;
    bool computed = mac != NULL &&
                    EVP_MAC_init(mac, request->credentials->retry_key,
                                 sizeof request->credentials->retry_key, parameters) == 1 &&
                    add_request(mac, request) &&
                    EVP_MAC_final(mac, digest, &size, HMAC_BYTES) == 1 && size == HMAC_BYTES;

    EVP_MAC_CTX_free(mac);
    EVP_MAC_free(hmac);
    return computed;
}

bool retry_digest(struct request *request, struct retry *retry)
{
    unsigned char digest[HMAC_BYTES];

    if (retry->key == NULL)
        return true;
    if (!compute(request, digest))
        return refuse_for_memory(&request->refusal);
    memcpy(retry->digest, "\\x", 2);
    text_write_hex(retry->digest + 2, digest, HMAC_BYTES);
    return true;
}

static const char *value(const PGresult *kept, const char *column)
{
    return PQgetvalue(kept, 0, PQfnumber(kept, column));
}

bool retry_accepts(struct request *request, struct reply *reply, const struct retry *retry,
                   const PGresult *kept)
{
    bool same_secret = strcmp(value(kept, "secret_digest"), request->credentials->digest) == 0;

    if (same_secret && strcmp(value(kept, "request_digest"), retry->digest) != 0)
        return refuse(&request->refusal, ERROR_KEY_REUSED,
                      "This Idempotency-Key was used for another request. Use a new one for each.");
    return reply_header(reply, "Idempotency-Replayed", "true") ||
           refuse_for_memory(&request->refusal);
}

void retry_refuse_in_progress(struct request *request)
{
    refuse(&request->refusal, ERROR_KEY_IN_PROGRESS,
           "The first request with this Idempotency-Key is not finished. Repeat this one later.");
}
