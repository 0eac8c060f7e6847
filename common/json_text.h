/*
 * JSON (RFC 8259) as the database gives and takes it. It is not read by jansson, which overruns its
 * buffers when memory runs out within a string; nor does what PostgreSQL wrote need checking.
 */
#ifndef LEAP_JSON_TEXT_H
#define LEAP_JSON_TEXT_H

#include <jansson.h>
#include <talloc.h>

/* Writes an array or object without white space, and frees it; NULL is allowed. The text belongs to
 * `ctx`. NULL: out of memory. */
char *json_text_write(TALLOC_CTX *ctx, json_t *value);

/*
 * Replaces an array or object that PostgreSQL wrote by its names, strings and numbers, in their
 * order, decoded, each ended by a NUL; null becomes an empty one. It gets no longer. Returns the
 * end: where the last one's NUL is passed.
 */
const char *json_text_flatten(char *text);

#endif
