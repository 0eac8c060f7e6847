/*
 * The program: reads the configuration, and accepts requests.
 */
#include "cgi/configuration.h"
#include "cgi/gateway.h"
#include "cgi/serve.h"
#include "cgi/worker.h"
#include "common/crypto.h"
#include "common/log.h"
#include "common/wipe.h"

#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <libxml/parser.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LISTEN_BACKLOG = 1024, KEPT_BYTES = 4 * 1024 * 1024 };

/* What a worker waits for: a connection, or a signal that ends it after the request in hand. */
struct watch {
    int epoll;
    int signals; /* a signalfd of SIGTERM and SIGUSR1 */
};

/*
 * Waits for a connection. libfcgi loses one, and then spins, when a signal lands in its accept: so
 * the signals that end a worker are never let in, but read from a descriptor here, which is seen
 * under constant load too. False: the worker is to end.
 */
static bool wait_for_connection(const struct watch *watch)
{
    struct epoll_event events[2];
    int count = epoll_wait(watch->epoll, events, 2, -1);

    if (count < 0)
        return errno == EINTR;
    for (int i = 0; i < count; i++)
        if (events[i].data.fd == watch->signals)
            return false;
    return true;
}

static void serve_fastcgi(struct worker *worker, int listener, const struct watch *watch)
{
    FCGX_Request fastcgi;

    FCGX_InitRequest(&fastcgi, listener, FCGI_FAIL_ACCEPT_ON_INTR);
    while (wait_for_connection(watch)) {
        struct gateway gateway;
        int accepted = FCGX_Accept_r(&fastcgi);

        if (accepted == -EAGAIN || accepted == -EINTR)
            continue;
        if (accepted < 0) {
            log_event("cannot accept a request: error %d", -accepted);
            continue;
        }
        gateway = gateway_fastcgi(&fastcgi);
        serve(worker, &gateway);
        gateway_finish(&gateway);
        wipe_stack_and_registers();
    }
}

/* Blocks the signals that end a worker, and has a descriptor tell of them; -1: it failed. The
 * handlers that FCGX_Init installs for them never run. */
static int catch_signals(void)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigset_t set;

    sigemptyset(&ignore.sa_mask);
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGUSR1);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0 || sigaction(SIGPIPE, &ignore, NULL) != 0)
        return -1;
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static bool watch_for(int epoll, int descriptor, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.fd = descriptor};

    return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

/* Begins to watch the listening socket; one connection wakes one of the workers that share it. */
static bool watch_begin(struct watch *watch, int listener)
{
    int flags = fcntl(listener, F_GETFL);

    watch->epoll = epoll_create1(EPOLL_CLOEXEC);
    return flags >= 0 && watch->epoll >= 0 && fcntl(listener, F_SETFL, flags | O_NONBLOCK) == 0 &&
           watch_for(watch->epoll, listener, EPOLLIN | EPOLLEXCLUSIVE) &&
           watch_for(watch->epoll, watch->signals, EPOLLIN);
}

static int run_fastcgi(struct worker *worker, const char *path)
{
    struct watch watch = {.signals = catch_signals()};
    int listener = 0;

    if (watch.signals < 0 || FCGX_Init() != 0) {
        log_event("cannot start: %s", strerror(errno));
        return EXIT_FAILURE;
    }
    if (!crypto_prepare()) {
        log_event("cannot start: OpenSSL cannot be set up");
        return EXIT_FAILURE;
    }
    if (path != NULL)
        listener = FCGX_OpenSocket(path, LISTEN_BACKLOG);
    if (listener < 0 || !watch_begin(&watch, listener)) {
        log_event("cannot listen on %s: %s", path != NULL ? path : "descriptor 0", strerror(errno));
        return EXIT_FAILURE;
    }
    serve_fastcgi(worker, listener, &watch);
    return EXIT_SUCCESS;
}

static bool is_listening(int descriptor)
{
    int listening = 0;
    socklen_t length = sizeof listening;

    return getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listening, &length) == 0 && listening;
}

/*
 * Keeps freed memory for the next request. By default glibc gives what a large reply took back to
 * the system, and the next one pays for its pages again: ten times what writing a list of a hundred
 * accounts costs. What a still larger one took goes back, but for as much.
 */
static void keep_freed_memory(void)
{
    mallopt(M_MMAP_THRESHOLD, KEPT_BYTES);
    mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
    mallopt(M_TOP_PAD, KEPT_BYTES);
}

static int run(const struct configuration *configuration)
{
    struct gateway gateway = gateway_cgi();
    TALLOC_CTX *ctx = talloc_new(NULL);
    struct worker *worker = ctx != NULL ? worker_new(ctx, configuration) : NULL;
    int status = EXIT_SUCCESS;

    keep_freed_memory();
    xmlInitParser();
    if (worker == NULL) {
        log_event("cannot start: out of memory");
        status = EXIT_FAILURE;
    } else if (configuration->listen != NULL || is_listening(STDIN_FILENO)) {
        status = run_fastcgi(worker, configuration->listen);
    } else if (getenv("REQUEST_METHOD") != NULL) {
        serve(worker, &gateway);
    } else {
        fputs("leap-customers: started neither by a web server nor with --listen; see --help\n",
              stderr);
        status = EXIT_FAILURE;
    }
    talloc_free(ctx);
    return status;
}

int main(int argc, char **argv)
{
    struct configuration configuration;

    if (!configuration_read(&configuration, argc, argv))
        return EXIT_FAILURE;
    switch (configuration.command) {
    case COMMAND_VERSION:
        puts("leap-customers " PACKAGE_VERSION);
        return EXIT_SUCCESS;
    case COMMAND_HELP:
        configuration_help();
        return EXIT_SUCCESS;
    case COMMAND_CHECK:
        puts("The configuration is good.");
        return EXIT_SUCCESS;
    default:
        return run(&configuration);
    }
}
