/*
 * The 3,000 most common passwords of a length that password_check would accept. Their source is
 * made when the program is built, by common_passwords.py.
 */
#ifndef LEAP_PASSWORD_COMMON_H
#define LEAP_PASSWORD_COMMON_H

#include <stddef.h>

/* Case-folded, each once, in the order of strcmp. */
extern const char *const password_common[];
extern const size_t password_common_count;

#endif
