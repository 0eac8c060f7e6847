#include "common/uri.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static int make_context(void **state)
{
    *state = talloc_new(NULL);
    return *state == NULL ? -1 : 0;
}

static int free_context(void **state)
{
    return talloc_free(*state);
}

static void assert_decoded(const char *encoded, bool plus_is_space, const char *expected)
{
    char *text = strdup(encoded);

    assert_non_null(text);
    if (uri_decode(text, plus_is_space) != (expected != NULL))
        fail_msg("\"%s\": %s", encoded, expected != NULL ? "is refused" : "is accepted");
    if (expected != NULL)
        assert_string_equal(text, expected);
    free(text);
}

static void percent_is_decoded(void **state)
{
    (void)state;
    assert_decoded("", false, "");
    assert_decoded("plain", false, "plain");
    assert_decoded("%41%62%7a%7A", false, "Abzz");
    assert_decoded("%2F%2f", false, "//");
    assert_decoded("%252F", false, "%2F");
    assert_decoded("%25", false, "%");
    assert_decoded("a%20b%3Fc%23d%3Be", false, "a b?c#d;e");
    assert_decoded("%C3%A9%E2%82%AC%F0%9F%98%80", false, "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
    assert_decoded("\xC3\xA9", false, "\xC3\xA9"); /* UTF-8 that was not encoded */
    assert_decoded("\xC3%A9", false, "\xC3\xA9");
    assert_decoded("%EF%BB%BF", false, "\xEF\xBB\xBF");
    assert_decoded("%01%7F%0D%0A", false, "\x01\x7F\r\n");
}

static void plus_is_a_space_in_forms_only(void **state)
{
    (void)state;
    assert_decoded("a+b", false, "a+b");
    assert_decoded("a+b", true, "a b");
    assert_decoded("+", true, " ");
    assert_decoded("%2B", true, "+");
    assert_decoded("%2B", false, "+");
}

static void broken_encodings_are_refused(void **state)
{
    static const char *const broken[] = {
        "%",         "a%",        "%4",           "%zz",  "%4g",      "%g4",       "%%",  "%%41",
        "%4%31",     "%-1",       "% 1",          "%+1",  "%0x",      "%u0041",    "a%2", "%00",
        "a%00b",     "%C0%80",    "%C0%AF",       "%C3",  "%E9",      "%C3x",      "%80", "%FF",
        "%E0%80%AF", "%ED%A0%80", "%F4%90%80%80", "\xE9", "\xC0\xAF", "%F0%9F%98",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(broken); i++) {
        assert_decoded(broken[i], false, NULL);
        assert_decoded(broken[i], true, NULL);
    }
}

/* The path is handed over without a NUL after it, so that reading on shows under AddressSanitizer.
 */
static enum uri_result split(TALLOC_CTX *ctx, const char *raw, size_t length, struct uri_path *path)
{
    char *bytes = malloc(length + 1);
    enum uri_result result;

    assert_non_null(bytes);
    memcpy(bytes + 1, raw, length);
    result = uri_split_path(ctx, bytes + 1, length, path);
    free(bytes);
    return result;
}

/* Segments are given as one string, each ended by '|'. */
static void assert_path(TALLOC_CTX *ctx, const char *raw, const char *expected)
{
    struct uri_path path;
    char *found = talloc_strdup(ctx, "");

    assert_int_equal(split(ctx, raw, strlen(raw), &path), URI_OK);
    for (size_t i = 0; i < path.count; i++)
        found = talloc_asprintf_append(found, "%s|", path.segments[i]);
    assert_string_equal(found, expected);
}

static void paths_are_split_before_they_are_decoded(void **state)
{
    assert_path(*state, "/api/v1/customers/10000001", "api|v1|customers|10000001|");
    assert_path(*state, "/a", "a|");
    assert_path(*state, "/a%2Fb/c", "a/b|c|");
    assert_path(*state, "/a%20b/%C3%A9+%2B;=&?#", "a b|\xC3\xA9++;=&?#|");
    assert_path(*state, "/./../%2E%2E", ".|..|..|");
    assert_path(*state, "/a%0Ab", "a\nb|");
}

static void one_slash_at_the_end_is_dropped(void **state)
{
    assert_path(*state, "/", "");
    assert_path(*state, "/a/", "a|");
    assert_path(*state, "/a/b/", "a|b|");
    assert_path(*state, "/a//", "a||");
    assert_path(*state, "/a%2F", "a/|");
    assert_path(*state, "/a/%2F", "a|/|");
    assert_path(*state, "/a%2F/", "a/|");
    assert_path(*state, "/a%2f%2f", "a//|");
}

static void empty_segments_are_kept(void **state)
{
    assert_path(*state, "//", "|");
    assert_path(*state, "///", "||");
    assert_path(*state, "//a", "|a|");
    assert_path(*state, "/a//b", "a||b|");
    assert_path(*state, "/a///b/", "a|||b|");
    assert_path(*state, "/%2F", "/|");
}

static void malformed_paths_leave_nothing(void **state)
{
    static const struct {
        const char *raw;
        size_t length;
    } malformed[] = {
        {"", 0},      {"a", 1},       {"a/b", 3},  {"%2Fa", 4}, {"/%", 2},       {"/a/%zz", 6},
        {"/a%", 3},   {"/a%2/b", 6},  {"/%00", 4}, {"/\0", 2},  {"/a\0b", 4},    {"/a/%C3", 6},
        {"/\xE9", 2}, {"/%C0%AF", 7}, {"\0/", 2},  {"?", 1},    {"/%C3/%A9", 8},
    };
    size_t blocks = talloc_total_blocks(*state);

    for (size_t i = 0; i < COUNT(malformed); i++) {
        struct uri_path path = {(char **)1, 7};

        if (split(*state, malformed[i].raw, malformed[i].length, &path) != URI_MALFORMED)
            fail_msg("path number %zu is accepted", i);
        assert_null(path.segments);
        assert_int_equal(path.count, 0);
    }
    assert_int_equal(talloc_total_blocks(*state), blocks);
}

static void only_the_length_given_is_the_path(void **state)
{
    struct uri_path path;

    assert_int_equal(split(*state, "/a/b?c=/d", 4, &path), URI_OK);
    assert_int_equal(path.count, 2);
    assert_string_equal(path.segments[1], "b");
    assert_int_equal(split(*state, "/a%41", 3, &path), URI_MALFORMED);
}

static void long_paths_are_split_whole(void **state)
{
    enum { SEGMENTS = 8000 };
    char *raw = talloc_strdup(*state, "");
    struct uri_path path;

    for (int i = 0; i < SEGMENTS; i++)
        raw = talloc_strdup_append_buffer(raw, "/a");
    assert_int_equal(split(*state, raw, strlen(raw), &path), URI_OK);
    assert_int_equal(path.count, SEGMENTS);
    assert_string_equal(path.segments[SEGMENTS - 1], "a");
}

static enum uri_result parse(TALLOC_CTX *ctx, const char *text, size_t length,
                             struct uri_form *form)
{
    char *bytes = malloc(length + 1);
    enum uri_result result;

    assert_non_null(bytes);
    memcpy(bytes + 1, text, length);
    result = uri_parse_form(ctx, bytes + 1, length, form);
    free(bytes);
    return result;
}

/* Parameters are given as one string of [name:value]. */
static void assert_form(TALLOC_CTX *ctx, const char *text, const char *expected)
{
    struct uri_form form;
    char *found = talloc_strdup(ctx, "");

    assert_int_equal(parse(ctx, text, strlen(text), &form), URI_OK);
    for (size_t i = 0; i < form.count; i++)
        found = talloc_asprintf_append(found, "[%s:%s]", form.parameters[i].name,
                                       form.parameters[i].value);
    assert_string_equal(found, expected);
}

static void forms_are_split_before_they_are_decoded(void **state)
{
    assert_form(*state, "extid=CRM-56789", "[extid:CRM-56789]");
    assert_form(*state, "limit=10&offset=20", "[limit:10][offset:20]");
    assert_form(*state, "a%3Db%26c=d%3De%26f", "[a=b&c:d=e&f]");
    assert_form(*state, "a+b=c+d%2B", "[a b:c d+]");
    assert_form(*state, "%C3%A9=%F0%9F%98%80", "[\xC3\xA9:\xF0\x9F\x98\x80]");
    assert_form(*state, "extid=1&extid=2&extid=1", "[extid:1][extid:2][extid:1]");
    assert_form(*state, "a=1;b=2", "[a:1;b=2]");
}

static void the_first_equals_sign_ends_the_name(void **state)
{
    assert_form(*state, "a=", "[a:]");
    assert_form(*state, "a", "[a:]");
    assert_form(*state, "a&b", "[a:][b:]");
    assert_form(*state, "=", "[:]");
    assert_form(*state, "=b", "[:b]");
    assert_form(*state, "a=b=c", "[a:b=c]");
    assert_form(*state, "a==", "[a:=]");
    assert_form(*state, "%41", "[A:]");
    assert_form(*state, "%41&b=%42", "[A:][b:B]");
}

static void empty_pieces_are_skipped(void **state)
{
    assert_form(*state, "", "");
    assert_form(*state, "&", "");
    assert_form(*state, "&&&", "");
    assert_form(*state, "a=1&&b=2", "[a:1][b:2]");
    assert_form(*state, "&a=1&", "[a:1]");
}

static void malformed_forms_leave_nothing(void **state)
{
    static const struct {
        const char *text;
        size_t length;
    } malformed[] = {
        {"%", 1},      {"a=%", 3},   {"a=%zz", 5},    {"%zz=a", 5},
        {"a=%00", 5},  {"%00=a", 5}, {"a=1&b=%4", 8}, {"a=%E9", 5},
        {"a=\xE9", 3}, {"a\0b", 3},  {"\0", 1},       {"a=1\0", 4},
        {"a%=1", 4},   {"a=%3", 4},  {"a=%C0%AF", 8}, {"a=%ED%A0%80", 11},
    };
    size_t blocks = talloc_total_blocks(*state);

    for (size_t i = 0; i < COUNT(malformed); i++) {
        struct uri_form form = {(struct uri_parameter *)1, 7};

        if (parse(*state, malformed[i].text, malformed[i].length, &form) != URI_MALFORMED)
            fail_msg("form number %zu is accepted", i);
        assert_null(form.parameters);
        assert_int_equal(form.count, 0);
    }
    assert_int_equal(talloc_total_blocks(*state), blocks);
}

/* Deprecated without a successor, and just what is wanted here. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

static TALLOC_CTX *limited_context(TALLOC_CTX *ctx, size_t limit)
{
    TALLOC_CTX *limited = talloc_new(ctx);

    assert_int_equal(talloc_set_memlimit(limited, limit), 0);
    return limited;
}

#pragma GCC diagnostic pop

static enum uri_result split_within(TALLOC_CTX *ctx, size_t limit)
{
    TALLOC_CTX *limited = limited_context(ctx, limit);
    struct uri_path path = {(char **)1, 7};
    enum uri_result result = uri_split_path(limited, "/a/b", 4, &path);

    if (result == URI_NO_MEMORY) {
        assert_null(path.segments);
        assert_int_equal(path.count, 0);
        assert_int_equal(talloc_total_blocks(limited), 1);
    }
    talloc_free(limited);
    return result;
}

static enum uri_result parse_within(TALLOC_CTX *ctx, size_t limit)
{
    TALLOC_CTX *limited = limited_context(ctx, limit);
    struct uri_form form = {(struct uri_parameter *)1, 7};
    enum uri_result result = uri_parse_form(limited, "a=1&b=2", 7, &form);

    if (result == URI_NO_MEMORY) {
        assert_null(form.parameters);
        assert_int_equal(form.count, 0);
        assert_int_equal(talloc_total_blocks(limited), 1);
    }
    talloc_free(limited);
    return result;
}

/* With less memory than it takes, and up to enough of it. */
static void want_of_memory_is_told(void **state)
{
    size_t limit = 1;

    assert_int_equal(split_within(*state, limit), URI_NO_MEMORY);
    while (split_within(*state, limit) == URI_NO_MEMORY)
        limit++;
    assert_int_equal(split_within(*state, limit), URI_OK);
    limit = 1;
    assert_int_equal(parse_within(*state, limit), URI_NO_MEMORY);
    while (parse_within(*state, limit) == URI_NO_MEMORY)
        limit++;
    assert_int_equal(parse_within(*state, limit), URI_OK);
    assert_null(uri_encode(limited_context(*state, 1), "a"));
}

static void strings_go_with_their_array(void **state)
{
    size_t blocks = talloc_total_blocks(*state);
    struct uri_path path;
    struct uri_form form;

    assert_int_equal(uri_split_path(*state, "/a/b", 4, &path), URI_OK);
    assert_int_equal(uri_parse_form(*state, "a=b", 3, &form), URI_OK);
    assert_ptr_equal(talloc_parent(path.segments), *state);
    assert_ptr_equal(talloc_parent(form.parameters), *state);
    talloc_free(path.segments);
    talloc_free(form.parameters);
    assert_int_equal(talloc_total_blocks(*state), blocks);
}

static void unreserved_characters_are_not_encoded(void **state)
{
    static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                     "0123456789-._~";

    assert_string_equal(uri_encode(*state, unreserved), unreserved);
    assert_string_equal(uri_encode(*state, ""), "");
    assert_string_equal(uri_encode(*state, "a b+c%d/e?f#g"), "a%20b%2Bc%25d%2Fe%3Ff%23g");
    assert_string_equal(uri_encode(*state, "\x01\x7F\xC3\xA9"), "%01%7F%C3%A9");
    assert_string_equal(uri_encode(*state, "!$&'()*,;=:@[]\"<>\\^`{|}"),
                        "%21%24%26%27%28%29%2A%2C%3B%3D%3A%40%5B%5D%22%3C%3E%5C%5E%60%7B%7C%7D");
}

static void every_code_unit_survives_both_ways(void **state)
{
    char text[128];
    char *encoded;

    for (size_t i = 0; i < sizeof text - 1; i++)
        text[i] = (char)(i + 1);
    text[sizeof text - 1] = '\0';
    encoded = uri_encode(*state, text);
    assert_ptr_equal(talloc_parent(encoded), *state);
    assert_true(uri_decode(encoded, false));
    assert_string_equal(encoded, text);
    encoded = uri_encode(*state, text);
    assert_true(uri_decode(encoded, true));
    assert_string_equal(encoded, text);
}

#define URI_TEST(function) cmocka_unit_test_setup_teardown(function, make_context, free_context)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(percent_is_decoded),
        cmocka_unit_test(plus_is_a_space_in_forms_only),
        cmocka_unit_test(broken_encodings_are_refused),
        URI_TEST(paths_are_split_before_they_are_decoded),
        URI_TEST(one_slash_at_the_end_is_dropped),
        URI_TEST(empty_segments_are_kept),
        URI_TEST(malformed_paths_leave_nothing),
        URI_TEST(only_the_length_given_is_the_path),
        URI_TEST(long_paths_are_split_whole),
        URI_TEST(forms_are_split_before_they_are_decoded),
        URI_TEST(the_first_equals_sign_ends_the_name),
        URI_TEST(empty_pieces_are_skipped),
        URI_TEST(malformed_forms_leave_nothing),
        URI_TEST(want_of_memory_is_told),
        URI_TEST(strings_go_with_their_array),
        URI_TEST(unreserved_characters_are_not_encoded),
        URI_TEST(every_code_unit_survives_both_ways),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
