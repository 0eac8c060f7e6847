#include "common/xml_writer.h"

#include "tests/unit/limited_memory.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/tree.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define DECLARATION "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"

static int make_writer(void **state)
{
    *state = xml_writer_new(NULL, 0);
    return *state == NULL;
}

static int free_writer(void **state)
{
    return talloc_free(*state);
}

static void assert_document(struct xml_writer *writer, const char *expected)
{
    size_t length = 0;
    const char *document = xml_writer_finish(writer, &length);

    assert_non_null(document);
    assert_string_equal(document, expected);
    assert_int_equal(length, strlen(expected));
}

static void a_single_element(void **state)
{
    xml_start(*state, "ref");
    xml_attribute(*state, "identifier", "10000001");
    xml_attribute(*state, "extid", "");
    xml_end(*state);
    assert_document(*state, DECLARATION "<ref identifier=\"10000001\" extid=\"\"/>\n");
}

static void elements_are_indented(void **state)
{
    xml_start(*state, "account");
    xml_attribute(*state, "xmlns", "urn:a");
    xml_element(*state, "status", "Active");
    xml_start(*state, "owner");
    xml_start(*state, "name");
    xml_element(*state, "given-name", "Joseph");
    xml_end(*state);
    xml_start(*state, "nationality");
    xml_attribute(*state, "code", "US");
    xml_end(*state);
    xml_end(*state);
    xml_start(*state, "fields");
    xml_end(*state);
    xml_end(*state);
    assert_document(*state, DECLARATION "<account xmlns=\"urn:a\">\n"
                                        "    <status>Active</status>\n"
                                        "    <owner>\n"
                                        "        <name>\n"
                                        "            <given-name>Joseph</given-name>\n"
                                        "        </name>\n"
                                        "        <nationality code=\"US\"/>\n"
                                        "    </owner>\n"
                                        "    <fields/>\n"
                                        "</account>\n");
}

static void text_may_come_in_pieces(void **state)
{
    xml_start(*state, "a");
    xml_text(*state, "");
    xml_attribute(*state, "b", "c");
    xml_text(*state, "one");
    xml_text(*state, "");
    xml_text(*state, " two");
    xml_end(*state);
    assert_document(*state, DECLARATION "<a b=\"c\">one two</a>\n");
}

static void empty_text_is_no_content(void **state)
{
    xml_element(*state, "tel", "");
    assert_document(*state, DECLARATION "<tel/>\n");
}

static void text_is_escaped(void **state)
{
    xml_element(*state, "a", "<b> & \"c\" 'd' ]]>\t\n\r\r\nx\xc3\xa9\xf0\x9f\x98\x80&");
    assert_document(*state, DECLARATION "<a>&lt;b&gt; &amp; \"c\" 'd' ]]&gt;\t\n&#13;&#13;\n"
                                        "x\xc3\xa9\xf0\x9f\x98\x80&amp;</a>\n");
}

static void attributes_are_escaped(void **state)
{
    xml_start(*state, "a");
    xml_attribute(*state, "b", "<b> & \"c\" 'd'\t\n\r\xc3\xa9\"");
    xml_end(*state);
    assert_document(*state, DECLARATION "<a b=\"&lt;b&gt; &amp; &quot;c&quot; 'd'&#9;&#10;&#13;"
                                        "\xc3\xa9&quot;\"/>\n");
}

/* All characters that XML allows, as one string. The caller frees it. */
static char *all_characters(void)
{
    char *text = malloc((size_t)4 * 0x110000), *out = text;

    assert_non_null(text);
    for (int character = 1; character < 0x110000; character++)
        if (IS_CHAR((unsigned)character))
            out += xmlCopyCharMultiByte((xmlChar *)out, character);
    *out = '\0';
    return text;
}

/* A parser gives back what was written; the document is also longer than any buffer in the writer.
 */
static void every_character_comes_back(void **state)
{
    char *text = all_characters(), *value;
    size_t length;
    const char *written;
    xmlDocPtr document;
    xmlNodePtr root;

    xml_start(*state, "a");
    xml_attribute(*state, "b", text);
    xml_text(*state, text);
    xml_end(*state);
    written = xml_writer_finish(*state, &length);
    assert_non_null(written);
    document = xmlReadMemory(written, (int)length, NULL, NULL, XML_PARSE_HUGE | XML_PARSE_NONET);
    assert_non_null(document);
    root = xmlDocGetRootElement(document);
    value = (char *)xmlNodeGetContent(root);
    assert_true(strcmp(value, text) == 0);
    xmlFree(value);
    value = (char *)xmlGetProp(root, BAD_CAST "b");
    assert_true(strcmp(value, text) == 0);
    xmlFree(value);
    xmlFreeDoc(document);
    free(text);
}

/*
 * The end of the room that was expected falls on each byte of what is written. What is long takes
 * the room that markup has left, so that the tag or quote behind it needs its own.
 */
static void no_border_loses_a_byte(void **state)
{
    char longer[301] = "";

    (void)state;
    memset(longer, 'x', sizeof longer - 1);
    for (size_t expected = 0; expected < 1500; expected++) {
        struct xml_writer *writer = xml_writer_new(NULL, expected);
        char *document = talloc_asprintf(writer,
                                         DECLARATION "<a>\n"
                                                     "    <b c=\"%s\" e=\"%s&lt;\">&amp;%s</b>\n"
                                                     "    <longname>%s &gt; %s</longname>\n"
                                                     "    <d/>\n"
                                                     "</a>\n",
                                         longer, longer, longer, longer, longer);
        char *value = talloc_asprintf(writer, "%s<", longer);
        char *text = talloc_asprintf(writer, "%s > %s", longer, longer);

        xml_start(writer, "a");
        xml_start(writer, "b");
        xml_attribute(writer, "c", longer);
        xml_attribute(writer, "e", value);
        xml_text(writer, "&");
        xml_text(writer, longer);
        xml_end(writer);
        xml_element(writer, "longname", text);
        xml_element(writer, "d", "");
        xml_end(writer);
        assert_document(writer, document);
        talloc_free(writer);
    }
}

static void nest(struct xml_writer *writer, unsigned depth)
{
    for (unsigned i = 0; i < depth; i++)
        xml_start(writer, "a");
    for (unsigned i = 0; i < depth; i++)
        xml_end(writer);
}

static void depth_is_limited(void **state)
{
    struct xml_writer *deeper = xml_writer_new(NULL, 0);
    size_t length;
    const char *document;

    nest(*state, XML_WRITER_DEPTH);
    document = xml_writer_finish(*state, &length);
    assert_non_null(document);
    assert_non_null(strstr(document, "\n" /* 31 times four */
                                     "                                                  "
                                     "                                                  "
                                     "                        <a/>\n"));
    nest(deeper, XML_WRITER_DEPTH + 1);
    xml_element(deeper, "b", "ignored");
    xml_attribute(deeper, "c", "ignored");
    assert_null(xml_writer_finish(deeper, &length));
    talloc_free(deeper);
}

static void names_are_limited(void **state)
{
    char name[XML_WRITER_NAME + 2] = "";
    struct xml_writer *longer = xml_writer_new(NULL, 0);
    size_t length;

    memset(name, 'a', XML_WRITER_NAME);
    xml_start(*state, name);
    xml_attribute(*state, name, "b");
    xml_end(*state);
    assert_non_null(xml_writer_finish(*state, &length));
    assert_int_equal(length, strlen(DECLARATION "< =\"b\"/>\n") + (size_t)2 * XML_WRITER_NAME);
    name[XML_WRITER_NAME] = 'a';
    xml_start(longer, name);
    xml_end(longer);
    assert_null(xml_writer_finish(longer, &length));
    talloc_free(longer);
    longer = xml_writer_new(NULL, 0);
    xml_start(longer, "a");
    xml_attribute(longer, name, "b");
    xml_end(longer);
    assert_null(xml_writer_finish(longer, &length));
    talloc_free(longer);
}

static const char *write_long(struct xml_writer *writer, size_t *length)
{
    xml_start(writer, "accounts");
    for (int i = 0; i < 3000; i++)
        xml_element(writer, "email", "user@example.net");
    xml_end(writer);
    return xml_writer_finish(writer, length);
}

/* Fails each allocation in turn, alone or with all that follow. Returns how many there were. */
static unsigned long fail_each(const char *expected, bool for_good)
{
    unsigned long allocations = 0;
    bool failed = true;

    while (failed) {
        const char *document = NULL;
        struct xml_writer *writer;
        size_t length;

        limit_libxml2(allocations++, for_good);
        writer = xml_writer_new(NULL, 0);
        if (writer != NULL)
            document = write_long(writer, &length);
        failed = unlimit_libxml2();
        if (failed)
            assert_null(document);
        else
            assert_string_equal(document, expected);
        talloc_free(writer);
    }
    return allocations - 1;
}

static void without_memory_there_is_no_document(void **state)
{
    size_t length;
    const char *expected = write_long(*state, &length);

    assert_true(fail_each(expected, false) > 3);
    assert_true(fail_each(expected, true) > 3);
}

static void no_writer_without_memory(void **state)
{
    TALLOC_CTX *ctx = talloc_new(NULL);

    (void)state;
    assert_true(limit_talloc(ctx, 500));
    assert_null(xml_writer_new(ctx, 0));
    talloc_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_single_element, make_writer, free_writer),
        cmocka_unit_test_setup_teardown(elements_are_indented, make_writer, free_writer),
        cmocka_unit_test_setup_teardown(text_may_come_in_pieces, make_writer, free_writer),
        cmocka_unit_test_setup_teardown(empty_text_is_no_content, make_writer, free_writer),
        cmocka_unit_test_setup_teardown(text_is_escaped, make_writer, free_writer),
        cmocka_unit_test_setup_teardown(attributes_are_escaped, make_writer, free_writer),
        cmocka_unit_test_setup_teardown(every_character_comes_back, make_writer, free_writer),
        cmocka_unit_test(no_border_loses_a_byte),
        cmocka_unit_test_setup_teardown(depth_is_limited, make_writer, free_writer),
        cmocka_unit_test_setup_teardown(names_are_limited, make_writer, free_writer),
        cmocka_unit_test_setup_teardown(without_memory_there_is_no_document, make_writer,
                                        free_writer),
        cmocka_unit_test(no_writer_without_memory),
    };

    start_libxml2();
    return cmocka_run_group_tests_name("xml_writer", tests, NULL, NULL);
}
