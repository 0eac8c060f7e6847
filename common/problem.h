/*
 * What is wrong with a document that a client sent: the field errors of a reply.
 */
#ifndef LEAP_PROBLEM_H
#define LEAP_PROBLEM_H

#include <stdbool.h>
#include <stddef.h>
#include <talloc.h>

enum hint {
    HINT_REQUIRED,  /* absent, empty or only white space */
    HINT_INVALID,   /* malformed, too long, unknown, not allowed here */
    HINT_DUPLICATE, /* already used elsewhere, or given twice */
    HINT_WEAK,      /* a password that is too easy to guess */
};

/* The value of `errorhint` for a hint: "required", "invalid", "duplicate" or "weak". Static. */
const char *hint_name(enum hint hint);

/* One field error. `rank` is the field's place in the document's order, `serial` counts arrivals.
 */
struct problem {
    unsigned rank;
    unsigned serial;
    enum hint hint;
    const char *xpath;
    const char *detail;
};

enum { PROBLEMS_MAXIMUM = 100 };

/* The problems of one document, at most PROBLEMS_MAXIMUM: the first by rank, then by arrival. */
struct problems;

/* An empty list, owned by `ctx`. NULL: out of memory. */
struct problems *problems_new(TALLOC_CTX *ctx);

/*
 * Adds a problem, unless it would come after the last of a full list or the list has this xpath
 * with this hint already. `xpath` and `detail` are copied. Returns false when out of memory, with
 * the list as it was.
 */
bool problems_add(struct problems *problems, unsigned rank, enum hint hint, const char *xpath,
                  const char *detail);

/*
 * The same, but the xpath is what these parts, up to NULL, make together: a string is
 * made only where it is new, which spares a document with a hundred thousand problems as many.
 */
bool problems_add_parts(struct problems *problems, unsigned rank, enum hint hint,
                        const char *const parts[], const char *detail);

/*
 * The same for an xpath of `path`, `step` ("/", "/@") and `name`, where a problem of the same rank
 * and hint whose three strings have the same addresses has the same xpath, as long as the list
 * lives: names that libxml2 hands out are so. A second such problem is told by that alone.
 */
bool problems_add_named(struct problems *problems, unsigned rank, enum hint hint, const char *path,
                        const char *step, const char *name, const char *detail);

/* The parts of an xpath, as problems_add_parts takes them. */
#define XPATH_PARTS(...)                                                                           \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }

/* Whether a problem of this rank would come after the last of a full list, and so is not kept. */
bool problems_full(const struct problems *problems, unsigned rank);

/* How many problems the list holds, 0 to PROBLEMS_MAXIMUM. */
size_t problems_count(const struct problems *problems);

/* The problem at place `index`, counted from 0 and less than problems_count, in the order of rank
 * and then of arrival. It belongs to the list and is valid until the next problems_add. */
const struct problem *problems_get(const struct problems *problems, size_t index);

/*
 * The XPath of the element at `path` that has this attribute value: /a/field[@key='shoe-size']. A
 * literal of XPath 1.0 has no escapes, so the quotes are chosen by what the value holds, and a
 * value with both kinds becomes concat('…', "'", '…'). The string belongs to `ctx`. NULL: out of
 * memory.
 */
char *xpath_with_key(TALLOC_CTX *ctx, const char *path, const char *attribute, const char *value);

#endif
