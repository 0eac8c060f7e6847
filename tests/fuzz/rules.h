/*
 * The rules for stored values, said a second time and as plainly as can be: what the targets hold
 * against the program's own checks. Text is well-formed UTF-8.
 */
#ifndef LEAP_FUZZ_RULES_H
#define LEAP_FUZZ_RULES_H

#include <stdbool.h>
#include <stddef.h>

/* Has 1 to `maximum` code points, all allowed in XML, and no white space of XML's around them. */
bool is_block(const char *text, size_t maximum);

/* Is a block without control characters. */
bool is_line(const char *text, size_t maximum);

/* Is a number of 1 to `maximum` decimal digits. */
bool is_digits(const char *text, size_t maximum);

/* Is a line of at most 64 code points without the path segments . and .. */
bool is_extid(const char *text);

/* Is a real day, written as YYYY-MM-DD, from 1870 to today. */
bool is_birthday(const char *text);

/* Is ASCII with one @ and something before it, a host name behind it; at most 254 characters. */
bool is_email(const char *text);

#endif
