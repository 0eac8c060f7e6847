/*
 * The kinds of single values that a customer's account is made of. Each check takes well-formed
 * UTF-8 that has been trimmed, and returns NULL when the value is good, else an English sentence
 * that says what to do; the sentence is static and never repeats the value. Whether a value may be
 * absent or empty is the caller's matter.
 */
#ifndef LEAP_VALUE_H
#define LEAP_VALUE_H

#include <stddef.h>
#include <time.h>

/* The length of "YYYY-MM-DD" with its NUL. */
#define VALUE_DATE_SIZE 11

/* One line: at most `maximum` code points, all of them allowed in XML, no control character. */
const char *value_check_text(const char *utf8, size_t maximum);

/*
 * As value_check_text, but the control characters that XML allows (tab, line breaks, U+007F to
 * U+009F) may occur.
 */
const char *value_check_lines(const char *utf8, size_t maximum);

/*
 * A valid e-mail address as HTML defines it (WHATWG, input type=email; ASCII), of at most 254
 * characters.
 */
const char *value_check_email(const char *utf8);

/*
 * A day in the form YYYY-MM-DD that exists in the Gregorian calendar, from 1870-01-01 to the day of
 * `now` in UTC. A time zone as XML Schema writes it (Z, or +hh:mm or -hh:mm up to 14:00) may follow
 * and counts for nothing. When the value is good, `normal` gets its day without the time zone; else
 * it is left alone.
 */
const char *value_check_date(const char *utf8, time_t now, char normal[VALUE_DATE_SIZE]);

/*
 * A phone number as people write it: one line of at most 40 code points, at least one of them an
 * ASCII digit.
 */
const char *value_check_phone(const char *utf8);

/*
 * An external identifier: one line of at most 64 code points, in which no part between slashes is
 * "." or "..", which clients and web servers take for steps in the path even when they are encoded
 * (RFC 3986, 6.2.2.3).
 */
const char *value_check_extid(const char *utf8);

/* MALE or FEMALE. */
const char *value_check_gender(const char *utf8);

#endif
