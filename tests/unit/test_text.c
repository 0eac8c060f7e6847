#include "common/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* A literal and its length, which counts NULs inside it. */
#define BYTES(literal) (literal), sizeof(literal) - 1

static void utf8_of_every_length_is_accepted(void **state)
{
    (void)state;
    assert_true(text_is_utf8(BYTES("")));
    assert_true(text_is_utf8(BYTES("\x01 ~\x7F")));
    assert_true(text_is_utf8(BYTES("\xC2\x80 \xDF\xBF")));
    assert_true(text_is_utf8(BYTES("\xE0\xA0\x80 \xED\x9F\xBF \xEE\x80\x80 \xEF\xBF\xBF")));
    assert_true(text_is_utf8(BYTES("\xF0\x90\x80\x80 \xF4\x8F\xBF\xBF")));
    assert_true(text_is_utf8(BYTES("\xEF\xBB\xBF")));
}

static void what_is_not_utf8_is_refused(void **state)
{
    static const struct {
        const char *bytes;
        size_t length;
    } malformed[] = {
        {BYTES("\0")},                       /* NUL */
        {BYTES("a\0b")},                     /* NUL between */
        {BYTES("ab\0")},                     /* NUL at the end */
        {BYTES("\xC0\x80")},                 /* NUL, overlong */
        {BYTES("\xC0\xAF")},                 /* '/', overlong in two bytes */
        {BYTES("\xC1\xBF")},                 /* U+007F, overlong */
        {BYTES("\xE0\x80\xAF")},             /* '/', overlong in three bytes */
        {BYTES("\xE0\x9F\xBF")},             /* U+07FF, overlong */
        {BYTES("\xF0\x80\x80\xAF")},         /* '/', overlong in four bytes */
        {BYTES("\xF0\x8F\xBF\xBF")},         /* U+FFFF, overlong */
        {BYTES("\xED\xA0\x80")},             /* U+D800 */
        {BYTES("\xED\xBF\xBF")},             /* U+DFFF */
        {BYTES("\xED\xA0\xBD\xED\xB8\x80")}, /* a pair of surrogates */
        {BYTES("\xF4\x90\x80\x80")},         /* U+110000 */
        {BYTES("\xF8\x88\x80\x80\x80")},     /* five bytes */
        {BYTES("\xFE")},
        {BYTES("\xFF")},
        {BYTES("\x80")}, /* a continuation alone */
        {BYTES("a\xBF")},
        {BYTES("\xC3")}, /* cut off */
        {BYTES("\xE2\x82")},
        {BYTES("\xF0\x9F\x98")},
        {BYTES("\xC3(")}, /* not continued */
        {BYTES("\xE2(\xA1")},
        {BYTES("\xE9t\xE9")}, /* ISO-8859-1 */
    };

    (void)state;
    for (size_t i = 0; i < COUNT(malformed); i++)
        if (text_is_utf8(malformed[i].bytes, malformed[i].length))
            fail_msg("number %zu is taken for UTF-8", i);
}

static void only_the_bytes_given_are_looked_at(void **state)
{
    char *bytes = malloc(2);

    (void)state;
    assert_non_null(bytes);
    /* NOLINTNEXTLINE(bugprone-not-null-terminated-result): these bytes are no string */
    memcpy(bytes, "\xC3\xA9", 2);
    assert_true(text_is_utf8(bytes, 2));
    assert_false(text_is_utf8(bytes, 1));
    assert_true(text_is_utf8(bytes, 0));
    free(bytes);
}

static void length_counts_code_points(void **state)
{
    (void)state;
    assert_int_equal(text_length(""), 0);
    assert_int_equal(text_length("abc"), 3);
    assert_int_equal(text_length("\xC3\xA9"), 1);
    assert_int_equal(text_length("e\xCC\x81"), 2); /* a combining accent counts */
    assert_int_equal(text_length("\xE2\x82\xAC"), 1);
    assert_int_equal(text_length("\xF0\x9F\x98\x80"), 1);
    assert_int_equal(text_length("\xEF\xBB\xBFx"), 2); /* so does U+FEFF */
    assert_int_equal(text_length("\n\x7F\xC2\x85"), 3);
}

static void assert_trimmed(const char *text, const char *expected)
{
    char *copy = strdup(text);

    assert_non_null(copy);
    assert_string_equal(text_trim(copy), expected);
    free(copy);
}

static void trim_drops_xml_white_space_at_both_ends(void **state)
{
    (void)state;
    assert_trimmed("", "");
    assert_trimmed("a", "a");
    assert_trimmed(" \t\r\n", "");
    assert_trimmed(" \t\r\na b\t c\n\r\t ", "a b\t c");
    assert_trimmed("a ", "a");
    assert_trimmed(" a", "a");
}

static void trim_keeps_all_other_white_space(void **state)
{
    (void)state;
    assert_trimmed("\v", "\v");
    assert_trimmed("\f a \f", "\f a \f");
    assert_trimmed("\xC2\xA0", "\xC2\xA0");         /* no-break space */
    assert_trimmed("\xC2\x85", "\xC2\x85");         /* next line */
    assert_trimmed("\xE2\x80\xA8", "\xE2\x80\xA8"); /* line separator */
    assert_trimmed("\xE3\x80\x80", "\xE3\x80\x80"); /* ideographic space */
    assert_trimmed("\xEF\xBB\xBF", "\xEF\xBB\xBF"); /* U+FEFF */
}

static void trim_works_in_place(void **state)
{
    char text[] = "  ab  ";

    (void)state;
    assert_ptr_equal(text_trim(text), text + 2);
    assert_memory_equal(text, "  ab\0 ", sizeof text);
}

/* Writes a code point of the Basic Multilingual Plane, or beyond. */
static const char *utf8_of(unsigned c)
{
    static char text[5];
    size_t length = 0;

    if (c < 0x80) {
        text[length++] = (char)c;
    } else if (c < 0x800) {
        text[length++] = (char)(0xC0 | c >> 6);
        text[length++] = (char)(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        text[length++] = (char)(0xE0 | c >> 12);
        text[length++] = (char)(0x80 | (c >> 6 & 0x3F));
        text[length++] = (char)(0x80 | (c & 0x3F));
    } else {
        text[length++] = (char)(0xF0 | c >> 18);
        text[length++] = (char)(0x80 | (c >> 12 & 0x3F));
        text[length++] = (char)(0x80 | (c >> 6 & 0x3F));
        text[length++] = (char)(0x80 | (c & 0x3F));
    }
    text[length] = '\0';
    return text;
}

static void every_code_point_is_classified(void **state)
{
    (void)state;
    for (unsigned c = 1; c <= 0x10FFFF; c++) {
        bool surrogate = c >= 0xD800 && c <= 0xDFFF;
        bool control = c <= 0x1F || (c >= 0x7F && c <= 0x9F);
        bool xml = c == 0x9 || c == 0xA || c == 0xD || (c >= 0x20 && c <= 0xD7FF) ||
                   (c >= 0xE000 && c <= 0xFFFD) || c >= 0x10000;
        const char *text = utf8_of(c);

        if (text_is_utf8(text, strlen(text)) == surrogate)
            fail_msg("U+%04X: wrong about UTF-8", c);
        if (surrogate)
            continue;
        if (text_length(text) != 1)
            fail_msg("U+%04X: wrong length", c);
        if (text_has_control(text) != control)
            fail_msg("U+%04X: wrong about control characters", c);
        if (text_is_xml(text) != xml)
            fail_msg("U+%04X: wrong about XML", c);
    }
}

static void one_character_anywhere_decides(void **state)
{
    (void)state;
    assert_false(text_has_control(""));
    assert_false(text_has_control("plain \xC3\xA9\xC2\xA0\xE2\x80\xA8"));
    assert_true(text_has_control("\xC2\x80plain"));
    assert_true(text_has_control("pl\tain"));
    assert_true(text_has_control("plain\x7F"));
    assert_true(text_is_xml(""));
    assert_true(text_is_xml("a\tb\r\n\x7F\xC2\x85\xF0\x9F\xBF\xBE"));
    assert_false(text_is_xml("\x01plain"));
    assert_false(text_is_xml("pl\x0B"
                             "ain"));
    assert_false(text_is_xml("plain\xEF\xBF\xBF"));
}

static void keys(void **state)
{
    char key[66];

    (void)state;
    assert_true(text_is_key("a"));
    assert_true(text_is_key("Z"));
    assert_true(text_is_key("0"));
    assert_true(text_is_key("shoe-size"));
    assert_true(text_is_key("a.b_c-D.9-"));
    assert_true(text_is_key("a.."));
    memset(key, 'k', sizeof key);
    key[64] = '\0';
    assert_true(text_is_key(key));
    key[64] = 'k';
    key[65] = '\0';
    assert_false(text_is_key(key));
    assert_false(text_is_key(""));
    assert_false(text_is_key("."));
    assert_false(text_is_key("-a"));
    assert_false(text_is_key("_a"));
    assert_false(text_is_key("a b"));
    assert_false(text_is_key(" a"));
    assert_false(text_is_key("a\n"));
    assert_false(text_is_key("a/b"));
    assert_false(text_is_key("a:b"));
    assert_false(text_is_key("caf\xC3\xA9"));
    assert_false(text_is_key("\xFF"));
}

static void words_of_a_list(void **state)
{
    (void)state;
    assert_true(text_in_list("a", "a"));
    assert_true(text_in_list("limit", "limit offset after"));
    assert_true(text_in_list("offset", "limit offset after"));
    assert_true(text_in_list("after", "limit offset after"));
    assert_false(text_in_list("off", "limit offset after"));
    assert_false(text_in_list("offsets", "limit offset after"));
    assert_false(text_in_list("set", "limit offset after"));
    assert_false(text_in_list("Limit", "limit offset after"));
    assert_false(text_in_list("limit offset", "limit offset after"));
    assert_false(text_in_list("a", ""));
    assert_false(text_in_list("", ""));
    assert_false(text_in_list("", "a b"));
    assert_false(text_in_list("", "a  b"));
    assert_false(text_in_list(" ", "a b"));
}

static void identifiers(void **state)
{
    static const char *const malformed[] = {
        "",
        " ",
        "a",
        "-1",
        "+1",
        "1 ",
        " 1",
        "1.0",
        "0x10",
        "1e3",
        "1\n",
        "12a",
        "1000000000000000000",
        "0000000000000000001",
        "99999999999999999999999999",
        "\xD9\xA1",     /* an Arabic digit */
        "\xEF\xBC\x91", /* a full-width digit */
    };
    int64_t identifier = -7;

    (void)state;
    for (size_t i = 0; i < COUNT(malformed); i++)
        if (text_parse_identifier(malformed[i], &identifier))
            fail_msg("\"%s\" is taken for an identifier", malformed[i]);
    assert_int_equal(identifier, -7);
    assert_true(text_parse_identifier("0", &identifier));
    assert_int_equal(identifier, 0);
    assert_true(text_parse_identifier("10000001", &identifier));
    assert_int_equal(identifier, 10000001);
    assert_true(text_parse_identifier("01234574", &identifier));
    assert_int_equal(identifier, 1234574);
    assert_true(text_parse_identifier("000000000000000001", &identifier));
    assert_int_equal(identifier, 1);
    assert_true(text_parse_identifier("999999999999999999", &identifier));
    assert_true(identifier == INT64_C(999999999999999999));
}

static void texts_are_joined_where_they_fit(void **state)
{
    char joined[] = "xxxxxx";

    (void)state;
    assert_true(text_join(joined, 6, (const char *const[]){"ab", "", "cde", NULL}));
    assert_string_equal(joined, "abcde");
    assert_true(text_join(joined, 1, (const char *const[]){NULL}));
    assert_string_equal(joined, "");
    assert_false(text_join(joined, 5, (const char *const[]){"ab", "cde", NULL}));
    assert_false(text_join(joined, 0, (const char *const[]){"", NULL}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_joined_where_they_fit),
        cmocka_unit_test(utf8_of_every_length_is_accepted),
        cmocka_unit_test(what_is_not_utf8_is_refused),
        cmocka_unit_test(only_the_bytes_given_are_looked_at),
        cmocka_unit_test(length_counts_code_points),
        cmocka_unit_test(trim_drops_xml_white_space_at_both_ends),
        cmocka_unit_test(trim_keeps_all_other_white_space),
        cmocka_unit_test(trim_works_in_place),
        cmocka_unit_test(every_code_point_is_classified),
        cmocka_unit_test(one_character_anywhere_decides),
        cmocka_unit_test(keys),
        cmocka_unit_test(words_of_a_list),
        cmocka_unit_test(identifiers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
