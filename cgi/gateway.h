/*
 * The web server's side of a request: CGI variables (RFC 3875) and the body come in, the reply goes
 * out, by FastCGI or by plain CGI.
 */
#ifndef LEAP_GATEWAY_H
#define LEAP_GATEWAY_H

#include <fcgiapp.h>
#include <stdbool.h>
#include <stddef.h>

struct gateway;

/* A gateway for the request that FCGX_Accept_r accepted; `request` outlives it. */
struct gateway gateway_fastcgi(FCGX_Request *request);

/* A gateway for the one request of a plain CGI process: the environment, descriptors 0 and 1. */
struct gateway gateway_cgi(void);

/* The value of a CGI variable, owned by the gateway; NULL where it is not there. */
const char *gateway_variable(const struct gateway *gateway, const char *name);

/* Reads up to `size` bytes of the body. Returns how many; 0 at its end or when the client is gone.
 */
size_t gateway_read(const struct gateway *gateway, char *bytes, size_t size);

/* True: the web server hung up before it had sent the body whole. */
bool gateway_broke_off(const struct gateway *gateway);

/* Writes bytes of the reply. False: the client is gone. */
bool gateway_write(const struct gateway *gateway, const char *bytes, size_t length);

/* Sends the end of the reply to a FastCGI request, and closes its connection. Not for plain CGI. */
void gateway_finish(const struct gateway *gateway);

struct gateway {
    FCGX_Request *fastcgi; /* NULL: plain CGI */
};

#endif
