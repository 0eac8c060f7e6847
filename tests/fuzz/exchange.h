/*
 * A request and its reply in memory, as a web server would send and get them by FastCGI: the
 * program serves it in this process.
 */
#ifndef LEAP_FUZZ_EXCHANGE_H
#define LEAP_FUZZ_EXCHANGE_H

#include "cgi/gateway.h"

#include <stdint.h>
#include <talloc.h>

enum { EXCHANGE_VARIABLES = 64 };

struct exchange {
    struct gateway gateway;
    const char *method;
    int status;       /* of the reply */
    const char *head; /* the reply's lines of header fields, each with its CRLF */
    const char *body;
    size_t body_length;
    FCGX_Request fastcgi;
    FCGX_Stream in;
    FCGX_Stream out;
    char *variables[EXCHANGE_VARIABLES + 1];
    size_t variable_count;
};

/* The host that the company of the targets is served at. */
#define EXCHANGE_HOST "fuzz.leap.localhost"

/* A request of this host, without credentials. `target` is the request line's. */
struct exchange *exchange_new(TALLOC_CTX *ctx, const char *method, const char *target);

/* Sets a CGI variable; of two with one name the first counts. */
void exchange_set(struct exchange *exchange, const char *name, const char *value);

/* Credentials that a client proves itself with, as name:secret. */
void exchange_set_client(struct exchange *exchange, const char *pair);

/* The body; the bytes outlive the exchange. */
void exchange_set_body(struct exchange *exchange, const uint8_t *bytes, size_t length);

/* Has the request served, and asserts what holds for every reply. */
void exchange_run(struct exchange *exchange);

/* The value of a header field of the reply; NULL where there is none. */
char *exchange_header(struct exchange *exchange, const char *name);

#endif
