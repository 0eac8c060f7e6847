/* The web server's side by plain CGI, whose descriptors this takes the place of: pipes that are
 * slow, interrupted or gone. */
#include "cgi/gateway.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LARGE = 1024 * 1024, OFTEN = 1000 /* microseconds */ };

/* The test's own descriptor, kept while a pipe's end stands in its place. */
struct replaced {
    int place;
    int own;
};

static struct replaced replace(int place, int descriptor)
{
    struct replaced replaced = {.place = place, .own = dup(place)};

    assert_true(replaced.own >= 0);
    assert_true(dup2(descriptor, place) >= 0);
    close(descriptor);
    return replaced;
}

static void restore(const struct replaced *replaced)
{
    assert_true(dup2(replaced->own, replaced->place) >= 0);
    close(replaced->own);
}

/* Where a signal that comes when enough have come writes this body; -1: nowhere. */
static const char late_body[] = "body";
static volatile sig_atomic_t body_end = -1;
static volatile sig_atomic_t signals_left;

static void be_interrupted(int signal)
{
    (void)signal;
    if (body_end >= 0 && --signals_left == 0 && write(body_end, late_body, strlen(late_body)) < 0)
        abort();
}

/* Signals come again and again, and let no call of the system go on. */
static void interrupt(long every)
{
    struct sigaction action = {.sa_handler = be_interrupted};
    const struct itimerval timer = {{0, every}, {0, every}};

    sigemptyset(&action.sa_mask);
    assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
    assert_int_equal(setitimer(ITIMER_REAL, &timer, NULL), 0);
}

/* Signals come, and when they have interrupted the process often the body is written there. */
static void write_late(int descriptor)
{
    body_end = descriptor;
    signals_left = 5;
    interrupt(OFTEN);
}

/* A process that takes from a pipe what is written, once something comes from the other one; it has
 * succeeded where that is as it should be. */
static pid_t reader(const int pipe[2], const int other[2], const char *expected, size_t length)
{
    pid_t child = fork();
    size_t count = 0;
    ssize_t got;
    char piece[1000];

    assert_true(child >= 0);
    if (child > 0)
        return child;
    close(pipe[1]);
    got = read(other[0], piece, 1);
    while (got > 0 && (got = read(pipe[0], piece, sizeof piece)) > 0 &&
           count + (size_t)got <= length && memcmp(piece, expected + count, (size_t)got) == 0)
        count += (size_t)got;
    _exit(got == 0 && count == length ? EXIT_SUCCESS : EXIT_FAILURE);
}

static char *large_reply(void)
{
    char *reply = malloc(LARGE);

    assert_non_null(reply);
    for (size_t i = 0; i < LARGE; i++)
        reply[i] = (char)(i % 251);
    return reply;
}

static void an_interrupted_reply_is_written_whole(void **state)
{
    struct gateway gateway = gateway_cgi();
    char *reply = large_reply();
    struct replaced output;
    int ends[2], other[2], status;
    pid_t child;

    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(pipe(other), 0);
    child = reader(ends, other, reply, LARGE);
    close(ends[0]);
    output = replace(STDOUT_FILENO, ends[1]);
    write_late(other[1]);
    assert_true(gateway_write(&gateway, reply, LARGE));
    assert_true(gateway_write(&gateway, reply, 0));
    interrupt(0);
    restore(&output);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, EXIT_SUCCESS);
    close(other[0]);
    close(other[1]);
    free(reply);
}

static void a_client_that_is_gone_gets_no_reply(void **state)
{
    struct gateway gateway = gateway_cgi();
    struct replaced output;
    int ends[2];
    bool written;

    (void)state;
    assert_true(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    output = replace(STDOUT_FILENO, ends[1]);
    written = gateway_write(&gateway, "reply", strlen("reply"));
    restore(&output);
    assert_false(written);
}

static void an_interrupted_body_is_read_whole(void **state)
{
    struct gateway gateway = gateway_cgi();
    char body[8] = "";
    struct replaced input;
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    input = replace(STDIN_FILENO, ends[0]);
    write_late(ends[1]);
    assert_int_equal(gateway_read(&gateway, body, sizeof body), 4);
    interrupt(0);
    assert_string_equal(body, late_body);
    close(ends[1]);
    assert_int_equal(gateway_read(&gateway, body, sizeof body), 0);
    assert_false(gateway_broke_off(&gateway));
    restore(&input);
}

static void a_body_that_cannot_be_read_is_at_its_end(void **state)
{
    struct gateway gateway = gateway_cgi();
    char body[8];
    struct replaced input = replace(STDIN_FILENO, open("/", O_RDONLY | O_CLOEXEC));

    (void)state;
    assert_int_equal(gateway_read(&gateway, body, sizeof body), 0);
    restore(&input);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_interrupted_reply_is_written_whole),
        cmocka_unit_test(a_client_that_is_gone_gets_no_reply),
        cmocka_unit_test(an_interrupted_body_is_read_whole),
        cmocka_unit_test(a_body_that_cannot_be_read_is_at_its_end),
    };

    return cmocka_run_group_tests_name("gateway", tests, NULL, NULL);
}
