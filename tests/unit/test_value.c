#include "common/value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* 2024-03-01T00:00:00Z, the day after a leap day. */
static const time_t first_of_march = 1709251200;

enum { REPEATED_MAXIMUM = 1024, EMAIL_SIZE = 2 * REPEATED_MAXIMUM };

/* `count` times `piece`, in a buffer that the next call uses again. */
static const char *repeat(const char *piece, size_t count)
{
    static char text[REPEATED_MAXIMUM + 1];
    size_t length = strlen(piece);

    assert_true(length * count < sizeof text);
    for (size_t i = 0; i < count; i++)
        memcpy(text + i * length, piece, length);
    text[length * count] = '\0';
    return text;
}

/* Sentences are for people: they begin with a capital letter and end with a full stop. */
static void assert_sentence(const char *sentence)
{
    size_t length = strlen(sentence);

    assert_true(length > 2);
    assert_in_range(sentence[0], 'A', 'Z');
    assert_int_equal(sentence[length - 1], '.');
}

static void text_is_measured_in_code_points(void **state)
{
    static const char *const characters[] = {"a", "é", "€", "😀"};

    (void)state;
    for (size_t i = 0; i < COUNT(characters); i++) {
        assert_null(value_check_text(repeat(characters[i], 100), 100));
        assert_non_null(value_check_text(repeat(characters[i], 101), 100));
        assert_null(value_check_lines(repeat(characters[i], 255), 255));
        assert_non_null(value_check_lines(repeat(characters[i], 256), 255));
    }
    assert_null(value_check_text("", 0));
    assert_non_null(value_check_text("a", 0));
}

static void text_is_one_line(void **state)
{
    static const char *const controls[] = {"\x01", "\t",       "\n",       "\r",      "\x1F",
                                           "\x7F", "\xC2\x80", "\xC2\x85", "\xC2\x9F"};

    (void)state;
    for (size_t i = 0; i < COUNT(controls); i++)
        assert_sentence(value_check_text(controls[i], 100));
    assert_null(value_check_text(" ~\xC2\xA0", 100));
    assert_null(value_check_text("\uFEFFJosé", 100));               /* U+FEFF is a character */
    assert_null(value_check_text("\xE2\x80\xA8\xE2\x80\xA9", 100)); /* and so are U+2028, U+2029 */
}

static void lines_may_hold_control_characters_of_xml(void **state)
{
    (void)state;
    assert_null(value_check_lines("1 A Street\r\n\tRear\x7F\xC2\x80\xC2\x85\xC2\x9F", 255));
    assert_sentence(value_check_lines("a\x01", 255));
    assert_sentence(value_check_lines("a\x08", 255));
    assert_sentence(value_check_lines("a\x0B", 255));
    assert_sentence(value_check_lines("a\x0C", 255));
    assert_sentence(value_check_lines("a\x0E", 255));
    assert_sentence(value_check_lines("a\x1F", 255));
}

static void characters_foreign_to_xml_are_refused(void **state)
{
    (void)state;
    assert_sentence(value_check_text("\xEF\xBF\xBE", 100));
    assert_sentence(value_check_text("\xEF\xBF\xBF", 100));
    assert_sentence(value_check_lines("\xEF\xBF\xBE", 100));
    assert_null(value_check_text("\xEF\xBF\xBD", 100));
    assert_null(value_check_text("\xF0\x9F\xBF\xBF", 100)); /* U+1FFFF */
}

static void good_email_addresses(void **state)
{
    static const char *const good[] = {
        "joe@example.net",
        "a@b",
        "a@1",
        "A.B@Example.NET",
        ".a@b",
        "a.@b",
        "a..b@c",
        "!#$%&'*+/=?^_`{|}~-@x",
        "0@0.0.0.0",
        "a@a-b.c--d.e",
        "a@xn--bcher-kva.example",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(good); i++)
        if (value_check_email(good[i]) != NULL)
            fail_msg("\"%s\" is refused", good[i]);
}

static void bad_email_addresses(void **state)
{
    static const char *const bad[] = {
        "",
        "@",
        "a",
        "a@",
        "@b",
        "a@b@c",
        "a@@b",
        "a@b.",
        "a@.b",
        "a@b..c",
        "a@-b",
        "a@b-",
        "a@b-.c",
        "a@b.-c",
        "a@-",
        "a@b_c",
        "a@b c",
        "a b@c",
        " a@b",
        "a@b ",
        "a@b\n",
        "\"a\"@b",
        "\"a b\"@c",
        "a,b@c",
        "a;b@c",
        "a:b@c",
        "a(b)@c",
        "<a@b>",
        "a\\b@c",
        "a[@b",
        "a@[127.0.0.1]",
        "a@b:25",
        "a@b/c",
        "a\t@b",
        "a\x7F@b",
        "josé@example.net",
        "a@bücher.example",
        "a＠b",
        "\uFEFFa@b",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        if (value_check_email(bad[i]) == NULL)
            fail_msg("\"%s\" is taken for an e-mail address", bad[i]);
    assert_sentence(value_check_email(""));
}

/* Checks an address whose domain is `length` times a letter between two other texts. */
static const char *check_label(const char *before, size_t length, const char *after)
{
    char email[EMAIL_SIZE];

    snprintf(email, sizeof email, "a@%s%s%s", before, repeat("b", length), after);
    return value_check_email(email);
}

static void labels_have_at_most_63_characters(void **state)
{
    (void)state;
    assert_null(check_label("", 63, ""));
    assert_null(check_label("", 63, ".c"));
    assert_null(check_label("c.", 63, ""));
    assert_null(check_label("c.", 63, ".c"));
    assert_null(check_label("", 61, "-b"));
    assert_non_null(check_label("", 64, ""));
    assert_non_null(check_label("", 64, ".c"));
    assert_non_null(check_label("c.", 64, ""));
    assert_non_null(check_label("c.", 64, ".c"));
    assert_non_null(check_label("", 62, "-b"));
    assert_non_null(check_label("", 62, "-"));
    assert_non_null(check_label("-", 62, ""));
    assert_non_null(check_label("", 62, "-.c"));
}

static void email_has_at_most_254_characters(void **state)
{
    char email[EMAIL_SIZE];

    (void)state;
    snprintf(email, sizeof email, "%s@example.net", repeat("a", 254 - strlen("@example.net")));
    assert_int_equal(strlen(email), 254);
    assert_null(value_check_email(email));
    snprintf(email, sizeof email, "%s@example.net", repeat("a", 255 - strlen("@example.net")));
    assert_int_equal(strlen(email), 255);
    assert_sentence(value_check_email(email));
    snprintf(email, sizeof email, "a@%sbb", repeat("b.", 125));
    assert_int_equal(strlen(email), 254);
    assert_null(value_check_email(email));
    snprintf(email, sizeof email, "a@%sb", repeat("b.", 126));
    assert_int_equal(strlen(email), 255);
    assert_non_null(value_check_email(email));
}

static void assert_date(const char *date, const char *expected)
{
    char normal[VALUE_DATE_SIZE] = "untouched";
    const char *problem = value_check_date(date, first_of_march, normal);

    if ((problem == NULL) != (expected != NULL))
        fail_msg("\"%s\": %s", date, problem == NULL ? "is taken for a date" : problem);
    if (problem != NULL)
        assert_sentence(problem);
    assert_string_equal(normal, expected != NULL ? expected : "untouched");
}

static void dates_from_1870_to_today(void **state)
{
    (void)state;
    assert_date("1974-09-08", "1974-09-08");
    assert_date("1870-01-01", "1870-01-01");
    assert_date("1869-12-31", NULL);
    assert_date("0001-01-01", NULL);
    assert_date("0000-01-01", NULL);
    assert_date("2024-02-29", "2024-02-29");
    assert_date("2024-03-01", "2024-03-01");
    assert_date("2024-03-02", NULL);
    assert_date("2025-01-01", NULL);
    assert_date("9999-12-31", NULL);
}

static void today_is_that_of_utc(void **state)
{
    char normal[VALUE_DATE_SIZE];

    (void)state;
    setenv("TZ", "Pacific/Kiritimati", 1);
    tzset();
    assert_null(value_check_date("2024-02-29", first_of_march - 1, normal));
    assert_non_null(value_check_date("2024-03-01", first_of_march - 1, normal));
    setenv("TZ", "Pacific/Niue", 1);
    tzset();
    assert_null(value_check_date("2024-03-01", first_of_march, normal));
    assert_null(value_check_date("2024-03-01", first_of_march + 86399, normal));
    assert_non_null(value_check_date("2024-03-02", first_of_march + 86399, normal));
    assert_null(value_check_date("2024-03-02", first_of_march + 86400, normal));
    unsetenv("TZ");
    tzset();
}

static void days_that_the_calendar_lacks(void **state)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    char date[64];

    (void)state;
    for (int month = 1; month <= 12; month++) {
        snprintf(date, sizeof date, "1999-%02d-%02d", month, days[month - 1]);
        assert_date(date, date);
        snprintf(date, sizeof date, "1999-%02d-%02d", month, days[month - 1] + 1);
        assert_date(date, NULL);
        snprintf(date, sizeof date, "1999-%02d-01", month);
        assert_date(date, date);
        snprintf(date, sizeof date, "1999-%02d-00", month);
        assert_date(date, NULL);
    }
    assert_date("1999-00-01", NULL);
    assert_date("1999-13-01", NULL);
    assert_date("1999-99-99", NULL);
    assert_date("1999-12-32", NULL);
    assert_date("1972-02-29", "1972-02-29");
    assert_date("1973-02-29", NULL);
    assert_date("1900-02-29", NULL);
    assert_date("1900-02-28", "1900-02-28");
    assert_date("2000-02-29", "2000-02-29");
    assert_date("2000-02-30", NULL);
}

static void time_zones_are_dropped(void **state)
{
    (void)state;
    assert_date("1974-09-08Z", "1974-09-08");
    assert_date("1974-09-08+00:00", "1974-09-08");
    assert_date("1974-09-08-00:00", "1974-09-08");
    assert_date("1974-09-08+10:30", "1974-09-08");
    assert_date("1974-09-08-13:59", "1974-09-08");
    assert_date("1974-09-08+14:00", "1974-09-08");
    assert_date("1974-09-08-14:00", "1974-09-08");
    assert_date("2024-03-01-12:00", "2024-03-01");
    assert_date("2024-03-02+12:00", NULL);
    assert_date("1974-02-29Z", NULL);
}

static void other_time_zones_are_refused(void **state)
{
    static const char *const bad[] = {
        "1974-09-08z",       "1974-09-08 Z",     "1974-09-08ZZ",     "1974-09-08+14:01",
        "1974-09-08+15:00",  "1974-09-08+13:60", "1974-09-08+99:99", "1974-09-08+1000",
        "1974-09-08+10",     "1974-09-08+10:",   "1974-09-08+10:3",  "1974-09-08+10:300",
        "1974-09-08+10:00Z", "1974-09-08+",      "1974-09-08-",      "1974-09-08UTC",
        "1974-09-08 +10:00", "1974-09-08*10:00", "1974-09-08+1:000", "1974-09-08+-1:00",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_date(bad[i], NULL);
}

static void other_forms_of_dates_are_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "1974",
        "1974-09",
        "1974-9-8",
        "1974-09-8",
        "74-09-08",
        "08/09/74",
        "08/09/1974",
        "1974/09/08",
        "19740908",
        "1974-09-081",
        "01974-09-08",
        "-1974-09-08",
        "+1974-09-08",
        "1974-09-08T00:00:00",
        " 1974-09-08",
        "1974-09-08 ",
        "1974-09-0x",
        "197x-09-08",
        "1974-+9-08",
        "1974- 9-08",
        "not a date",
        "١974-09-08",
        "1974–09–08",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_date(bad[i], NULL);
}

static void phone_numbers(void **state)
{
    (void)state;
    assert_null(value_check_phone("(704) 451 3434"));
    assert_null(value_check_phone("1"));
    assert_null(value_check_phone("+61 3 9999 0000 ext. 5"));
    assert_null(value_check_phone("tél. 5"));
    assert_null(value_check_phone(repeat("5", 40)));
    assert_sentence(value_check_phone(repeat("5", 41)));
    assert_null(value_check_phone(repeat("é1", 20)));
    assert_sentence(value_check_phone(""));
    assert_sentence(value_check_phone("none"));
    assert_sentence(value_check_phone("+"));
    assert_sentence(value_check_phone("١٢")); /* Arabic digits alone */
    assert_sentence(value_check_phone("1\n2"));
    assert_sentence(value_check_phone("1\t2"));
    assert_sentence(value_check_phone("1\xC2\x85"));
    assert_sentence(value_check_phone("1\x7F"));
    assert_sentence(value_check_phone("1\xEF\xBF\xBF"));
}

static void external_identifiers(void **state)
{
    static const char *const bad[] = {".",     "..",   "/.",   "./",    "../",     "/..", "a/.",
                                      "a/..",  "./a",  "../a", "a/./b", "a/../b",  "//.", "a//..",
                                      "../..", "a\tb", "a\nb", "a\x7F", "\xC2\x85"};
    static const char *const good[] = {
        "CRM-56789", "a",    "/",    "//",  "a/b", "...",   "a.",  ".a",  "a..", "..a",    "a/...",
        ".../a",     "a/.b", "a/b.", ". .", "%2E", "a?b#c", "\\.", "a b", "é",   "a/..b/c"};

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_sentence(value_check_extid(bad[i]));
    for (size_t i = 0; i < COUNT(good); i++)
        if (value_check_extid(good[i]) != NULL)
            fail_msg("\"%s\" is refused", good[i]);
    assert_null(value_check_extid(repeat("é", 64)));
    assert_sentence(value_check_extid(repeat("é", 65)));
}

static void genders(void **state)
{
    (void)state;
    assert_null(value_check_gender("MALE"));
    assert_null(value_check_gender("FEMALE"));
    assert_sentence(value_check_gender(""));
    assert_sentence(value_check_gender("male"));
    assert_sentence(value_check_gender("Female"));
    assert_sentence(value_check_gender("M"));
    assert_sentence(value_check_gender("MALE "));
    assert_sentence(value_check_gender("FEMALES"));
    assert_sentence(value_check_gender("MAL"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_measured_in_code_points),
        cmocka_unit_test(text_is_one_line),
        cmocka_unit_test(lines_may_hold_control_characters_of_xml),
        cmocka_unit_test(characters_foreign_to_xml_are_refused),
        cmocka_unit_test(good_email_addresses),
        cmocka_unit_test(bad_email_addresses),
        cmocka_unit_test(labels_have_at_most_63_characters),
        cmocka_unit_test(email_has_at_most_254_characters),
        cmocka_unit_test(dates_from_1870_to_today),
        cmocka_unit_test(today_is_that_of_utc),
        cmocka_unit_test(days_that_the_calendar_lacks),
        cmocka_unit_test(time_zones_are_dropped),
        cmocka_unit_test(other_time_zones_are_refused),
        cmocka_unit_test(other_forms_of_dates_are_refused),
        cmocka_unit_test(phone_numbers),
        cmocka_unit_test(external_identifiers),
        cmocka_unit_test(genders),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
