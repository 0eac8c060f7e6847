/*
 * The Authorization header: credentials come from well-formed Basic credentials alone, and are
 * those that were sent.
 */
#include "common/authentication.h"
#include "common/text.h"
#include "tests/fuzz/target.h"

#include <assert.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define BASE64 TEXT_ALPHANUMERIC "+/"

static int value_of(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    return (int)(strchr(digits, c) - digits);
}

/* Decodes base64 bit by bit. Returns how many bytes, or -1 when it is not well-formed. */
static int decode(char *out, const char *text, size_t length)
{
    size_t digits = strspn(text, BASE64);
    size_t padding = strspn(text + digits, "=");
    unsigned bits = 0;
    int count = 0;

    if (length % 4 != 0 || padding > 2 || digits + padding != length)
        return -1;
    for (size_t i = 0; i < digits; i++) {
        bits = bits << 6 | (unsigned)value_of(text[i]);
        if (i % 4 > 0)
            out[count++] = (char)(bits >> (6 - 2 * (i % 4)));
    }
    return count;
}

/* Behind the \x that `text` begins with. */
static void write_digest(char text[2 + 2 * 32 + 1], const char *secret)
{
    unsigned char digest[32];

    assert(EVP_Digest(secret, strlen(secret), digest, NULL, EVP_sha256(), NULL) == 1);
    for (size_t i = 0; i < sizeof digest; i++)
        assert(snprintf(text + 2 + 2 * i, 3, "%02x", digest[i]) == 2);
}

/* The client and secret that a header holds; the client is empty where it holds none. */
static void read_plainly(TALLOC_CTX *ctx, const char *header, char **client, char **secret)
{
    char *pair = talloc_strdup(ctx, header + strcspn(header, " "));
    char *decoded = talloc_zero_size(ctx, strlen(header) + 1);
    int length;

    *client = "";
    if (strncasecmp(header, "Basic ", 6) != 0)
        return;
    pair += strspn(pair, " ");
    while (*pair != '\0' && pair[strlen(pair) - 1] == ' ')
        pair[strlen(pair) - 1] = '\0';
    length = decode(decoded, pair, strlen(pair));
    if (length < 1 || strlen(decoded) != (size_t)length || strchr(decoded, ':') == NULL)
        return;
    *secret = decoded;
    *client = strsep(secret, ":");
    if (!text_is_key(*client))
        *client = "";
}

static void check_header(TALLOC_CTX *ctx, const char *header)
{
    const struct credentials *credentials = authentication_read(ctx, header, true);
    char digest[2 + 2 * 32 + 1] = "\\x";
    char *client;
    char *secret;

    assert(credentials != NULL);
    read_plainly(ctx, header, &client, &secret);
    assert(strcmp(credentials->client, client) == 0);
    if (*client != '\0')
        write_digest(digest, secret);
    assert(strcmp(credentials->digest, digest) == 0);
}

/* The bytes as they are, and as a client and its secret that are sent rightly. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TALLOC_CTX *ctx = talloc_new(NULL);
    char *pair = talloc_size(ctx, 4 * (size / 3 + 1) + 1);
    char *header;

    assert(pair != NULL);
    check_header(ctx, talloc_strndup(ctx, (const char *)data, size));
    EVP_EncodeBlock((unsigned char *)pair, data, (int)size);
    header = talloc_asprintf(ctx, "bAsic %s", pair);
    assert(header != NULL);
    check_header(ctx, header);
    talloc_free(ctx);
    return 0;
}
