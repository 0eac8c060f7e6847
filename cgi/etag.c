#include "cgi/etag.h"

#include "common/crypto.h"
#include "common/text.h"

#include <string.h>

enum { DIGEST_BYTES = 8 };

char *etag_of(TALLOC_CTX *ctx, const char *version, const char *body, size_t length)
{
    unsigned char digest[SHA256_BYTES];
    char hex[2 * DIGEST_BYTES + 1];

    if (!crypto_sha256(body, length, digest))
        return NULL;
    text_write_hex(hex, digest, DIGEST_BYTES);
    return talloc_asprintf(ctx, "\"%s.%s\"", version, hex);
}

/*
 * The next entity tag of a list; *list moves behind it. Sets its length, quotes included, and
 * whether it is weak. NULL: the end, or what is no entity tag.
 */
static const char *next_tag(const char **list, size_t *length, bool *weak)
{
    const char *tag = *list + strspn(*list, " \t,");
    const char *end;

    *weak = strncmp(tag, "W/", 2) == 0;
    if (*weak)
        tag += 2;
    if (*tag != '"' || (end = strchr(tag + 1, '"')) == NULL)
        return NULL;
    *length = (size_t)(end + 1 - tag);
    *list = end + 1;
    return tag;
}

bool etag_is_any(const char *header)
{
    const char *star = header + strspn(header, " \t");

    return *star == '*' && star[1 + strspn(star + 1, " \t")] == '\0';
}

bool etag_is_named(const char *if_none_match, const char *etag)
{
    size_t length;
    const char *tag;
    bool weak;

    if (etag_is_any(if_none_match))
        return true;
    while ((tag = next_tag(&if_none_match, &length, &weak)) != NULL)
        if (length == strlen(etag) && memcmp(tag, etag, length) == 0)
            return true;
    return false;
}

bool etag_allows(const char *if_match, const char *version)
{
    size_t version_length = strlen(version);
    size_t length;
    const char *tag;
    bool weak;

    if (etag_is_any(if_match))
        return true;
    while ((tag = next_tag(&if_match, &length, &weak)) != NULL) {
        size_t named = strcspn(tag + 1, ".\"");

        if (!weak && named == version_length && memcmp(tag + 1, version, named) == 0)
            return true;
    }
    return false;
}
