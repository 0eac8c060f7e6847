#include "common/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <time.h>

enum { SECOND = 1000000, TEXT_BYTES = 64 };

/* What a time so many seconds ago is ago. */
static int64_t since(double ago)
{
    char text[TEXT_BYTES];
    struct timespec now;

    assert_int_equal(clock_gettime(CLOCK_REALTIME, &now), 0);
    snprintf(text, sizeof text, "%.6f", (double)now.tv_sec + (double)now.tv_nsec / 1e9 - ago);
    return clock_since(text);
}

static void a_time_of_the_last_minute_is_so_long_ago(void **state)
{
    (void)state;
    assert_in_range(since(0.25), SECOND / 4 - 10, 10 * SECOND);
    assert_in_range(since(30), 30 * SECOND - 10, 40 * SECOND);
}

static void any_other_time_is_not_believed(void **state)
{
    static const char *const none[] = {"",      "nan",       "inf",       "-inf",
                                       "1e400", "yesterday", "1795563000"};

    (void)state;
    assert_int_equal(since(61), 0);
    assert_int_equal(since(-10), 0);
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_int_equal(clock_since(none[i]), 0);
}

static void the_clock_of_deadlines_goes_on(void **state)
{
    int64_t before = clock_now();

    (void)state;
    assert_true(before > 0);
    assert_true(clock_now() >= before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_time_of_the_last_minute_is_so_long_ago),
        cmocka_unit_test(any_other_time_is_not_believed),
        cmocka_unit_test(the_clock_of_deadlines_goes_on),
    };

    return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
