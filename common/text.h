/*
 * Strings as the API sees them: UTF-8 (RFC 3629), measured in code points, independent of any
 * locale. Unless a function says otherwise its text is well-formed UTF-8 that ends with a NUL.
 * Nothing here allocates or fails.
 */
#ifndef LEAP_TEXT_H
#define LEAP_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Sets of ASCII characters, for strspn and its like. */
#define TEXT_DIGITS "0123456789"
#define TEXT_ALPHANUMERIC "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" TEXT_DIGITS

/*
 * Whether `length` bytes are well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing
 * over U+10FFFF) without a NUL, so that they can be handled as a C string. No bytes at all are
 * well-formed.
 */
bool text_is_utf8(const char *bytes, size_t length);

/* The number of code points. */
size_t text_length(const char *utf8);

/*
 * Drops XML's white space (XML 1.0, production 3: space, tab, carriage return, line feed) from both
 * ends. The end is cut in place; returns the first character kept, which lies within `text`.
 */
char *text_trim(char *text);

/* Whether there is a control character: U+0001 to U+001F or U+007F to U+009F. */
bool text_has_control(const char *utf8);

/* Whether every character may stand in an XML 1.0 document (production 2). */
bool text_is_xml(const char *utf8);

/*
 * Whether this is a key of a company, community, field or API client:
 * [A-Za-z0-9][A-Za-z0-9._-]{0,63}. Any bytes.
 */
bool text_is_key(const char *text);

/* Writes two hexadecimal digits, in lower case, for each byte, and a NUL. */
void text_write_hex(char *hex, const unsigned char *bytes, size_t count);

/* Writes the texts, which NULL ends, one after the other, and a NUL. False: they do not fit in
 * `size` bytes. */
bool text_join(char *out, size_t size, const char *const *texts);

/* Whether a word is one of a list's, which are separated by single spaces. */
bool text_in_list(const char *word, const char *list);

/*
 * Reads an identifier, 1 to 18 decimal digits, leading zeros included, so that it fits into a
 * bigint. Any bytes. Returns false, leaving *out alone, when it is anything else.
 */
bool text_parse_identifier(const char *text, int64_t *out);

#endif
