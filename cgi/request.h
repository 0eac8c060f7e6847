/*
 * A request as the operations see it: CGI variables become checked values. The body is not read
 * before an operation asks for it, which none does before the sender is authenticated.
 */
#ifndef LEAP_REQUEST_H
#define LEAP_REQUEST_H

#include "cgi/gateway.h"
#include "cgi/refusal.h"
#include "cgi/worker.h"
#include "common/authentication.h"
#include "common/database.h"
#include "common/uri.h"

#include <stdbool.h>
#include <stdint.h>
#include <talloc.h>

enum {
    BODY_MAX_BYTES = 1024 * 1024,
    ROUTE_VALUES = 2, /* the most values that a path holds */
};

struct operation;

/* It is a talloc context: all that belongs to the request hangs on it and is freed with it. */
struct request {
    struct worker *worker;
    const struct gateway *gateway;
    int64_t queued;   /* how long it waited for a worker, in microseconds */
    int64_t started;  /* times of clock_now() */
    int64_t deadline; /* when the database must have answered */
    const char *method;
    const char *host; /* lower case, without port and trailing dot; "" where it can be no name */
    const char *base_url; /* as the client addressed it, up to /api/v1 */
    const char *request_id;
    const char *client_address;
    const char *body; /* NULL before it is read */
    size_t body_length;
    const char *charset;   /* of the body's media type; NULL where it has none */
    bool may_check_health; /* says the web server of the sender */
    struct uri_path path;
    struct uri_form query;
    bool query_malformed;
    const struct operation *operation;
    const char *allow; /* the methods of a path that does not have this one; else NULL */
    const char *values[ROUTE_VALUES]; /* the path's values, trimmed, in their order */
    const struct credentials *credentials;
    const struct caller *caller; /* NULL before access was asked for */
    struct refusal refusal;
};

/*
 * Reads the CGI variables. A path that cannot be decoded is recorded as a refusal. NULL: out of
 * memory. The result belongs to `ctx`; strings of the gateway are not copied and live as long as it
 * does.
 */
struct request *request_new(TALLOC_CTX *ctx, struct worker *worker, const struct gateway *gateway);

/* A query parameter's value, trimmed by route_find; NULL where it was not given. The first, where
 * there are several. */
const char *request_parameter(const struct request *request, const char *name);

/* Refuses (415) what is not an XML media type, and any Content-Encoding; sets `charset` (RFC 7303).
 */
bool request_expect_xml(struct request *request);

/* Refuses (415) what is not application/x-www-form-urlencoded, and any Content-Encoding. */
bool request_expect_form(struct request *request);

/* Reads the body whole, at most BODY_MAX_BYTES, into `body` and `body_length`. False: refused. */
bool request_read_body(struct request *request);

#endif
