/*
 * What holds for every reply of the API, whatever was asked.
 */
#ifndef LEAP_FUZZ_REPLY_CHECK_H
#define LEAP_FUZZ_REPLY_CHECK_H

#include "tests/fuzz/exchange.h"

/*
 * Asserts that the status, the header fields and the error code are of those that the API has and
 * go together; that the body is well-formed XML of the API's namespace, and an error one with a
 * code, a message and good xpaths; and that the service did not fail (503, 500).
 */
void reply_check(struct exchange *exchange);

#endif
