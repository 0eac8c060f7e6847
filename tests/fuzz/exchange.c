#include "tests/fuzz/exchange.h"

#include "cgi/configuration.h"
#include "cgi/serve.h"
#include "cgi/worker.h"
#include "tests/fuzz/reply_check.h"

#include <assert.h>
#include <fastcgi.h>
#include <libxml/parser.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { OUT_BYTES = 4096, REQUEST_ID = 0x0102 };

/* The worker lives as long as the process, as it does in production. Its passwords cost next to
 * nothing. */
static struct worker *worker(void)
{
    static const struct configuration configuration = {.prepared = true,
                                                       .password_cost = {.ln = 1, .r = 1, .p = 1}};
    static struct worker *made;

    if (made == NULL) {
        xmlInitParser();
        made = worker_new(NULL, &configuration);
        assert(made != NULL);
    }
    return made;
}

static void end_of_body(FCGX_Stream *in)
{
    in->isClosed = 1;
}

/* Makes room for `size` more bytes of the reply. */
static void make_room(FCGX_Stream *out, size_t size)
{
    struct exchange *exchange = out->data;
    size_t used = (size_t)(out->wrNext - (unsigned char *)exchange->head);
    char *bytes = talloc_realloc_size(exchange, (char *)exchange->head, used + size);

    assert(bytes != NULL);
    exchange->head = bytes;
    out->wrNext = (unsigned char *)bytes + used;
    out->stop = out->rdNext = (unsigned char *)bytes + used + size;
}

static void grow(FCGX_Stream *out, int is_last)
{
    (void)is_last;
    make_room(out, OUT_BYTES);
}

struct exchange *exchange_new(TALLOC_CTX *ctx, const char *method, const char *target)
{
    struct exchange *exchange = talloc_zero(ctx, struct exchange);

    assert(exchange != NULL);
    exchange->method = method;
    exchange->in = (FCGX_Stream){.isReader = 1, .fillBuffProc = end_of_body};
    exchange->out = (FCGX_Stream){.emptyBuffProc = grow, .data = exchange};
    exchange->fastcgi.requestId = REQUEST_ID;
    exchange->fastcgi.in = &exchange->in;
    exchange->fastcgi.out = &exchange->out;
    exchange->fastcgi.envp = exchange->variables;
    exchange->gateway = gateway_fastcgi(&exchange->fastcgi);
    exchange_set(exchange, "REQUEST_METHOD", method);
    exchange_set(exchange, "REQUEST_URI", target);
    exchange_set(exchange, "REQUEST_SCHEME", "https");
    return exchange;
}

void exchange_set(struct exchange *exchange, const char *name, const char *value)
{
    char *variable;

    if (exchange->variable_count == EXCHANGE_VARIABLES)
        return;
    variable = talloc_asprintf(exchange, "%s=%s", name, value);
    assert(variable != NULL);
    exchange->variables[exchange->variable_count++] = variable;
}

void exchange_set_client(struct exchange *exchange, const char *pair)
{
    char header[512] = "Basic ";

    assert(strlen(pair) < 256);
    EVP_EncodeBlock((unsigned char *)header + strlen(header), (const unsigned char *)pair,
                    (int)strlen(pair));
    exchange_set(exchange, "HTTP_AUTHORIZATION", header);
}

void exchange_set_body(struct exchange *exchange, const uint8_t *bytes, size_t length)
{
    char number[32];

    exchange->in.rdNext = exchange->in.stopUnget = (unsigned char *)(uintptr_t)bytes;
    exchange->in.stop = exchange->in.wrNext = exchange->in.rdNext + length;
    snprintf(number, sizeof number, "%zu", length);
    exchange_set(exchange, "CONTENT_LENGTH", number);
}

/* Adds what came in records of its own, behind what went through the stream: all of them of one
 * kind, and the last ends where the file does. */
static void read_records(struct exchange *exchange)
{
    FCGI_Header header;
    FCGX_Stream *out = &exchange->out;

    assert(lseek(exchange->fastcgi.ipcFd, 0, SEEK_SET) == 0);
    while (read(exchange->fastcgi.ipcFd, &header, sizeof header) == (ssize_t)sizeof header) {
        ssize_t length = header.contentLengthB1 << 8 | header.contentLengthB0;

        assert(header.version == FCGI_VERSION_1 && header.type == FCGI_STDOUT);
        assert(header.requestIdB1 << 8 == (REQUEST_ID & 0xff00) &&
               header.requestIdB0 == (REQUEST_ID & 0xff));
        assert(length > 0 && header.paddingLength == 0);
        make_room(out, (size_t)length);
        assert(read(exchange->fastcgi.ipcFd, out->wrNext, (size_t)length) == length);
        out->wrNext += length;
    }
}

/* Takes apart what was sent: a line with the status, header fields, an empty line, the body. */
static void read_reply(struct exchange *exchange)
{
    char *bytes = (char *)exchange->head;
    size_t length = (size_t)(exchange->out.wrNext - (unsigned char *)bytes);
    char *end = bytes != NULL ? memmem(bytes, length, "\r\n\r\n", 4) : NULL;

    assert(end != NULL);
    assert(sscanf(bytes, "Status: %3d ", &exchange->status) == 1);
    exchange->body = end + 4;
    exchange->body_length = length - (size_t)(end + 4 - bytes);
    end[2] = '\0';
}

void exchange_run(struct exchange *exchange)
{
    exchange_set(exchange, "HTTP_HOST", EXCHANGE_HOST);
    exchange->fastcgi.ipcFd = memfd_create("reply", MFD_CLOEXEC);
    assert(exchange->fastcgi.ipcFd >= 0);
    serve(worker(), &exchange->gateway);
    read_records(exchange);
    close(exchange->fastcgi.ipcFd);
    read_reply(exchange);
    reply_check(exchange);
}

char *exchange_header(struct exchange *exchange, const char *name)
{
    size_t length = strlen(name);

    for (const char *line = exchange->head; *line != '\0'; line = strstr(line, "\r\n") + 2)
        if (strncmp(line, name, length) == 0 && line[length] == ':')
            return talloc_strndup(exchange, line + length + 2, strcspn(line + length + 2, "\r"));
    return NULL;
}
