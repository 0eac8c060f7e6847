/*
 * Serves one request: hands it from stop to stop, sends the reply and logs it.
 */
#ifndef LEAP_SERVE_H
#define LEAP_SERVE_H

#include "cgi/gateway.h"
#include "cgi/worker.h"

/* Always replies, also when memory has run out; what the request took is freed as a whole. */
void serve(struct worker *worker, const struct gateway *gateway);

#endif
