/*
 * OpenSSL, as the other files of this directory use it.
 */
#ifndef LEAP_CRYPTO_H
#define LEAP_CRYPTO_H

#include <stdbool.h>

/*
 * Uses once what will be used: random numbers, SHA-256, HMAC and scrypt. OpenSSL sets itself up
 * when it is first used, and does not try again what failed then for want of memory: a process that
 * is to last begins with this. False: it failed, and this process cannot do without.
 */
bool crypto_prepare(void);

#endif
