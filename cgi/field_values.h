/*
 * The values of an account's additional fields, as PostgreSQL gives them: a jsonb object of
 * strings, which is the one kind of JSON that replies are made from. A general parser's tree took a
 * quarter of what a list costs.
 */
#ifndef LEAP_FIELD_VALUES_H
#define LEAP_FIELD_VALUES_H

#include <talloc.h>

struct field_values;

/* Reads jsonb's text of an object of strings. NULL: out of memory, or it is something else. Freed
 * by talloc_free. */
struct field_values *field_values_read(TALLOC_CTX *ctx, const char *json);

/* The value of a key; NULL where there is none. Owned by the values. */
const char *field_values_get(const struct field_values *values, const char *key);

#endif
