/*
 * The clock by which deadlines are kept and waiting is measured.
 */
#ifndef LEAP_CLOCK_H
#define LEAP_CLOCK_H

#include <stdint.h>

/* The monotonic clock, in microseconds. */
int64_t clock_now(void);

/* How long ago a time of day was, in microseconds. `time` is in seconds since 1970 with a fraction
 * of any length, "1795563000.123". 0 where it is no such time, not yet past, or over a minute ago
 * (then a clock was set). */
int64_t clock_since(const char *time);

#endif
