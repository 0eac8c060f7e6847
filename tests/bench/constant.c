/*
 * The ceiling for a read: a worker that answers every request with what a file holds, the head of
 * the reply included. It accepts as the program does.
 *
 *   constant FILE      with the listening socket on descriptor 0
 */
#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>

enum { REPLY_MAXIMUM = 1024 * 1024 };

static char reply[REPLY_MAXIMUM];

static int read_reply(const char *path)
{
    FILE *file = fopen(path, "rb");
    size_t length = file != NULL ? fread(reply, 1, sizeof reply, file) : 0;

    if (file == NULL || ferror(file) || !feof(file) || fclose(file) != 0)
        return -1;
    return (int)length;
}

static int watch_listener(void)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLEXCLUSIVE};
    int epoll = epoll_create1(EPOLL_CLOEXEC);

    if (epoll < 0 || fcntl(0, F_SETFL, O_NONBLOCK) != 0 ||
        epoll_ctl(epoll, EPOLL_CTL_ADD, 0, &event) != 0)
        return -1;
    return epoll;
}

int main(int argc, char **argv)
{
    int length = argc == 2 ? read_reply(argv[1]) : -1;
    int epoll = watch_listener();
    FCGX_Request request;

    if (length < 0 || epoll < 0 || FCGX_Init() != 0 ||
        FCGX_InitRequest(&request, 0, FCGI_FAIL_ACCEPT_ON_INTR) != 0) {
        perror("constant");
        return EXIT_FAILURE;
    }
    for (;;) {
        struct epoll_event event;

        if (epoll_wait(epoll, &event, 1, -1) < 0 && errno != EINTR)
            return EXIT_FAILURE;
        if (FCGX_Accept_r(&request) != 0)
            continue;
        if (FCGX_PutStr(reply, length, request.out) != length)
            return EXIT_FAILURE;
        FCGX_Finish_r(&request);
    }
}
