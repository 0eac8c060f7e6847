#include "common/json_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_BYTES = 256 };

/* What a text is flattened to, each part shown in angle brackets. */
static void assert_flattened(const char *json, const char *expected)
{
    char *text = strdup(json);
    char shown[TEXT_BYTES] = "";
    const char *end;
    size_t used = 0;

    assert_non_null(text);
    end = json_text_flatten(text);
    assert_true(end <= text + strlen(json));
    for (const char *part = text; part < end; part += strlen(part) + 1) {
        used += (size_t)snprintf(shown + used, sizeof shown - used, "<%s>", part);
        assert_true(used < sizeof shown);
    }
    assert_string_equal(shown, expected);
    free(text);
}

static void an_object_becomes_its_names_and_values(void **state)
{
    (void)state;
    assert_flattened("{}", "");
    assert_flattened("{\"a\": \"b\", \"shoe-size\": \"Nine\"}", "<a><b><shoe-size><Nine>");
    assert_flattened("{\"a\": \"\"}", "<a><>");
    assert_flattened("{\"a\": \"[1, 2]: {}, null\"}", "<a><[1, 2]: {}, null>");
}

static void an_array_of_arrays_becomes_its_numbers_and_strings(void **state)
{
    (void)state;
    assert_flattened("[[1, \"2011-02-08 22:06:43.1+00\"], \n [10000002, null]]",
                     "<1><2011-02-08 22:06:43.1+00><10000002><>");
    assert_flattened("[[1,null],[2,null]]", "<1><><2><>");
}

static void escapes_are_decoded(void **state)
{
    (void)state;
    assert_flattened("[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]", "<\"\\/\b\f\n\r\t>");
    assert_flattened("[\"\\u000b\\u001Fx\"]", "<\x0b\x1fx>");
    assert_flattened("[\"\\u00e9\\u20ac\"]", "<\xc3\xa9\xe2\x82\xac>");
    assert_flattened("[\"\xc3\xa9\\\\\"]", "<\xc3\xa9\\>");
}

/* PostgreSQL writes nothing of the kind; it is not read beyond its end. */
static void a_text_that_breaks_off_ends_there(void **state)
{
    static const char *const broken[] = {"[\"",        "[\"a",     "[\"\\", "[\"\\u",
                                         "[\"\\u00\"", "{\"a\": ", "[nul",  "[\"\\ud800\"]"};

    (void)state;
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        char *text = strdup(broken[i]);

        assert_non_null(text);
        assert_true(json_text_flatten(text) <= text + strlen(broken[i]));
        free(text);
    }
}

static void a_value_is_written_without_white_space(void **state)
{
    TALLOC_CTX *ctx = talloc_new(NULL);
    json_t *object = json_object();

    (void)state;
    assert_int_equal(json_object_set_new(object, "a", json_string("b c")), 0);
    assert_string_equal(json_text_write(ctx, object), "{\"a\":\"b c\"}");
    assert_null(json_text_write(ctx, NULL));
    talloc_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_object_becomes_its_names_and_values),
        cmocka_unit_test(an_array_of_arrays_becomes_its_numbers_and_strings),
        cmocka_unit_test(escapes_are_decoded),
        cmocka_unit_test(a_text_that_breaks_off_ends_there),
        cmocka_unit_test(a_value_is_written_without_white_space),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
