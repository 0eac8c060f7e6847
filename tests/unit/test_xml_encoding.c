#include "common/xml_encoding.h"

#include "tests/unit/limited_memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* A string literal, which may hold NUL, with its length. */
#define BYTES(literal) literal, sizeof(literal) - 1

#define UTF_8_MARK "\xef\xbb\xbf"
#define BIG_MARK "\xfe\xff"
#define LITTLE_MARK "\xff\xfe"

#define NOT_KNOWN "the encoding is not UTF-8, UTF-16, ISO-8859-1 or US-ASCII"
#define NOT_UTF_8 "the bytes are not UTF-8"
#define NOT_UTF_16 "the bytes are not UTF-16"
#define NOT_US_ASCII "the bytes are not US-ASCII"
#define NO_MARK "UTF-16 needs a byte order mark"

static void assert_decoded(const char *body, size_t length, const char *charset,
                           const char *expected, size_t expected_length)
{
    TALLOC_CTX *ctx = talloc_new(NULL);
    struct xml_source source = {NULL, 0};
    struct xml_fault fault = {0, NULL};
    /* A copy at its very size, so that a sanitizer sees a byte too much being read. */
    const char *copy = talloc_memdup(ctx, body, length);

    assert_int_equal(xml_decode(ctx, copy, length, charset, &source, &fault), XML_DECODED);
    assert_int_equal(source.length, expected_length);
    assert_memory_equal(source.bytes, expected, expected_length);
    assert_null(fault.sentence);
    talloc_free(ctx);
}

static void assert_refused(const char *body, size_t length, const char *charset,
                           const char *sentence, unsigned long line)
{
    TALLOC_CTX *ctx = talloc_new(NULL);
    struct xml_source source;
    struct xml_fault fault = {0, NULL};
    const char *copy = talloc_memdup(ctx, body, length);

    assert_int_equal(xml_decode(ctx, copy, length, charset, &source, &fault), XML_NOT_DECODED);
    assert_string_equal(fault.sentence, sentence);
    assert_int_equal(fault.line, line);
    talloc_free(ctx);
}

static void utf_8_is_taken_for_granted(void **state)
{
    (void)state;
    assert_decoded(BYTES(""), NULL, BYTES(""));
    assert_decoded(BYTES("<"), NULL, BYTES("<"));
    assert_decoded(BYTES("<a>\xc3\xa9</a>"), NULL, BYTES("<a>\xc3\xa9</a>"));
    assert_decoded(BYTES("<?xml version='1.0'?><a>\xc3\xa9</a>"), NULL,
                   BYTES("<?xml version='1.0'?><a>\xc3\xa9</a>"));
}

static void the_four_names_in_any_case(void **state)
{
    (void)state;
    assert_decoded(BYTES("\xc3\xa9"), "UTF-8", BYTES("\xc3\xa9"));
    assert_decoded(BYTES("\xc3\xa9"), "utf-8", BYTES("\xc3\xa9"));
    assert_decoded(BYTES("e"), "US-ASCII", BYTES("e"));
    assert_decoded(BYTES("e"), "us-ascii", BYTES("e"));
    assert_decoded(BYTES("\xe9"), "ISO-8859-1", BYTES("\xc3\xa9"));
    assert_decoded(BYTES("\xe9"), "iso-8859-1", BYTES("\xc3\xa9"));
    assert_decoded(BYTES(BIG_MARK "\0e"), "UTF-16", BYTES("e"));
    assert_decoded(BYTES(LITTLE_MARK "e\0"), "utf-16", BYTES("e"));
}

static void other_names_are_refused(void **state)
{
    static const char *const names[] = {"",
                                        "UTF8",
                                        "utf-7",
                                        "UTF-8 ",
                                        " UTF-8",
                                        "\"UTF-8\"",
                                        "UTF-16LE",
                                        "UTF-16BE",
                                        "UTF-32",
                                        "UCS-4",
                                        "latin1",
                                        "ASCII",
                                        "ISO-8859-15",
                                        "ISO-8859-2",
                                        "EUC-JP",
                                        "windows-1252",
                                        "ISO-8859-1x",
                                        "UTF-",
                                        "ISO_8859-1",
                                        "Shift_JIS",
                                        "GB18030",
                                        "EBCDIC-CP-US",
                                        "x-unknown"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *declared = talloc_asprintf(NULL, "<?xml version='1.0' encoding='%s'?><a/>", names[i]);

        assert_refused(BYTES("<a/>"), names[i], NOT_KNOWN, 1);
        if (strchr(names[i], '"') == NULL)
            assert_refused(declared, strlen(declared), NULL, NOT_KNOWN, 1);
        talloc_free(declared);
    }
}

static void the_mark_wins(void **state)
{
    static const char *const charsets[] = {NULL,         "UTF-8",    "UTF-16",
                                           "ISO-8859-1", "US-ASCII", "windows-1252"};

    (void)state;
    for (size_t i = 0; i < sizeof charsets / sizeof *charsets; i++) {
        assert_decoded(BYTES(UTF_8_MARK "\xc3\xa9"), charsets[i], BYTES("\xc3\xa9"));
        assert_decoded(BYTES(BIG_MARK "\0\xe9"), charsets[i], BYTES("\xc3\xa9"));
        assert_decoded(BYTES(LITTLE_MARK "\xe9\0"), charsets[i], BYTES("\xc3\xa9"));
        assert_refused(BYTES(UTF_8_MARK "\xe9"), charsets[i], NOT_UTF_8, 1);
    }
    assert_decoded(BYTES(UTF_8_MARK "<?xml version='1.0' encoding='ISO-8859-1'?>\xc3\xa9"), NULL,
                   BYTES("<?xml version='1.0' encoding='ISO-8859-1'?>\xc3\xa9"));
    assert_decoded(BYTES(UTF_8_MARK), NULL, BYTES(""));
    assert_decoded(BYTES(BIG_MARK), NULL, BYTES(""));
    assert_decoded(BYTES(LITTLE_MARK), NULL, BYTES(""));
}

static void half_a_mark_is_none(void **state)
{
    (void)state;
    assert_refused(BYTES("\xef\xbb"), NULL, NOT_UTF_8, 1);
    assert_refused(BYTES("\xfe"), NULL, NOT_UTF_8, 1);
    assert_refused(BYTES("\xff"), NULL, NOT_UTF_8, 1);
    assert_decoded(BYTES("\xff"), "ISO-8859-1", BYTES("\xc3\xbf"));
}

static void a_second_mark_is_a_character(void **state)
{
    (void)state;
    assert_decoded(BYTES(UTF_8_MARK UTF_8_MARK "x"), NULL, BYTES("\xef\xbb\xbfx"));
    assert_decoded(BYTES(BIG_MARK BIG_MARK), NULL, BYTES("\xef\xbb\xbf"));
}

static void the_charset_wins_over_the_declaration(void **state)
{
    (void)state;
    assert_decoded(BYTES("<?xml version='1.0' encoding='UTF-8'?>\xe9"), "ISO-8859-1",
                   BYTES("<?xml version='1.0' encoding='UTF-8'?>\xc3\xa9"));
    assert_decoded(BYTES("<?xml version='1.0' encoding='ISO-8859-1'?>\xc3\xa9"), "UTF-8",
                   BYTES("<?xml version='1.0' encoding='ISO-8859-1'?>\xc3\xa9"));
    assert_decoded(BYTES("<?xml version='1.0' encoding='windows-1252'?>\xc3\xa9"), "UTF-8",
                   BYTES("<?xml version='1.0' encoding='windows-1252'?>\xc3\xa9"));
    assert_decoded(BYTES("<?xml version='1.0' encoding='UTF-16'?>e"), "US-ASCII",
                   BYTES("<?xml version='1.0' encoding='UTF-16'?>e"));
    assert_refused(BYTES("<?xml version='1.0' encoding='UTF-8'?>\xc3\xa9"), "US-ASCII",
                   NOT_US_ASCII, 1);
}

/* Each declares ISO-8859-1, so that the byte E9 is a character. */
static void declarations_in_every_form(void **state)
{
    static const char *const declarations[] = {
        "<?xml version='1.0' encoding='ISO-8859-1'?>",
        "<?xml version=\"1.0\" encoding=\"iso-8859-1\" ?>",
        "<?xml version='1.0' encoding=\"ISO-8859-1\" standalone='yes'?>",
        "<?xml\tversion\n=\r\n'1.0'\r encoding \t=\n 'ISO-8859-1'?>",
        "<?xml version=\"1.0'\" encoding='ISO-8859-1'?>",
    };

    (void)state;
    for (size_t i = 0; i < sizeof declarations / sizeof *declarations; i++) {
        char *body = talloc_asprintf(NULL, "%s\xe9", declarations[i]);
        char *expected = talloc_asprintf(body, "%s\xc3\xa9", declarations[i]);

        assert_decoded(body, strlen(body), NULL, expected, strlen(expected));
        talloc_free(body);
    }
}

/* None of these declares an encoding, so that they are UTF-8, in which the byte E9 is wrong. */
static void what_is_no_declaration(void **state)
{
    static const char *const others[] = {
        " <?xml version='1.0' encoding='ISO-8859-1'?>",
        "<?xml-model version='1.0' encoding='ISO-8859-1'?>",
        "<?XML version='1.0' encoding='ISO-8859-1'?>",
        "<?xml encoding='ISO-8859-1'?>",
        "<?xml version='1.0'encoding='ISO-8859-1'?>",
        "<?xml version='1.0' encoding 'ISO-8859-1'?>",
        "<?xml version='1.0' encoding=ISO-8859-1?>",
        "<?xml version='1.0' encoding='ISO-8859-1",
        "<?xml version='1.0' encoding='ISO-8859-1\"?>",
        "<?xml version='1.0' encoding=",
        "<?xml version='1.0' encoding",
        "<?xml version='1.0' standalone='yes' encoding='ISO-8859-1'?>",
        "<?xml version='1.0'?><?xml version='1.0' encoding='ISO-8859-1'?>",
        "<?xml version='1.0'?><a encoding='ISO-8859-1'/>",
        "<!-- <?xml version='1.0' encoding='ISO-8859-1'?> -->",
    };

    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        char *body = talloc_asprintf(NULL, "%s\xe9", others[i]);

        assert_refused(body, strlen(body), NULL, NOT_UTF_8, 1);
        /* Each shorter one is no declaration either, and nothing is read beyond its end. */
        for (size_t length = strlen(others[i]); length > 0; length--)
            assert_decoded(others[i], length, NULL, others[i], length);
        talloc_free(body);
    }
}

static void utf_16_needs_a_mark(void **state)
{
    (void)state;
    assert_refused(BYTES("\0<\0a\0/\0>"), "UTF-16", NO_MARK, 1);
    assert_refused(BYTES("<\0a\0/\0>\0"), "utf-16", NO_MARK, 1);
    assert_refused(BYTES("<?xml version='1.0' encoding='UTF-16'?><a/>"), NULL, NO_MARK, 1);
    assert_refused(BYTES(""), "UTF-16", NO_MARK, 1);
}

static void invalid_utf_8(void **state)
{
    static const char *const invalid[] = {
        "\x80", /* a continuation by itself */
        "\xbf",
        "\xc3", /* truncated */
        "\xc3x",
        "\xe2\x82",
        "\xe2\x82x",
        "\xf0\x9f\x98",
        "\xf0\x9f\x98x",
        "\xc0\x80", /* overlong */
        "\xc1\xbf",
        "\xe0\x80\x80",
        "\xe0\x9f\xbf",
        "\xf0\x80\x80\x80",
        "\xf0\x8f\xbf\xbf",
        "\xed\xa0\x80", /* surrogates */
        "\xed\xbf\xbf",
        "\xed\xa0\xbd\xed\xb8\x80",
        "\xf4\x90\x80\x80", /* beyond U+10FFFF */
        "\xf5\x80\x80\x80",
        "\xf8\x88\x80\x80\x80",
        "\xfc\x84\x80\x80\x80\x80",
        "\xfe",
        "\xff",
    };

    (void)state;
    for (size_t i = 0; i < sizeof invalid / sizeof *invalid; i++) {
        char *body = talloc_asprintf(NULL, "<a>\n\r\n\xc3\xa9%s", invalid[i]);

        assert_refused(body, strlen(body), NULL, NOT_UTF_8, 3);
        assert_refused(body, strlen(body), "utf-8", NOT_UTF_8, 3);
        body = talloc_asprintf_append(body, "\n</a>");
        assert_refused(body, strlen(body), NULL, NOT_UTF_8, 3);
        talloc_free(body);
    }
}

static void borders_of_utf_8(void **state)
{
    (void)state;
    assert_decoded(BYTES("\0\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf"
                         "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"),
                   NULL,
                   BYTES("\0\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf"
                         "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"));
}

static void every_byte_of_us_ascii(void **state)
{
    (void)state;
    for (unsigned byte = 0; byte < 256; byte++) {
        const char body[] = {'\n', (char)byte, 'x'};

        if (byte < 128)
            assert_decoded(body, sizeof body, "US-ASCII", body, sizeof body);
        else
            assert_refused(body, sizeof body, "US-ASCII", NOT_US_ASCII, 2);
    }
    assert_refused(BYTES("<?xml version='1.0' encoding='US-ASCII'?>\n\n\xc3\xa9"), NULL,
                   NOT_US_ASCII, 3);
}

static void every_byte_of_iso_8859_1(void **state)
{
    (void)state;
    for (unsigned byte = 0; byte < 256; byte++) {
        const char body[] = {'x', (char)byte};
        const char low[] = {'x', (char)byte};
        const char high[] = {'x', (char)(0xc0 | byte >> 6), (char)(0x80 | (byte & 0x3f))};

        if (byte < 128)
            assert_decoded(body, sizeof body, "ISO-8859-1", low, sizeof low);
        else
            assert_decoded(body, sizeof body, "ISO-8859-1", high, sizeof high);
    }
    assert_decoded(BYTES(""), "ISO-8859-1", BYTES(""));
}

static void characters_of_utf_16(void **state)
{
    (void)state;
    assert_decoded(BYTES(BIG_MARK "\0\0\0<\x20\xac\xd8\x3d\xde\x00\xff\xfd\xdb\xff\xdf\xff"), NULL,
                   BYTES("\0<\xe2\x82\xac\xf0\x9f\x98\x80\xef\xbf\xbd\xf4\x8f\xbf\xbf"));
    assert_decoded(BYTES(LITTLE_MARK "\0\0<\0\xac\x20\x3d\xd8\x00\xde\xfd\xff\xff\xdb\xff\xdf"),
                   NULL, BYTES("\0<\xe2\x82\xac\xf0\x9f\x98\x80\xef\xbf\xbd\xf4\x8f\xbf\xbf"));
}

static void invalid_utf_16(void **state)
{
    (void)state;
    /* Half a unit. */
    assert_refused(BYTES(BIG_MARK "\0"), NULL, NOT_UTF_16, 1);
    assert_refused(BYTES(BIG_MARK "\0\n\0a\0"), NULL, NOT_UTF_16, 2);
    assert_refused(BYTES(LITTLE_MARK "\n\0\n\0a"), NULL, NOT_UTF_16, 3);
    /* Half a pair: at the end, before another character, the second by itself, the wrong way round.
     */
    assert_refused(BYTES(BIG_MARK "\xd8\x3d"), NULL, NOT_UTF_16, 1);
    assert_refused(BYTES(BIG_MARK "\xd8\x3d\xde"), NULL, NOT_UTF_16, 1);
    assert_refused(BYTES(BIG_MARK "\xd8\x3d\0x"), NULL, NOT_UTF_16, 1);
    assert_refused(BYTES(BIG_MARK "\xde\x00\0x"), NULL, NOT_UTF_16, 1);
    assert_refused(BYTES(BIG_MARK "\xde\x00\xd8\x3d"), NULL, NOT_UTF_16, 1);
    assert_refused(BYTES(BIG_MARK "\xd8\x3d\xd8\x3d"), NULL, NOT_UTF_16, 1);
    assert_refused(BYTES(LITTLE_MARK "\n\0\x3d\xd8"), NULL, NOT_UTF_16, 2);
    assert_refused(BYTES(LITTLE_MARK "\n\0\x3d\xd8x\0"), NULL, NOT_UTF_16, 2);
    assert_refused(BYTES(LITTLE_MARK "\n\0\x00\xdex\0"), NULL, NOT_UTF_16, 2);
}

static void lines_are_counted(void **state)
{
    static const char text[] = "a\nb\n\nc";

    (void)state;
    assert_int_equal(xml_line(text, text), 1);
    assert_int_equal(xml_line(text, text + 1), 1);
    assert_int_equal(xml_line(text, text + 2), 2);
    assert_int_equal(xml_line(text, text + 4), 3);
    assert_int_equal(xml_line(text, text + 5), 4);
    assert_int_equal(xml_line(text, text + 6), 4);
}

static void without_memory_nothing_is_decoded(void **state)
{
    TALLOC_CTX *ctx = talloc_new(NULL);
    struct xml_source source;
    struct xml_fault fault;

    (void)state;
    assert_true(limit_talloc(ctx, talloc_total_size(ctx) + 1));
    assert_int_equal(xml_decode(ctx, BYTES("\xe9\xe9"), "ISO-8859-1", &source, &fault),
                     XML_DECODING_NO_MEMORY);
    assert_int_equal(xml_decode(ctx, BYTES(BIG_MARK "\0\xe9\0\xe9"), NULL, &source, &fault),
                     XML_DECODING_NO_MEMORY);
    assert_null(xml_wiped_buffer(ctx, 100));
    talloc_free(ctx);
}

/* A pool is memory that stays after what lies in it was freed. */
static void buffers_are_wiped(void **state)
{
    TALLOC_CTX *pool = talloc_pool(NULL, 1000);
    char *buffer = xml_wiped_buffer(pool, 100), *reused;

    (void)state;
    memset(buffer, 's', 100);
    talloc_free(buffer);
    reused = talloc_size(pool, 100);
    assert_ptr_equal(reused, buffer);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(reused[i], 0);
    talloc_free(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf_8_is_taken_for_granted),
        cmocka_unit_test(the_four_names_in_any_case),
        cmocka_unit_test(other_names_are_refused),
        cmocka_unit_test(the_mark_wins),
        cmocka_unit_test(half_a_mark_is_none),
        cmocka_unit_test(a_second_mark_is_a_character),
        cmocka_unit_test(the_charset_wins_over_the_declaration),
        cmocka_unit_test(declarations_in_every_form),
        cmocka_unit_test(what_is_no_declaration),
        cmocka_unit_test(utf_16_needs_a_mark),
        cmocka_unit_test(invalid_utf_8),
        cmocka_unit_test(borders_of_utf_8),
        cmocka_unit_test(every_byte_of_us_ascii),
        cmocka_unit_test(every_byte_of_iso_8859_1),
        cmocka_unit_test(characters_of_utf_16),
        cmocka_unit_test(invalid_utf_16),
        cmocka_unit_test(lines_are_counted),
        cmocka_unit_test(without_memory_nothing_is_decoded),
        cmocka_unit_test(buffers_are_wiped),
    };

    return cmocka_run_group_tests_name("xml_encoding", tests, NULL, NULL);
}
