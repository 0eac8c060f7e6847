#include "cgi/field_values.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int setup(void **state)
{
    *state = talloc_new(NULL);
    return *state == NULL;
}

static int teardown(void **state)
{
    return talloc_free(*state);
}

static void values_are_found_by_key(void **state)
{
    const struct field_values *values =
        field_values_read(*state, "{\"crm\": \"C 1\", \"empty\": \"\", \"shoe-size\": \"9\"}");

    assert_non_null(values);
    assert_string_equal(field_values_get(values, "crm"), "C 1");
    assert_string_equal(field_values_get(values, "empty"), "");
    assert_string_equal(field_values_get(values, "shoe-size"), "9");
    assert_null(field_values_get(values, "shoe"));
    assert_null(field_values_get(values, "9"));
}

static void escapes_are_read_as_postgresql_writes_them(void **state)
{
    const struct field_values *values = field_values_read(
        *state, "{\"a\": \"\\\"\\\\\\b\\f\\n\\r\\t/\\u001b\\u007f\", \"b\": \"\xc3\xa9\"}");

    assert_non_null(values);
    assert_string_equal(field_values_get(values, "a"), "\"\\\b\f\n\r\t/\x1b\x7f");
    assert_string_equal(field_values_get(values, "b"), "\xc3\xa9");
}

static void an_object_may_be_empty(void **state)
{
    const struct field_values *values = field_values_read(*state, "{}");

    assert_non_null(values);
    assert_null(field_values_get(values, "a"));
}

static void anything_else_is_refused(void **state)
{
    static const char *const others[] = {
        "",
        "null",
        "[]",
        "{",
        "{\"a\"}",
        "{\"a\": 1}",
        "{\"a\": null}",
        "{\"a\": \"b\"",
        "{\"a\": \"b",
        "{\"a\": \"b\\",
        "{\"a\": \"\\u00",
        "{\"a\": \"\\u0000\"}",
        "{\"a\": \"\\u20ac\"}",
        "{\"a\": \"\\x\"}",
        "{\"a\": \"b\"} ",
        "{\"a\": \"b\" \"c\": \"d\"}",
        "{\"a\": {\"b\": \"c\"}}",
    };

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_null(field_values_read(*state, others[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(values_are_found_by_key, setup, teardown),
        cmocka_unit_test_setup_teardown(escapes_are_read_as_postgresql_writes_them, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(an_object_may_be_empty, setup, teardown),
        cmocka_unit_test_setup_teardown(anything_else_is_refused, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
