#include "cgi/gateway.h"

#include <errno.h>
#include <fastcgi.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
    LIBFCGI_RECORD = 8192,
    /* The most that is a multiple of eight, as the FastCGI specification asks for, section 3.3. */
    LARGEST_RECORD = FCGI_MAX_LENGTH & ~7,
};

struct gateway gateway_fastcgi(FCGX_Request *request)
{
    return (struct gateway){.fastcgi = request};
}

struct gateway gateway_cgi(void)
{
    return (struct gateway){.fastcgi = NULL};
}

const char *gateway_variable(const struct gateway *gateway, const char *name)
{
    if (gateway->fastcgi != NULL)
        return FCGX_GetParam(name, gateway->fastcgi->envp);
    return getenv(name);
}

size_t gateway_read(const struct gateway *gateway, char *bytes, size_t size)
{
    ssize_t count;

    if (gateway->fastcgi != NULL) {
        int got = FCGX_GetStr(bytes, size < INT_MAX ? (int)size : INT_MAX, gateway->fastcgi->in);

        return got > 0 ? (size_t)got : 0;
    }
    do
        count = read(STDIN_FILENO, bytes, size);
    while (count < 0 && errno == EINTR);
    return count > 0 ? (size_t)count : 0;
}

bool gateway_broke_off(const struct gateway *gateway)
{
    return gateway->fastcgi != NULL && FCGX_GetError(gateway->fastcgi->in) != 0;
}

static bool write_all(int descriptor, struct iovec *parts, int count)
{
    while (count > 0) {
        ssize_t written = writev(descriptor, parts, count);
        size_t left;

        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        left = (size_t)written;
        for (; count > 0 && left >= parts->iov_len; parts++, count--)
            left -= parts->iov_len;
        if (count > 0) {
            parts->iov_base = (char *)parts->iov_base + left;
            parts->iov_len -= left;
        }
    }
    return true;
}

static struct iovec part_of(const void *bytes, size_t length)
{
    return (struct iovec){.iov_base = (void *)(uintptr_t)bytes, .iov_len = length};
}

/*
 * Writes what is large in records of the largest size. libfcgi's, of 8 KiB, are a call of the
 * system each, here and in the web server: a tenth of what a list of a hundred accounts takes. Its
 * header calls the descriptor its own, but has no other way to it; the stream is flushed, and holds
 * nothing back.
 */
static bool write_records(const FCGX_Request *request, const char *bytes, size_t length)
{
    while (length > 0) {
        size_t size = length < LARGEST_RECORD ? length : LARGEST_RECORD;
        const FCGI_Header header = {
            .version = FCGI_VERSION_1,
            .type = FCGI_STDOUT,
            .requestIdB1 = (unsigned char)(request->requestId >> 8),
            .requestIdB0 = (unsigned char)request->requestId,
            .contentLengthB1 = (unsigned char)(size >> 8),
            .contentLengthB0 = (unsigned char)size,
        };
        struct iovec parts[] = {part_of(&header, sizeof header), part_of(bytes, size)};

        if (!write_all(request->ipcFd, parts, 2))
            return false;
        bytes += size;
        length -= size;
    }
    return true;
}

bool gateway_write(const struct gateway *gateway, const char *bytes, size_t length)
{
    FCGX_Request *request = gateway->fastcgi;
    struct iovec whole = part_of(bytes, length);

    if (request == NULL)
        return length == 0 || write_all(STDOUT_FILENO, &whole, 1);
    if (length <= LIBFCGI_RECORD)
        return FCGX_PutStr(bytes, (int)length, request->out) == (int)length;
    return FCGX_FFlush(request->out) == 0 && write_records(request, bytes, length);
}

/* True: the web server has nothing more to send. A body is not waited for. */
static bool is_read_whole(const FCGX_Request *request)
{
    const char *length = FCGX_GetParam("CONTENT_LENGTH", request->envp);

    return (length == NULL || *length == '\0' || strcmp(length, "0") == 0) &&
           FCGX_GetParam("HTTP_TRANSFER_ENCODING", request->envp) == NULL &&
           FCGX_GetChar(request->in) == EOF && FCGX_GetError(request->in) == 0;
}

/*
 * libfcgi waits up to two seconds for the web server to hang up first, since the kernel takes the
 * reply back from a connection that is closed with something unread. Where nothing is, a detached
 * request spares the worker the wait, and three system calls.
 */
void gateway_finish(const struct gateway *gateway)
{
    if (is_read_whole(gateway->fastcgi))
        FCGX_Detach(gateway->fastcgi);
    FCGX_Finish_r(gateway->fastcgi);
}
