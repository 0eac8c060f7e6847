#include "common/authentication.h"

#include "common/crypto.h"
#include "common/text.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>
#include <strings.h>

#define BASE64_DIGITS TEXT_ALPHANUMERIC "+/"

/* The columns of `enter`, in its order. */
enum {
    COLUMN_COMPANY,
    COLUMN_SUSPENDED,
    COLUMN_CLIENT,
    COLUMN_PERMISSION,
    COLUMN_TENANT,
    COLUMN_EPOCH
};

/* Decodes base64 (RFC 4648) with its padding. Returns the number of bytes, or -1. OpenSSL would
 * pass over white space and hyphens at the ends, and take padding for data within. */
static int decode_base64(unsigned char *out, const char *text, size_t length)
{
    size_t padding = 0;
    int decoded;

    while (padding < 2 && padding < length && text[length - 1 - padding] == '=')
        padding++;
    if (length == 0 || length % 4 != 0 || strspn(text, BASE64_DIGITS) + padding != length)
        return -1;
    decoded = EVP_DecodeBlock(out, (const unsigned char *)text, (int)length);
    return decoded < 0 ? -1 : decoded - (int)padding;
}

static bool write_digest(char text[2 + 2 * SHA256_BYTES + 1], const char *secret, size_t length)
{
    unsigned char digest[SHA256_BYTES];

    if (!crypto_sha256(secret, length, digest))
        return false;
    text[0] = '\\';
    text[1] = 'x';
    text_write_hex(text + 2, digest, SHA256_BYTES);
    return true;
}

/* SHA-256 of a label and the secret: who knows the secret's own digest cannot tell it. */
static bool derive_retry_key(unsigned char key[SHA256_BYTES], const char *secret, size_t length)
{
    static const char label[] = "leap-ws retry key";
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool derived = context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1 &&
                   EVP_DigestUpdate(context, label, sizeof label) == 1 &&
                   EVP_DigestUpdate(context, secret, length) == 1 &&
                   EVP_DigestFinal_ex(context, key, NULL) == 1;

    EVP_MD_CTX_free(context);
    return derived;
}

static int credentials_destructor(struct credentials *credentials)
{
    OPENSSL_cleanse(credentials->retry_key, sizeof credentials->retry_key);
    return 0;
}

/* Splits "client:secret" and keeps the client's name and what is made from the secret. */
static bool take_pair(struct credentials *credentials, char *pair, size_t length,
                      bool with_retry_key)
{
    char *colon = memchr(pair, ':', length);

    if (colon == NULL || memchr(pair, '\0', length) != NULL)
        return true;
    *colon = '\0';
    if (!text_is_key(pair))
        return true;
    length -= (size_t)(colon + 1 - pair);
    if (!write_digest(credentials->digest, colon + 1, length))
        return false;
    if (with_retry_key && !derive_retry_key(credentials->retry_key, colon + 1, length))
        return false;
    credentials->client = talloc_strdup(credentials, pair);
    return credentials->client != NULL;
}

struct credentials *authentication_read(TALLOC_CTX *ctx, const char *header, bool with_retry_key)
{
    struct credentials *credentials = talloc_zero(ctx, struct credentials);
    const char *encoded;
    size_t length;
    char *pair;
    int decoded;
    bool kept = true;

    if (credentials == NULL)
        return NULL;
    talloc_set_destructor(credentials, credentials_destructor);
    credentials->client = "";
    memcpy(credentials->digest, "\\x", 3);
    if (header == NULL || strncasecmp(header, "Basic ", 6) != 0)
        return credentials;
    encoded = header + 6 + strspn(header + 6, " ");
    length = strlen(encoded);
    while (length > 0 && encoded[length - 1] == ' ')
        length--;
    pair = talloc_zero_size(credentials, length + 1);
    if (pair == NULL) {
        talloc_free(credentials);
        return NULL;
    }
    decoded = decode_base64((unsigned char *)pair, encoded, length);
    if (decoded > 0)
        kept = take_pair(credentials, pair, (size_t)decoded, with_retry_key);
    OPENSSL_cleanse(pair, length + 1);
    talloc_free(pair);
    if (!kept) {
        talloc_free(credentials);
        return NULL;
    }
    return credentials;
}

void authentication_enter(struct step *step, const struct query *enter, const char *company_id,
                          const char *host, const struct credentials *credentials)
{
    *step = (struct step){
        .query = enter,
        .values = {company_id, host, credentials->client, credentials->digest},
    };
}

void authentication_enter_again(struct step *step, const struct query *enter_again,
                                const char *company_id, const char *epoch,
                                const struct credentials *credentials)
{
    *step = (struct step){
        .query = enter_again,
        .values = {company_id, credentials->client, credentials->digest, epoch},
    };
}

static enum permission read_permission(const char *name)
{
    if (strcmp(name, "read-write") == 0)
        return PERMISSION_WRITE;
    if (strcmp(name, "read-acknowledge") == 0)
        return PERMISSION_ACKNOWLEDGE;
    if (strcmp(name, "read-only") == 0)
        return PERMISSION_READ;
    return PERMISSION_NONE;
}

struct caller *authentication_caller(TALLOC_CTX *ctx, const PGresult *result)
{
    struct caller *caller = talloc_zero(ctx, struct caller);

    if (caller == NULL)
        return NULL;
    if (PQntuples(result) != 1 || PQgetisnull(result, 0, COLUMN_COMPANY)) {
        caller->status = CALLER_UNKNOWN_HOST;
        return caller;
    }
    if (PQgetisnull(result, 0, COLUMN_CLIENT)) {
        caller->status = CALLER_REFUSED;
        return caller;
    }
    caller->status = strcmp(PQgetvalue(result, 0, COLUMN_SUSPENDED), "t") == 0
                         ? CALLER_SUSPENDED
                         : CALLER_AUTHENTICATED;
    caller->company = talloc_strdup(caller, PQgetvalue(result, 0, COLUMN_COMPANY));
    caller->client = talloc_strdup(caller, PQgetvalue(result, 0, COLUMN_CLIENT));
    caller->permission = read_permission(PQgetvalue(result, 0, COLUMN_PERMISSION));
    caller->epoch = talloc_strdup(caller, PQgetvalue(result, 0, COLUMN_EPOCH));
    if (caller->company == NULL || caller->client == NULL || caller->epoch == NULL) {
        talloc_free(caller);
        return NULL;
    }
    return caller;
}

struct caller *authentication_caller_again(TALLOC_CTX *ctx, const PGresult *result,
                                           const char *company,
                                           const struct credentials *credentials)
{
    struct caller *caller = talloc_zero(ctx, struct caller);

    if (caller == NULL)
        return NULL;
    caller->status = CALLER_AUTHENTICATED;
    caller->company = talloc_strdup(caller, company);
    caller->client = credentials->client;
    caller->permission = read_permission(PQgetvalue(result, 0, 0));
    if (caller->company == NULL) {
        talloc_free(caller);
        return NULL;
    }
    return caller;
}
