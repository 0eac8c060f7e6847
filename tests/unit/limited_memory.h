/*
 * For tests of what happens when memory runs out, in talloc's part and in libxml2's.
 */
#ifndef LEAP_TESTS_LIMITED_MEMORY_H
#define LEAP_TESTS_LIMITED_MEMORY_H

#include <libxml/parser.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

/* Lets `ctx` and what it owns grow to at most `size` bytes. */
static inline bool limit_talloc(TALLOC_CTX *ctx, size_t size)
{
    /* Deprecated since few use it, without a successor. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    return talloc_set_memlimit(ctx, size) == 0;
#pragma GCC diagnostic pop
}

/* What libxml2's allocations do: how many succeed before one fails, and whether all after it fail
 * too. */
static struct {
    bool limited;
    bool for_good;
    unsigned long left;
    unsigned long failed;
} libxml2_memory;

static inline void limit_libxml2(unsigned long allocations, bool for_good)
{
    libxml2_memory.limited = true;
    libxml2_memory.for_good = for_good;
    libxml2_memory.left = allocations;
    libxml2_memory.failed = 0;
}

/* Ends the limit. Returns whether an allocation has failed. */
static inline bool unlimit_libxml2(void)
{
    libxml2_memory.limited = false;
    return libxml2_memory.failed > 0;
}

static inline bool libxml2_allocation_fails(void)
{
    if (!libxml2_memory.limited || (libxml2_memory.failed > 0 && !libxml2_memory.for_good))
        return false;
    if (libxml2_memory.left > 0) {
        libxml2_memory.left--;
        return false;
    }
    libxml2_memory.failed++;
    return true;
}

static inline void *limited_malloc(size_t size)
{
    return libxml2_allocation_fails() ? NULL : malloc(size);
}

static inline void *limited_realloc(void *memory, size_t size)
{
    return libxml2_allocation_fails() ? NULL : realloc(memory, size);
}

static inline char *limited_strdup(const char *text)
{
    return libxml2_allocation_fails() ? NULL : strdup(text);
}

/* Swallows what libxml2 would print when an allocation fails. */
__attribute__((format(printf, 2, 3))) static inline void ignore_message(void *context,
                                                                        const char *format, ...)
{
    (void)context;
    (void)format;
}

/* Makes libxml2 heed the limits. Called before anything else of libxml2. */
static inline void start_libxml2(void)
{
    xmlMemSetup(free, limited_malloc, limited_realloc, limited_strdup);
    xmlInitParser();
    xmlSetGenericErrorFunc(NULL, ignore_message);
}

#endif
