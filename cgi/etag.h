/*
 * Entity tags of accounts (RFC 9110, 8.8.3 and 13.1): "VERSION.DIGEST", where the digest tells
 * apart replies that differ without a change of the account, such as by its acknowledgement.
 */
#ifndef LEAP_ETAG_H
#define LEAP_ETAG_H

#include <stdbool.h>
#include <stddef.h>
#include <talloc.h>

/* The strong entity tag of a reply: the version, and 16 hexadecimal digits of the body's SHA-256.
 * NULL: out of memory. */
char *etag_of(TALLOC_CTX *ctx, const char *version, const char *body, size_t length);

/* Whether an If-None-Match header names the entity tag; weak and strong ones compare alike. */
bool etag_is_named(const char *if_none_match, const char *etag);

/*
 * Whether an If-Match header allows a change of the account at this version: "VERSION",
 * "VERSION.DIGEST" or *. The digest is not looked at, so that one's own acknowledgement does not
 * get in the way. A weak tag never matches.
 */
bool etag_allows(const char *if_match, const char *version);

/* Whether an If-Match or If-None-Match header is *: any version. */
bool etag_is_any(const char *header);

#endif
