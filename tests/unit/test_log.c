#include "common/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { BYTES = 4096, LINE_BYTES = 1024 };

/* Standard error goes into a file meanwhile, from here until what it got is taken. */
static int caught = -1;
static int standard_error = -1;

static void catch_log(void)
{
    FILE *file = tmpfile();

    assert_non_null(file);
    caught = dup(fileno(file));
    standard_error = dup(STDERR_FILENO);
    assert_true(caught >= 0 && standard_error >= 0);
    assert_true(dup2(caught, STDERR_FILENO) >= 0);
    assert_int_equal(fclose(file), 0);
}

static const char *take_log(void)
{
    static char text[BYTES];
    ssize_t length = pread(caught, text, sizeof text - 1, 0);

    assert_true(dup2(standard_error, STDERR_FILENO) >= 0);
    close(standard_error);
    close(caught);
    assert_true(length >= 0);
    text[length] = '\0';
    assert_int_equal(strlen(text), length);
    return text;
}

/* What a line has behind its time. */
static const char *behind_time(const char *line)
{
    static const char shape[] = "time=dddd-dd-ddTdd:dd:dd.dddZ ";

    for (size_t i = 0; shape[i] != '\0'; i++) {
        if (shape[i] == 'd')
            assert_true(line[i] >= '0' && line[i] <= '9');
        else
            assert_int_equal(line[i], shape[i]);
    }
    return line + sizeof shape - 1;
}

static void a_request_is_a_line(void **state)
{
    const struct log_request request = {
        .request_id = "1f",
        .client_address = "::1",
        .company = "demo",
        .client = "crm",
        .operation = "show",
        .status = 200,
        .elapsed = 12003,
        .database_elapsed = 999,
    };

    (void)state;
    catch_log();
    log_request(&request);
    assert_string_equal(behind_time(take_log()),
                        "request_id=1f client_address=::1 company=demo client=crm operation=show "
                        "status=200 code=- ms=12.003 db_ms=0.999\n");
}

static void what_is_no_word_breaks_no_line(void **state)
{
    static const char *const none[] = {NULL, "", "a b", "a\nb", "a\"b", "a=b"};

    (void)state;
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        const struct log_request request = {.request_id = none[i], .status = 503, .code = "c"};

        catch_log();
        log_request(&request);
        assert_string_equal(behind_time(take_log()),
                            "request_id=- client_address=- company=- client=- operation=- "
                            "status=503 code=c ms=0.000 db_ms=0.000\n");
    }
}

static void an_event_stays_one_line(void **state)
{
    (void)state;
    catch_log();
    log_event("no \"%s\"\r\nhere\n\n", "database");
    assert_string_equal(behind_time(take_log()), "event=\"no 'database'  here\"\n");
    catch_log();
    log_event("\n");
    assert_string_equal(behind_time(take_log()), "event=\"\"\n");
    catch_log();
    log_number("queue_ms", "1.5");
    assert_string_equal(behind_time(take_log()), "queue_ms=1.5\n");
}

static void what_is_too_long_is_cut(void **state)
{
    char text[2 * LINE_BYTES];
    const struct log_request request = {.request_id = text, .status = 200};

    (void)state;
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    catch_log();
    log_request(&request);
    assert_int_equal(strlen(take_log()), LINE_BYTES - 1);
    catch_log();
    log_event("%s", text);
    assert_in_range(strlen(take_log()), LINE_BYTES - 64, LINE_BYTES);
}

static void where_there_is_no_log_serving_goes_on(void **state)
{
    (void)state;
    catch_log();
    close(STDERR_FILENO);
    log_event("lost");
    assert_string_equal(take_log(), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_a_line),
        cmocka_unit_test(what_is_no_word_breaks_no_line),
        cmocka_unit_test(an_event_stays_one_line),
        cmocka_unit_test(what_is_too_long_is_cut),
        cmocka_unit_test(where_there_is_no_log_serving_goes_on),
    };

    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
