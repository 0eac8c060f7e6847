/*
 * Inputs that are a body: its first line is the media type, empty for none, the rest the body.
 */
#ifndef LEAP_FUZZ_DOCUMENT_H
#define LEAP_FUZZ_DOCUMENT_H

#include "tests/fuzz/exchange.h"

/* Sends the input to a path below the base URL, and returns the reply's exchange. */
struct exchange *document_send(TALLOC_CTX *ctx, const char *method, const char *path,
                               const uint8_t *data, size_t size);

#endif
