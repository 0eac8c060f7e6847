/*
 * The reply: status, header fields, and the documents that are not accounts.
 */
#ifndef LEAP_REPLY_H
#define LEAP_REPLY_H

#include "cgi/request.h"
#include "common/xml_writer.h"

#include <stdbool.h>
#include <stddef.h>

#define LEAP_NAMESPACE "http://schema.majitek.com/leap-ws-v1.0"

enum { REPLY_HEADERS = 8 };

struct reply {
    int status;
    const char *reason; /* NULL: the status' own */
    struct {
        const char *name;
        const char *value;
    } headers[REPLY_HEADERS];
    size_t header_count;
    const char *body; /* NULL: none */
    size_t length;
};

/* An account as references name it. `extid` and `version` may be NULL. */
struct reference {
    const char *identifier;
    const char *extid;
    const char *version;
};

/* The account of a result's first row, which has the columns identifier, extid and version; it
 * lives as long as the result. */
struct reference reply_reference_of(const PGresult *result);

/* A reply without a status; belongs to `ctx`. NULL: out of memory. */
struct reply *reply_new(TALLOC_CTX *ctx);

/* Adds a header field; the value is copied. False: out of memory. */
bool reply_header(struct reply *reply, const char *name, const char *value);

/* Makes the writer's document the body. False: refused, for memory. */
bool reply_document(struct request *request, struct reply *reply, int status,
                    struct xml_writer *writer);

/* The URL of an account: the base URL as requested, and its identifier. NULL: out of memory. */
const char *reply_account_url(struct request *request, const char *identifier);

/* A <ref> document; `reason` may be NULL. False: refused, for memory. */
bool reply_reference(struct request *request, struct reply *reply, int status, const char *reason,
                     const struct reference *reference);

/* The reply to a create: 201 with Location and a <ref>. False: refused, for memory. */
bool reply_created(struct request *request, struct reply *reply, const struct reference *reference);

/* Makes the reply, to which nothing was added yet, the error document of the request's refusal.
 * False: out of memory. */
bool reply_refusal(struct request *request, struct reply *reply);

/* Makes the reply the answer to OPTIONS: 204 with the methods of the path. False: out of memory. */
bool reply_options(struct request *request, struct reply *reply);

/* The status line and header fields as CGI has them (RFC 3875, 6.2), which belong to the request.
 * NULL: out of memory. */
const char *reply_head(struct request *request, const struct reply *reply);

/* Sends the head and the body, that not for HEAD. Where the client is gone the rest is not sent:
 * what was asked for is done all the same. */
void reply_send(const struct request *request, const struct reply *reply, const char *head);

#endif
