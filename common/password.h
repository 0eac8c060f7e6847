/*
 * Passwords of customers: which are strong enough (NIST SP 800-63B, 5.1.1.2) and what is stored of
 * them (scrypt, RFC 7914, in the PHC string format). Copies of a password that these functions make
 * are wiped.
 */
#ifndef LEAP_PASSWORD_H
#define LEAP_PASSWORD_H

#include <stdbool.h>
#include <talloc.h>

/*
 * What one hash costs: N = 2^ln rounds, blocks of 128 * r bytes, p times. It needs 128 * r * N
 * bytes of memory.
 */
struct password_cost {
    unsigned ln;
    unsigned r;
    unsigned p;
};

/* The cost to use unless told otherwise, for password_parse_cost: 16 MiB, about 0.2 seconds. */
#define PASSWORD_DEFAULT_COST "ln=14,r=8,p=5"

/*
 * Whether a password (well-formed UTF-8, as sent) is strong enough. It must have 8 to 128 code
 * points, must not be one of the 3,000 most common passwords, and must not be one of the account's
 * own values with nothing but digits around it; all compared without case. Where `minimum_score` (0
 * to 4) is over 0 its score must reach it: 1, 2, 3, 4 for more than 10^3, 10^6, 10^8, 10^10 guesses
 * as libzxcvbn estimates them, the own values being known words.
 *
 * `own` ends with NULL: e-mail address, names, full name; an empty one is skipped.
 *
 * Returns NULL when it is strong enough, else a static English sentence that says what to do.
 * Without memory the result is NULL too and *no_memory true, which the caller has to look at first;
 * otherwise *no_memory is false.
 */
const char *password_check(const char *password, const char *const *own, int minimum_score,
                           bool *no_memory);

/*
 * Reads a cost of the form "ln=14,r=8,p=5". Returns false, leaving *cost alone, for anything else,
 * for less than the OWASP Password Storage Cheat Sheet asks for, and for a work of more than 1 GiB
 * (128 * r * N * p, some three seconds).
 */
bool password_parse_cost(const char *text, struct password_cost *cost);

/*
 * Hashes the bytes of a password with a new random salt of 16 bytes to
 * "$scrypt$ln=14,r=8,p=5$SALT$HASH": base64 (RFC 4648) without padding, a hash of 32 bytes. The
 * string belongs to `ctx`. NULL: out of memory, or no random numbers to be had.
 */
char *password_hash(TALLOC_CTX *ctx, const char *password, const struct password_cost *cost);

#endif
