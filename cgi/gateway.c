#include "cgi/gateway.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

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

bool gateway_write(const struct gateway *gateway, const char *bytes, size_t length)
{
    if (gateway->fastcgi != NULL)
        return FCGX_PutStr(bytes, (int)length, gateway->fastcgi->out) == (int)length;
    while (length > 0) {
        ssize_t count = write(STDOUT_FILENO, bytes, length);

        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return false;
        bytes += count;
        length -= (size_t)count;
    }
    return true;
}
