/*
 * For tests of what happens when an allocation fails, whoever makes it: each of a piece of work in
 * turn, alone and with all after it.
 */
#ifndef LEAP_TESTS_FAILING_WORK_H
#define LEAP_TESTS_FAILING_WORK_H

#include "tests/preload/failing_allocation.h"

#include <stdbool.h>

/* What came of the work: done rightly, refused for want of memory as it should be, or neither. */
enum work { WORK_DONE, WORK_REFUSED, WORK_WRONG };

typedef enum work work_done(void);

/* The allocations from now on fail as the plan says, until memory_returns(). */
static inline void memory_fails(uint64_t first, uint64_t last)
{
    allocation_plan->count = 0;
    allocation_plan->last = last;
    allocation_plan->first = first;
}

static inline void memory_returns(void)
{
    allocation_plan->first = 0;
}

/*
 * Does the work until none of its allocations has failed. `work` calls memory_returns() when it has
 * what it wants to look at. Asserts that it was done or refused each time, refused at least once,
 * and done in the end.
 */
static inline void fail_in_turn(work_done *work, bool for_good)
{
    enum work came = WORK_REFUSED;
    uint64_t refused = 0;
    bool failed = true;

    memory_returns();
    assert_int_equal(work(), WORK_DONE); /* also so that libraries are set up */
    for (uint64_t number = 1; failed; number++) {
        memory_fails(number, for_good ? UINT64_MAX : number);
        came = work();
        memory_returns();
        failed = allocation_plan->count >= number;
        if (came == WORK_WRONG)
            fail_msg("wrong where allocation %u fails", (unsigned)number);
        refused += came == WORK_REFUSED;
    }
    assert_int_equal(came, WORK_DONE);
    assert_true(refused > 0);
}

static inline void fail_each(work_done *work)
{
    fail_in_turn(work, false);
    fail_in_turn(work, true);
}

#endif
