/*
 * Makes allocations of a process fail, as a plan says that may change while it runs, so that one
 * process is tried again and again. Preloaded into a program, which maps the plan from the file
 * that FAILING_ALLOCATIONS names; or linked into a test.
 */
#ifndef LEAP_TESTS_FAILING_ALLOCATION_H
#define LEAP_TESTS_FAILING_ALLOCATION_H

#include <stdint.h>

/* Allocations are counted from when `count` was set to zero; the first is number 1. */
struct allocation_plan {
    uint64_t first; /* the numbers of those that fail: from this one, 0 for none, */
    uint64_t last;  /* to this one */
    uint64_t count;
};

extern volatile struct allocation_plan *allocation_plan;

#endif
