/*
 * The parts of a request that come percent-encoded (RFC 3986) or form-encoded (WHATWG URL,
 * application/x-www-form-urlencoded): taken apart first, decoded afterwards, so that an encoded
 * delimiter is data.
 */
#ifndef LEAP_URI_H
#define LEAP_URI_H

#include <stdbool.h>
#include <stddef.h>
#include <talloc.h>

enum uri_result {
    URI_OK,
    URI_MALFORMED, /* a broken percent-encoding, a NUL, or not UTF-8 */
    URI_NO_MEMORY,
};

/*
 * The segments of a path, decoded. The strings belong to the array, which may be NULL when there is
 * none.
 */
struct uri_path {
    char **segments;
    size_t count;
};

struct uri_parameter {
    char *name;
    char *value;
};

/*
 * Parameters in the order sent, decoded. The strings belong to the array, which may be NULL when
 * there is none.
 */
struct uri_form {
    struct uri_parameter *parameters;
    size_t count;
};

/*
 * Decodes %XX, and '+' as a space where `plus_is_space`, in place. Returns false when a '%' is not
 * followed by two hexadecimal digits or when the result holds a NUL or is not UTF-8; the text is
 * then of no use.
 */
bool uri_decode(char *text, bool plus_is_space);

/*
 * Takes apart the path of a request as the client sent it, `length` bytes that begin with '/',
 * without a query. One slash at its end is dropped, if not encoded; what is between the other
 * slashes is kept, even when empty. "/" has no segment. The array belongs to `ctx`. On failure
 * *path is empty.
 */
enum uri_result uri_split_path(TALLOC_CTX *ctx, const char *raw, size_t length,
                               struct uri_path *path);

/*
 * Takes apart a query or the body of a form, `length` bytes. Pieces between '&' that are empty are
 * skipped; a piece without '=' is a name whose value is empty. The array belongs to `ctx`. On
 * failure *form is empty.
 */
enum uri_result uri_parse_form(TALLOC_CTX *ctx, const char *text, size_t length,
                               struct uri_form *form);

/*
 * Encodes a text for use in any part of a URI: RFC 3986's unreserved characters stay, every other
 * byte becomes %XX. The result belongs to `ctx`; NULL: out of memory.
 */
char *uri_encode(TALLOC_CTX *ctx, const char *text);

#endif
