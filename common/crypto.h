/*
 * OpenSSL, as the other files of this directory use it.
 */
#ifndef LEAP_CRYPTO_H
#define LEAP_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>

enum { SHA256_BYTES = 32 };

/*
 * Uses once what will be used: random numbers, SHA-256, HMAC and scrypt. OpenSSL sets itself up
 * when it is first used, and does not try again what failed then for want of memory: a process that
 * is to last begins with this. False: it failed, and this process cannot do without.
 */
bool crypto_prepare(void);

/* Writes the SHA-256 (FIPS 180-4) of some bytes. False: out of memory. */
bool crypto_sha256(const void *bytes, size_t length, unsigned char digest[SHA256_BYTES]);

#endif
