/*
 * The program: reads the configuration, and accepts requests.
 */
#include "cgi/configuration.h"
#include "cgi/gateway.h"
#include "cgi/serve.h"
#include "cgi/worker.h"
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
#include <sys/socket.h>
#include <unistd.h>

enum { LISTEN_BACKLOG = 1024, KEPT_BYTES = 4 * 1024 * 1024 };

/* Set by the signals that end a worker after the request in hand. */
static volatile sig_atomic_t stop;

static void request_stop(int signal_number)
{
    (void)signal_number;
    stop = 1;
}

/*
 * Waits for a connection. libfcgi loses one, and then spins, when a signal lands in its accept: so
 * signals are let in only here, where the listening socket is not touched. False: the worker is to
 * end.
 */
static bool wait_for_connection(int epoll, const sigset_t *blocked, const sigset_t *open)
{
    struct epoll_event event;

    sigprocmask(SIG_SETMASK, open, NULL);
    sigprocmask(SIG_SETMASK, blocked, NULL);
    if (stop)
        return false;
    return epoll_pwait(epoll, &event, 1, -1, open) >= 0 || errno == EINTR;
}

static void serve_fastcgi(struct worker *worker, int listener, int epoll, const sigset_t *blocked,
                          const sigset_t *open)
{
    FCGX_Request fastcgi;

    FCGX_InitRequest(&fastcgi, listener, FCGI_FAIL_ACCEPT_ON_INTR);
    while (wait_for_connection(epoll, blocked, open)) {
        struct gateway gateway;
        int accepted;

        if (stop)
            break;
        accepted = FCGX_Accept_r(&fastcgi);
        if (accepted == -EAGAIN || accepted == -EINTR)
            continue;
        if (accepted < 0) {
            log_event("cannot accept a request: error %d", -accepted);
            continue;
        }
        gateway = gateway_fastcgi(&fastcgi);
        serve(worker, &gateway);
        FCGX_Finish_r(&fastcgi);
        wipe_stack_and_registers();
    }
}

/* Handlers come before FCGX_Init, which would install its own. */
static bool prepare_signals(sigset_t *blocked, sigset_t *open)
{
    struct sigaction action = {.sa_handler = request_stop};
    struct sigaction ignore = {.sa_handler = SIG_IGN};

    sigemptyset(&action.sa_mask);
    sigemptyset(&ignore.sa_mask);
    if (sigprocmask(SIG_SETMASK, NULL, open) != 0)
        return false;
    sigdelset(open, SIGTERM);
    sigdelset(open, SIGUSR1);
    *blocked = *open;
    sigaddset(blocked, SIGTERM);
    sigaddset(blocked, SIGUSR1);
    return sigprocmask(SIG_SETMASK, blocked, NULL) == 0 && sigaction(SIGTERM, &action, NULL) == 0 &&
           sigaction(SIGUSR1, &action, NULL) == 0 && sigaction(SIGPIPE, &ignore, NULL) == 0;
}

/* An epoll set of the listening socket; one connection wakes one of the workers that share it. */
static int watch(int listener)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLEXCLUSIVE};
    int flags = fcntl(listener, F_GETFL);
    int epoll = epoll_create1(EPOLL_CLOEXEC);

    if (flags < 0 || epoll < 0 || fcntl(listener, F_SETFL, flags | O_NONBLOCK) != 0 ||
        epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event) != 0)
        return -1;
    return epoll;
}

static int run_fastcgi(struct worker *worker, const char *path)
{
    sigset_t blocked;
    sigset_t open;
    int listener = 0;
    int epoll;

    if (!prepare_signals(&blocked, &open) || FCGX_Init() != 0) {
        log_event("cannot start: %s", strerror(errno));
        return EXIT_FAILURE;
    }
    if (path != NULL)
        listener = FCGX_OpenSocket(path, LISTEN_BACKLOG);
    epoll = listener < 0 ? -1 : watch(listener);
    if (epoll < 0) {
        log_event("cannot listen on %s: %s", path != NULL ? path : "descriptor 0", strerror(errno));
        return EXIT_FAILURE;
    }
    serve_fastcgi(worker, listener, epoll, &blocked, &open);
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
 * accounts costs.
 */
static void keep_freed_memory(void)
{
    mallopt(M_MMAP_THRESHOLD, KEPT_BYTES);
    mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
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
