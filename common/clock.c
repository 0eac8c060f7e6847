#include "common/clock.h"

#include <stdlib.h>
#include <time.h>

enum { MICROSECONDS = 1000000, BELIEVED = 60 };

int64_t clock_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * MICROSECONDS + now.tv_nsec / 1000;
}

int64_t clock_since(const char *time)
{
    struct timespec now;
    double ago;

    clock_gettime(CLOCK_REALTIME, &now);
    ago = (double)now.tv_sec + (double)now.tv_nsec / 1e9 - strtod(time, NULL);
    return ago > 0 && ago < BELIEVED ? (int64_t)(ago * MICROSECONDS) : 0;
}
