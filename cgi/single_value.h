/*
 * The documents that hold one value: an element in a root element.
 */
#ifndef LEAP_SINGLE_VALUE_H
#define LEAP_SINGLE_VALUE_H

#include "cgi/request.h"
#include "common/problem.h"

struct single_value {
    const char *path;  /* xpath of the value's element */
    const char *value; /* trimmed; "" where it is absent or empty */
    struct problems *problems;
};

/* Ranks of problems, in the order of the document. */
enum { SINGLE_RANK_ROOT, SINGLE_RANK_VALUE, SINGLE_RANK_UNKNOWN };

/*
 * Reads the request's body as <root><child>value</child></root>. What does not fit is in
 * `problems`. NULL: refused, with malformed XML or for memory. Owned by the request.
 */
struct single_value *single_value_read(struct request *request, const char *root,
                                       const char *child);

#endif
