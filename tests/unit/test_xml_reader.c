#include "common/xml_markup.h"
#include "common/xml_reader.h"

#include "tests/unit/limited_memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define BYTES(literal) literal, sizeof(literal) - 1
#define XSI "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\""

#define TOO_LONG "a tag, comment or processing instruction is longer than 8192 bytes"
#define NO_DOCTYPE "a document type or other <! declaration is not allowed"
#define NOT_A_CHARACTER "a character is not one that XML allows"
#define NO_ROOT "there is no root element"
#define NOT_CLOSED "an element is not closed"
#define AFTER_ROOT "there is something after the root element"
#define NOT_WELL_FORMED "the document is not well-formed"
#define BAD_TAG "a tag is not well-formed"
#define NO_SPACE "white space is missing"
#define BAD_ATTRIBUTE "an attribute is not well-formed"
#define BAD_NAME "a name or namespace declaration is not well-formed"
#define BAD_COMMENT "a comment is not well-formed"
#define BAD_INSTRUCTION "a processing instruction is not well-formed"
#define NO_NAME "a name is missing; in text < and & are written &lt; and &amp;"
#define NO_SEMICOLON "a reference has no semicolon; in text & is written &amp;"
#define NO_ENTITY "an entity is not one of lt, gt, amp, quot and apos"
#define NOT_BOUND "a prefix is not bound to a namespace"
#define TWICE "an attribute is given twice"
#define NOT_MATCHED "an end tag does not match the start tag before it"
#define BAD_DECLARATION "the XML declaration is not well-formed"
#define NOT_1_0 "the version of XML is not 1.0"
#define TOO_DEEP "elements are nested more than 32 deep"

/*
 * Writes down what the reader tells: `(name @attribute=[value] … [text])`, with ! before what is
 * foreign, ~ for nil and % for mixed content at the end of its element.
 */
struct recorder {
    char *record;
    unsigned starts;
    unsigned ends;
    unsigned stop_at_start; /* the start that returns false, counted from 1; 0: none */
    unsigned stop_at_end;
    unsigned long last_line;
};

static void note(struct recorder *recorder, const char *text)
{
    recorder->record = talloc_strdup_append_buffer(recorder->record, text);
    assert_non_null(recorder->record);
}

static bool note_start(void *context, struct xml_element *element)
{
    struct recorder *recorder = context;

    note(recorder, element->foreign ? "(!" : "(");
    note(recorder, element->name);
    note(recorder, element->nil ? "~" : "");
    for (size_t i = 0; i < element->attribute_count; i++) {
        note(recorder, element->attributes[i].foreign ? " !@" : " @");
        note(recorder, element->attributes[i].name);
        note(recorder, "=[");
        note(recorder, element->attributes[i].value);
        note(recorder, "]");
    }
    recorder->last_line = element->line;
    return ++recorder->starts != recorder->stop_at_start;
}

static bool note_end(void *context, struct xml_element *element, char *text)
{
    struct recorder *recorder = context;

    note(recorder, element->mixed ? "%" : "");
    note(recorder, "[");
    note(recorder, text);
    note(recorder, "])");
    return ++recorder->ends != recorder->stop_at_end;
}

static const struct xml_handler note_handler = {note_start, note_end};

/* Reads a body, of which the reader gets a copy at its very size. The caller frees the recorder. */
static enum xml_status record(struct recorder **recorder, const char *body, size_t length,
                              const char *charset, char **message)
{
    const char *copy;

    *recorder = talloc_zero(NULL, struct recorder);
    (*recorder)->record = talloc_strdup(*recorder, "");
    copy = talloc_memdup(*recorder, body, length);
    return xml_read(*recorder, copy, length, charset, &note_handler, *recorder, message);
}

static void assert_read(const char *body, size_t length, const char *charset, const char *expected)
{
    struct recorder *recorder;
    char *message;
    enum xml_status status = record(&recorder, body, length, charset, &message);

    if (message != NULL)
        print_error("%.200s: %s\n", body, message);
    assert_int_equal(status, XML_OK);
    assert_string_equal(recorder->record, expected);
    assert_null(message);
    talloc_free(recorder);
}

static void assert_malformed(const char *body, size_t length, const char *charset,
                             unsigned long line, const char *sentence)
{
    struct recorder *recorder;
    char *message, *expected;
    enum xml_status status = record(&recorder, body, length, charset, &message);

    if (status != XML_MALFORMED)
        print_error("not refused: %.200s\n", body);
    assert_int_equal(status, XML_MALFORMED);
    expected = talloc_asprintf(recorder, "Line %lu: %s.", line, sentence);
    if (strcmp(message, expected) != 0)
        print_error("%.200s\n", body);
    assert_string_equal(message, expected);
    talloc_free(recorder);
}

static void reads(const char *body, const char *expected)
{
    assert_read(body, strlen(body), NULL, expected);
}

struct malformed {
    const char *body;
    unsigned long line;
    const char *sentence;
};

static void refuses_each(const struct malformed *cases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_malformed(cases[i].body, strlen(cases[i].body), NULL, cases[i].line,
                         cases[i].sentence);
}

#define REFUSES_EACH(cases) refuses_each(cases, sizeof(cases) / sizeof *(cases))

static void a_document(void **state)
{
    (void)state;
    reads("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
          "<account xmlns=\"" XML_NAMESPACE "\" extid=\"CRM-1\" identifier='7'>"
          "<owner><name>Joseph &amp; Anna</name><nationality code=\"US\"/></owner>"
          "<tel></tel></account>\n",
          "(account @extid=[CRM-1] @identifier=[7](owner(name[Joseph & Anna])"
          "(nationality @code=[US][])[])(tel[])[])");
    reads("<a/>", "(a[])");
    reads("<?xml version='1.0'?><a/>", "(a[])");
    reads("<?xml version='1.0' standalone='yes'?><a/>", "(a[])");
    reads("<?xml version='1.0' encoding='utf-8' standalone=\"no\" ?>\r\n<a/>", "(a[])");
    reads("\n \t\r\n<a/> \t\r\n", "(a[])");
}

static void text_is_not_trimmed(void **state)
{
    (void)state;
    reads("<a> \t\n x  y \n</a>", "(a[ \t\n x  y \n])");
    reads("<a> <b> </b> </a>", "(a(b[ ])[  ])");
    reads("<a>\n</a>", "(a[\n])");
}

static void line_ends_become_line_feeds(void **state)
{
    (void)state;
    reads("<a>1\r\n2\r3\n\r4&#13;5</a>", "(a[1\n2\n3\n\n4\r5])");
    reads("<a b='1\r\n2\r3\n4\t5&#10;6&#13;7&#9;8'/>", "(a @b=[1 2 3 4 5\n6\r7\t8][])");
}

static void text_between_elements_is_mixed(void **state)
{
    (void)state;
    reads("<a>x<b/></a>", "(a(b[])%[x])");
    reads("<a><b/>x</a>", "(a(b[])%[x])");
    reads("<a>1<b>2<c>3</c>4</b>5<d/>6</a>", "(a(b(c[3])%[24])(d[])%[156])");
    reads("<a><b>x</b></a>", "(a(b[x])[])");
    reads("<a> \t\r\n<b/>\n</a>", "(a(b[])[ \t\n\n])");
    reads("<a>&#32;<b/>&#9;</a>", "(a(b[])[ \t])");
    reads("<a><![CDATA[ ]]><b/></a>", "(a(b[])[ ])");
    reads("<a>\xc2\xa0<b/></a>", "(a(b[])%[\xc2\xa0])");
}

static void references_and_cdata_are_text(void **state)
{
    (void)state;
    reads("<a>&lt;&gt;&amp;&quot;&apos;</a>", "(a[<>&\"'])");
    reads("<a b='&lt;&gt;&amp;&quot;&apos;'/>", "(a @b=[<>&\"'][])");
    reads("<a>&#65;&#x42;&#x1F600;&#233;&#xFFFD;&#x10FFFF;</a>",
          "(a[AB\xf0\x9f\x98\x80\xc3\xa9\xef\xbf\xbd\xf4\x8f\xbf\xbf])");
    reads("<a>&amp;lt;&#38;amp;</a>", "(a[&lt;&amp;])");
    reads("<a>x<![CDATA[<b>&amp;</b>]]>y</a>", "(a[x<b>&amp;</b>y])");
    reads("<a><![CDATA[]]></a>", "(a[])");
    reads("<a><![CDATA[]]]]><![CDATA[>]]></a>", "(a[]]>])");
    reads("<a><![CDATA[<!DOCTYPE a>]]></a>", "(a[<!DOCTYPE a>])");
    reads("<a>&#x7F;&#x80;&#x9F;\x7f\xc2\x80\xc2\x9f</a>",
          "(a[\x7f\xc2\x80\xc2\x9f\x7f\xc2\x80\xc2\x9f])");
    reads("<a>> ' \" ]] ]></a>", "(a[> ' \" ]] ]>])");
}

static void comments_and_instructions_are_ignored(void **state)
{
    (void)state;
    reads("<?xml version='1.0'?><!-- a --><?b c?>\n<!----><a/>\n<!-- d --><?e?>\n", "(a[])");
    reads("<a>x<!-- - > < & <b> ]]> ' \" -->y<?z <b> & ' \" -->?>w</a>", "(a[xyw])");
    reads("<a><!-- <!DOCTYPE a> --><?b <!DOCTYPE a>?></a>", "(a[])");
    reads("<a><!-- x --><b/><?y?></a>", "(a(b[])[])");
    reads("<a><!---x-y-z- --><!-->-->x<!--->--></a>", "(a[x])");
    reads("<?xml-stylesheet href='a'?><a/>", "(a[])");
    reads("<a><?b ? > ?\?></a>", "(a[])");
    reads("<a><!-- \xc3\xa9 \t\r\n --></a>", "(a[])");
}

static void namespaces(void **state)
{
    (void)state;
    reads("<a xmlns='" XML_NAMESPACE "'><b xmlns=''><c/></b></a>", "(a(b(c[])[])[])");
    reads("<l:a xmlns:l='" XML_NAMESPACE "'><l:b/><c/></l:a>", "(a(b[])(c[])[])");
    reads("<a xmlns='urn:other'><b xmlns='" XML_NAMESPACE "'/><c/></a>", "(!a(b[])(!c[])[])");
    reads("<a xmlns:o='urn:other'><o:b><c/></o:b></a>", "(a(!b(c[])[])[])");
    reads("<a xmlns='" XML_NAMESPACE "/'/>", "(!a[])");
    reads("<a xmlns='HTTP://schema.majitek.com/leap-ws-v1.0'/>", "(!a[])");
    reads("<a xmlns='not a URI at all'/>", "(!a[])");
    reads("<a xmlns='relative'/>", "(!a[])");
    reads("<xml:a/>", "(!a[])");
    reads("<o:a xmlns:o='urn:1'><o:b xmlns:o='" XML_NAMESPACE "'/><o:b/></o:a>",
          "(!a(b[])(!b[])[])");
    reads("<a xmlns:x='urn:1' xmlns:y='urn:2' x:b='1' y:b='2' b='3'/>",
          "(a !@b=[1] !@b=[2] @b=[3][])");
    reads("<l:a xmlns:l='" XML_NAMESPACE "' l:b='1'/>", "(a !@b=[1][])");
    reads("<a xmlns:xml='http://www.w3.org/XML/1998/namespace'/>", "(a[])");
}

static void attributes_of_tools_are_left_out(void **state)
{
    (void)state;
    reads("<a " XSI " xsi:schemaLocation='x y' xsi:noNamespaceSchemaLocation='z' xsi:type='t'"
          " b='1'/>",
          "(a @b=[1][])");
    reads("<a xml:lang='en' xml:space='preserve' xml:id='x' xml:base='.' b='1'/>", "(a @b=[1][])");
    reads("<a b='1' " XSI " xsi:nil='false' c='2'/>", "(a @b=[1] @c=[2][])");
    reads("<a " XSI " xsi:other='1'/>", "(a !@other=[1][])");
    reads("<a type='1' nil='true' schemaLocation='2'/>",
          "(a @type=[1] @nil=[true] @schemaLocation=[2][])");
    reads("<a xmlns:o='urn:o' o:nil='true' o:type='1'/>", "(a !@nil=[true] !@type=[1][])");
}

static void nil(void **state)
{
    (void)state;
    reads("<a " XSI " xsi:nil='true'/>", "(a~[])");
    reads("<a " XSI " xsi:nil='1'>x</a>", "(a~[x])");
    reads("<a " XSI " xsi:nil=' true\n'/>", "(a~[])");
    reads("<a " XSI " xsi:nil='\t1 '/>", "(a~[])");
    reads("<a " XSI "><b xsi:nil='true'/><c/></a>", "(a(b~[])(c[])[])");
    reads("<a " XSI " xsi:nil='false'/>", "(a[])");
    reads("<a " XSI " xsi:nil='0'/>", "(a[])");
    reads("<a " XSI " xsi:nil=''/>", "(a[])");
    reads("<a " XSI " xsi:nil='  '/>", "(a[])");
    reads("<a " XSI " xsi:nil='TRUE'/>", "(a[])");
    reads("<a " XSI " xsi:nil='true1'/>", "(a[])");
    reads("<a xmlns:n='http://www.w3.org/2001/XMLSchema-instance' n:nil='true'/>", "(a~[])");
}

/* The same document in each encoding, with an encoding declared and told in every way. */
static void encodings(void **state)
{
    static const char expected[] = "(a @b=[\xc3\xa9][\xc3\xbc])";

    (void)state;
    assert_read(BYTES("<a b='\xc3\xa9'>\xc3\xbc</a>"), NULL, expected);
    assert_read(BYTES("\xef\xbb\xbf<a b='\xc3\xa9'>\xc3\xbc</a>"), NULL, expected);
    assert_read(BYTES("\xef\xbb\xbf<a b='\xc3\xa9'>\xc3\xbc</a>"), "ISO-8859-1", expected);
    assert_read(BYTES("<?xml version='1.0' encoding='ISO-8859-1'?><a b='\xe9'>\xfc</a>"), NULL,
                expected);
    assert_read(BYTES("<?xml version='1.0' encoding='ISO-8859-1'?><a b='\xc3\xa9'>\xc3\xbc</a>"),
                "utf-8", expected);
    assert_read(BYTES("<?xml version='1.0' encoding='UTF-8'?><a b='\xe9'>\xfc</a>"), "iso-8859-1",
                expected);
    assert_read(BYTES("<?xml version='1.0' encoding='windows-1252'?><a b='\xc3\xa9'>\xc3\xbc</a>"),
                "utf-8", expected);
    assert_read(BYTES("\xef\xbb\xbf<?xml version='1.0' encoding='UTF-16'?>"
                      "<a b='\xc3\xa9'>\xc3\xbc</a>"),
                NULL, expected);
    assert_read(BYTES("<?xml version='1.0' encoding='US-ASCII'?><a b='&#xe9;'>&#xfc;</a>"), NULL,
                expected);
    assert_read(BYTES("\xfe\xff\0<\0a\0 \0b\0=\0'\0\xe9\0'\0>\0\xfc\0<\0/\0a\0>"), NULL, expected);
    assert_read(BYTES("\xff\xfe<\0a\0 \0b\0=\0'\0\xe9\0'\0>\0\xfc\0<\0/\0a\0>\0"), "UTF-16",
                expected);
    assert_read(BYTES("\xff\xfe<\0?\0x\0m\0l\0 \0v\0e\0r\0s\0i\0o\0n\0=\0'\0001\0.\0000\0'\0 \0"
                      "e\0n\0c\0o\0d\0i\0n\0g\0=\0'\0U\0T\0F\0-\0001\0006\0'\0?\0>\0<\0a\0/\0>\0"),
                NULL, "(a[])");
}

static void wrong_encodings(void **state)
{
    (void)state;
    assert_malformed(BYTES("<a>\n\xe9</a>"), NULL, 2, "the bytes are not UTF-8");
    assert_malformed(BYTES("<a>\n\xc3\xa9</a>"), "us-ascii", 2, "the bytes are not US-ASCII");
    assert_malformed(BYTES("\xfe\xff\0<\0a\0/\0>\0"), NULL, 1, "the bytes are not UTF-16");
    assert_malformed(BYTES("\0<\0a\0/\0>"), "UTF-16", 1, "UTF-16 needs a byte order mark");
    assert_malformed(BYTES("\0<\0a\0/\0>"), NULL, 1, "NUL is not allowed");
    assert_malformed(BYTES("<a/>"), "windows-1252", 1,
                     "the encoding is not UTF-8, UTF-16, ISO-8859-1 or US-ASCII");
    assert_malformed(BYTES("<?xml version='1.0' encoding='EBCDIC-CP-US'?><a/>"), NULL, 1,
                     "the encoding is not UTF-8, UTF-16, ISO-8859-1 or US-ASCII");
    assert_malformed(BYTES("\xff\xfe\0\0<\0\0\0a\0\0\0/\0\0\0>\0\0\0"), NULL, 1,
                     "NUL is not allowed");
    assert_malformed(BYTES("\0\0\xfe\xff\0\0\0<\0\0\0a\0\0\0/\0\0\0>"), NULL, 1,
                     "the bytes are not UTF-8");
    assert_malformed(BYTES("\x4c\x6f\xa7\x94"), NULL, 1, "the bytes are not UTF-8");
}

static void nul(void **state)
{
    (void)state;
    assert_malformed(BYTES("\0"), NULL, 1, "NUL is not allowed");
    assert_malformed(BYTES("\0<a/>"), NULL, 1, "NUL is not allowed");
    assert_malformed(BYTES("<a>\n\0</a>"), NULL, 2, "NUL is not allowed");
    assert_malformed(BYTES("<a b='\0'/>"), NULL, 1, "NUL is not allowed");
    assert_malformed(BYTES("<a/>\n\n\0"), NULL, 3, "NUL is not allowed");
    assert_malformed(BYTES("<a><!--\0--></a>"), NULL, 1, "NUL is not allowed");
    assert_malformed(BYTES("<a><![CDATA[\0]]></a>"), NULL, 1, "NUL is not allowed");
    assert_malformed(BYTES("<a>\0</a>"), "ISO-8859-1", 1, "NUL is not allowed");
    assert_malformed(BYTES("<a>\0</a>"), "US-ASCII", 1, "NUL is not allowed");
    assert_malformed(BYTES("\xff\xfe<\0a\0>\0\n\0\0\0<\0/\0a\0>\0"), NULL, 2, "NUL is not allowed");
}

static void without_a_root(void **state)
{
    static const struct malformed cases[] = {
        {"", 1, NO_ROOT},
        {" ", 1, NO_ROOT},
        {"\n\t\r\n", 3, NO_ROOT},
        {"\xef\xbb\xbf", 1, NO_ROOT},
        {"<?xml version='1.0'?>", 1, NO_ROOT},
        {"<?xml version='1.0'?>\n", 2, NO_ROOT},
        {"<!-- a -->", 1, NO_ROOT},
        {"<?a?>\n<!-- b -->\n", 3, NO_ROOT},
        {"text", 1, NO_ROOT},
        {"{\"a\": 1}", 1, NO_ROOT},
        {"extid=CRM-1", 1, NO_ROOT},
        {"\n&amp;", 2, NO_ROOT},
        {"\xef\xbb\xbf\xef\xbb\xbf<a/>", 1, NO_ROOT},
        {"<![CDATA[x]]><a/>", 1, NO_NAME},
        {"x<a/>", 1, NO_ROOT},
    };

    (void)state;
    REFUSES_EACH(cases);
}

static void after_the_root(void **state)
{
    static const struct malformed cases[] = {
        {"<a/>x", 1, AFTER_ROOT},
        {"<a></a>\n\nx", 3, AFTER_ROOT},
        {"<a/>\n<b/>", 2, AFTER_ROOT},
        {"<a/></a>", 1, AFTER_ROOT},
        {"<a/><![CDATA[]]>", 1, AFTER_ROOT},
        {"<a/>&#32;", 1, AFTER_ROOT},
        {"<a/><!-- b -->c", 1, AFTER_ROOT},
        {"<a/><", 1, AFTER_ROOT},
        {"<a/>\xc2\xa0", 1, AFTER_ROOT},
        {"<a/><?xml version='1.0'?>", 1, "the XML declaration is not at the very beginning"},
        {"<a/><!-- b", 1, BAD_COMMENT},
        {"<a/><!-- b -- c -->", 1, BAD_COMMENT},
        {"<a/>\n<?b", 2, NO_SPACE},
        {"<a/>\n<?b c", 2, BAD_INSTRUCTION},
    };

    (void)state;
    REFUSES_EACH(cases);
}

static void unclosed(void **state)
{
    static const struct malformed cases[] = {
        {"<a>", 1, NOT_CLOSED},
        {"<a>\n<b/>", 2, NOT_CLOSED},
        {"<a>\n<b>\n</a>", 3, NOT_MATCHED},
        {"<a><b></a></b>", 1, NOT_MATCHED},
        {"<a></A>", 1, NOT_MATCHED},
        {"<change-login>\n    <login-id>a@b</login-id>\n</change-login-id>", 3, NOT_MATCHED},
        {"<accounts>\n<account/>\n<accounts>", 3, NOT_CLOSED},
        {"<a>x", 1, NOT_CLOSED},
        {"<a>\nx</a", 2, BAD_TAG},
        {"<a><b/></", 1, BAD_TAG},
        {"<a", 1, BAD_TAG},
        {"<a ", 1, BAD_TAG},
        {"<a/", 1, NO_NAME},
        {"<a b", 1, BAD_ATTRIBUTE},
        {"<a b=", 1, BAD_ATTRIBUTE},
        {"<a b='", 1, BAD_ATTRIBUTE},
        {"<a b='c", 1, BAD_ATTRIBUTE},
        {"<a b='c'", 1, NO_SPACE},
        {"<a><!-- b", 1, BAD_COMMENT},
        {"<a><!-", 1, NO_DOCTYPE},
        {"<a>\n<![CDATA[ b", 2, NOT_CLOSED},
        {"<a><![CDATA[ b ]]</a>", 1, NOT_CLOSED},
        {"<a>\n<?b c", 2, BAD_INSTRUCTION},
        {"<a>&", 1, NOT_CLOSED},
        {"<a>&am", 1, NO_SEMICOLON},
        {"<", 1, NO_ROOT},
        {"<?", 1, NO_ROOT},
        {"<?xml", 1, "the XML declaration is not at the very beginning"},
        {"<?xml version='1.0'", 1, NO_SPACE},
        {"<?xml version='1.0' ", 1, BAD_DECLARATION},
    };

    (void)state;
    REFUSES_EACH(cases);
}

static void malformed_tags(void **state)
{
    static const struct malformed cases[] = {
        {"<a b>x</a>", 1, BAD_ATTRIBUTE},
        {"<a b=c/>", 1, BAD_ATTRIBUTE},
        {"<a b=\"c'/>", 1, BAD_ATTRIBUTE},
        {"<a b='1'c='2'/>", 1, NO_SPACE},
        {"<field key=\"career-name\"label=\"Career Name\">pleb</field>", 1, NO_SPACE},
        {"<a\nb='<'/>", 2, BAD_ATTRIBUTE},
        {"<a b='1' b='2'/>", 1, TWICE},
        {"<a xmlns:x='u' xmlns:y='u' x:b='1' y:b='2'/>", 1, TWICE},
        {"<a xmlns='u' xmlns='u'/>", 1, TWICE},
        {"<a xmlns:x='u' xmlns:x='v'/>", 1, TWICE},
        {"< a/>", 1, NO_NAME},
        {"<a>\n1 < 2</a>", 2, NO_NAME},
        {"<a></ a>", 1, BAD_TAG},
        {"<1/>", 1, NO_NAME},
        {"<a/ >", 1, NO_NAME},
        {"<a></a b='c'>", 1, BAD_TAG},
        {"<a><></></a>", 1, NO_NAME},
        {"<a b='&'/>", 1, NO_NAME},
        {"<a b='&x;'/>", 1, NO_ENTITY},
        {"<a <b/></a>", 1, NO_NAME},
        {"<a>]]></a>", 1, "']]>' in text is not escaped"},
        {"<a><!ELEMENT a ANY></a>", 1, NO_DOCTYPE},
        {"<a><![cdata[x]]></a>", 1, NO_DOCTYPE},
        {"<a><![ CDATA[x]]></a>", 1, NO_DOCTYPE},
    };

    (void)state;
    REFUSES_EACH(cases);
}

static void malformed_names(void **state)
{
    static const struct malformed cases[] = {
        {"<x:a/>", 1, NOT_BOUND},
        {"<a>\n<x:b/></a>", 2, NOT_BOUND},
        {"<a x:b='1'/>", 1, NOT_BOUND},
        {"<a><b xmlns:x='u'/><x:c/></a>", 1, NOT_BOUND},
        {"<a xsi:nil='true'/>", 1, NOT_BOUND},
        {"<a:b:c xmlns:a='u'/>", 1, BAD_NAME},
        {"<:a/>", 1, BAD_NAME},
        {"<a:/>", 1, BAD_NAME},
        {"<a :b='1'/>", 1, BAD_NAME},
        {"<a xmlns:x='u' x:='1'/>", 1, BAD_NAME},
        {"<a xmlns:x=''/>", 1, BAD_NAME},
        {"<a xmlns:xmlns='u'/>", 1, BAD_NAME},
        {"<a xmlns:xml='u'/>", 1, BAD_NAME},
        {"<a xmlns:x='http://www.w3.org/XML/1998/namespace'/>", 1, BAD_NAME},
        {"<a xmlns='http://www.w3.org/XML/1998/namespace'/>", 1, BAD_NAME},
        {"<a xmlns:x='http://www.w3.org/2000/xmlns/'/>", 1, BAD_NAME},
        {"<xmlns:a/>", 1, NOT_BOUND},
    };

    (void)state;
    REFUSES_EACH(cases);
}

static void malformed_comments_and_instructions(void **state)
{
    static const struct malformed cases[] = {
        {"<a><!-- b -- c --></a>", 1, BAD_COMMENT},
        {"<a>\n<!-- b ---></a>", 2, BAD_COMMENT},
        {"<a><? b?></a>", 1, BAD_INSTRUCTION},
        {"<a><?\?></a>", 1, BAD_INSTRUCTION},
        {"<a><?b\?c></a>", 1, NO_SPACE},
        {"<a><?xml version='1.0'?></a>", 1, "the XML declaration is not at the very beginning"},
        {"<a><?XML x?></a>", 1, "the XML declaration is not at the very beginning"},
        {" <?xml version='1.0'?><a/>", 1, "the XML declaration is not at the very beginning"},
        {"\n<?xml version='1.0'?><a/>", 2, "the XML declaration is not at the very beginning"},
        {"<!-- --><?xml version='1.0'?><a/>", 1,
         "the XML declaration is not at the very beginning"},
        {"<a <!-- b --> />", 1, NO_NAME},
    };

    (void)state;
    REFUSES_EACH(cases);
}

static void declarations_and_versions(void **state)
{
    static const struct malformed cases[] = {
        {"<?xml version='1.1'?>\n<a/>", 1, NOT_1_0},
        {"<?xml version=\"1.1\" encoding=\"UTF-8\"?>\n\n<a/>", 1, NOT_1_0},
        {"<?xml version='1.2'?><a/>", 1, NOT_1_0},
        {"<?xml version='1.00'?><a/>", 1, NOT_1_0},
        {"<?xml version='2.0'?><a/>", 1, NOT_1_0},
        {"<?xml version='0.9'?><a/>", 1, NOT_1_0},
        {"<?xml version=''?><a/>", 1, NOT_1_0},
        {"<?xml version='1'?><a/>", 1, NOT_1_0},
        {"<?xml version='x'?><a/>", 1, NOT_WELL_FORMED},
        {"<?xml ?><a/>", 1, NOT_1_0},
        {"<?xml encoding='UTF-8'?><a/>", 1, NOT_1_0},
        {"<?xml version='1.0' standalone='maybe'?><a/>", 1, BAD_DECLARATION},
        {"<?xml version='1.0' other='x'?><a/>", 1, BAD_DECLARATION},
        {"<?xml version='1.0' standalone='yes' encoding='UTF-8'?><a/>", 1, BAD_DECLARATION},
    };

    (void)state;
    REFUSES_EACH(cases);
}

static void characters_that_xml_does_not_allow(void **state)
{
    static const struct malformed cases[] = {
        {"<a>&#0;</a>", 1, NOT_A_CHARACTER},
        {"<a>&#x0;</a>", 1, NOT_A_CHARACTER},
        {"<a>\n&#1;</a>", 2, NOT_A_CHARACTER},
        {"<a>&#8;</a>", 1, NOT_A_CHARACTER},
        {"<a>&#xB;</a>", 1, NOT_A_CHARACTER},
        {"<a>&#x1F;</a>", 1, NOT_A_CHARACTER},
        {"<a>&#xD800;</a>", 1, NOT_A_CHARACTER},
        {"<a>&#xDFFF;</a>", 1, NOT_A_CHARACTER},
        {"<a>&#xFFFE;</a>", 1, NOT_A_CHARACTER},
        {"<a>&#xFFFF;</a>", 1, NOT_A_CHARACTER},
        {"<a>&#x110000;</a>", 1, NOT_A_CHARACTER},
        {"<a>&#4294967361;</a>", 1, NOT_A_CHARACTER},
        {"<a>&#99999999999999999999;</a>", 1, NOT_A_CHARACTER},
        {"<a>&#x100000041;</a>", 1, NOT_A_CHARACTER},
        {"<a>&#;</a>", 1, NOT_A_CHARACTER},
        {"<a>&#x;</a>", 1, NOT_A_CHARACTER},
        {"<a>&#a;</a>", 1, NOT_A_CHARACTER},
        {"<a>&#X41;</a>", 1, NOT_A_CHARACTER},
        {"<a>&#65</a>", 1, NOT_A_CHARACTER},
        {"<a>&#-65;</a>", 1, NOT_A_CHARACTER},
        {"<a b='&#0;'/>", 1, NOT_A_CHARACTER},
        {"<a b='&#xFFFE;'/>", 1, NOT_A_CHARACTER},
        {"<a>\x01</a>", 1, NOT_A_CHARACTER},
        {"<a>\n\x08</a>", 2, NOT_A_CHARACTER},
        {"<a>\x0b</a>", 1, NOT_A_CHARACTER},
        {"<a>\x0c</a>", 1, NOT_A_CHARACTER},
        {"<a>\x0e</a>", 1, NOT_A_CHARACTER},
        {"<a>\x1f</a>", 1, NOT_A_CHARACTER},
        {"<a>\xef\xbf\xbe</a>", 1, NOT_A_CHARACTER},
        {"<a>\xef\xbf\xbf</a>", 1, NOT_A_CHARACTER},
        {"<a b='\x01'/>", 1, NOT_A_CHARACTER},
        {"<a><!-- \x01 --></a>", 1, NOT_A_CHARACTER},
        {"<a><?b \x01?></a>", 1, BAD_INSTRUCTION},
        {"<a><![CDATA[\x01]]></a>", 1, NOT_A_CHARACTER},
        {"<a><![CDATA[\xef\xbf\xbe]]></a>", 1, NOT_A_CHARACTER},
    };

    (void)state;
    REFUSES_EACH(cases);
}

static void entities_and_document_types(void **state)
{
    static const struct malformed cases[] = {
        {"<!DOCTYPE a><a/>", 1, NO_DOCTYPE},
        {"<?xml version='1.0'?>\n<!DOCTYPE a SYSTEM 'http://127.0.0.1/a.dtd'>\n<a/>", 2,
         NO_DOCTYPE},
        {"<!DOCTYPE a PUBLIC '-//W3C//DTD XHTML 1.0 Strict//EN' 'file:///etc/passwd'><a/>", 1,
         NO_DOCTYPE},
        {"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>", 1, NO_DOCTYPE},
        {"<!DOCTYPE a [<!ENTITY % x SYSTEM 'file:///etc/passwd'> %x;]><a/>", 1, NO_DOCTYPE},
        {"<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", 1, NO_DOCTYPE},
        {"<!DOCTYPE a [<!ENTITY a '&b;&b;'><!ENTITY b '&c;&c;'><!ENTITY c '&a;'>]><a>&a;</a>", 1,
         NO_DOCTYPE},
        {"<!DOCTYPE a [<!ENTITY x '0123456789'>\n<!ENTITY y '&x;&x;&x;&x;&x;&x;&x;&x;'>\n"
         "<!ENTITY z '&y;&y;&y;&y;&y;&y;&y;&y;'>]>\n<a>&z;&z;&z;&z;&z;</a>",
         1, NO_DOCTYPE},
        {"<!DOCTYPE a [<!ATTLIST a b CDATA 'default'>]><a/>", 1, NO_DOCTYPE},
        {"<!doctype html><a/>", 1, NO_DOCTYPE},
        {"<!-- --><!DOCTYPE", 1, NO_DOCTYPE},
        {"<a/><!DOCTYPE a>", 1, NO_DOCTYPE},
        {"<a>&nbsp;</a>", 1, NO_ENTITY},
        {"<a>\n&copy;</a>", 2, NO_ENTITY},
        {"<a>&LT;</a>", 1, NO_ENTITY},
        {"<a>&lt</a>", 1, NO_SEMICOLON},
        {"<a>AT&T</a>", 1, NO_SEMICOLON},
        {"<a>& </a>", 1, NO_NAME},
        {"<a>&;</a>", 1, NO_NAME},
        {"<a>%x;</a>&x;", 1, AFTER_ROOT},
    };

    (void)state;
    REFUSES_EACH(cases);
    assert_malformed(BYTES("\xff\xfe<\0!\0D\0O\0C\0T\0Y\0P\0E\0 \0a\0>\0<\0a\0/\0>\0"), NULL, 1,
                     NO_DOCTYPE);
}

/* A message says what is wrong, and never shows a piece of the document. */
static void messages_quote_nothing(void **state)
{
    static const char *const bodies[] = {
        "<a>&secret;</a>",
        "<a>secret&secret</a>",
        "<a secret='secret' secret='secret'/>",
        "<secret></a>",
        "<a></secret>",
        "<secret:secret/>",
        "<?secret",
        "<a xmlns:secret=''/>",
        "<?xml version='secret'?><a/>",
        "<?xml version='1.0' encoding='secret'?><a/>",
        "<a><![CDATA[secret</a>",
        "<a/>secret",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct recorder *recorder;
        char *message;

        assert_int_equal(record(&recorder, bodies[i], strlen(bodies[i]), NULL, &message),
                         XML_MALFORMED);
        assert_null(strstr(message, "secret"));
        talloc_free(recorder);
    }
}

static char *nested(unsigned depth)
{
    char *body = talloc_strdup(NULL, "");

    for (unsigned i = 0; i < depth; i++)
        body = talloc_strdup_append(body, "<a>\n");
    for (unsigned i = 0; i < depth; i++)
        body = talloc_strdup_append(body, "</a>");
    return body;
}

static void depth(void **state)
{
    struct recorder *recorder;
    char *body = nested(XML_READER_DEPTH), *message;

    (void)state;
    assert_int_equal(record(&recorder, body, strlen(body), NULL, &message), XML_OK);
    assert_int_equal(recorder->ends, XML_READER_DEPTH);
    talloc_free(recorder);
    talloc_free(body);
    body = nested(XML_READER_DEPTH + 1);
    assert_malformed(body, strlen(body), NULL, 33, TOO_DEEP);
    talloc_free(body);
}

/* What stays open is counted, not what was: any number of elements may lie side by side. */
static void breadth_is_not_depth(void **state)
{
    struct recorder *recorder;
    char *body = talloc_strdup(NULL, "<a>"), *message;

    (void)state;
    for (unsigned i = 0; i < 1000; i++)
        body = talloc_strdup_append_buffer(body, "<b><c xmlns='urn:c'/></b>");
    body = talloc_strdup_append_buffer(body, "</a>");
    assert_int_equal(record(&recorder, body, strlen(body), NULL, &message), XML_OK);
    assert_int_equal(recorder->ends, 2001);
    talloc_free(recorder);
    talloc_free(body);
}

/* `before`, `begin`, padding up to `length` bytes from `begin` on, `end`, `after`. */
static char *padded(const char *before, const char *begin, size_t length, const char *end,
                    const char *after)
{
    size_t padding = length - strlen(begin) - strlen(end);
    char *text = talloc_size(NULL, padding + 1), *body;

    memset(text, 'x', padding);
    text[padding] = '\0';
    body = talloc_asprintf(NULL, "%s%s%s%s%s", before, begin, text, end, after);
    talloc_free(text);
    return body;
}

static void assert_padded(const char *before, const char *begin, size_t length, const char *end,
                          const char *after, const char *sentence)
{
    char *body = padded(before, begin, length, end, after);
    struct recorder *recorder;
    char *message;

    if (sentence != NULL)
        assert_malformed(body, strlen(body), NULL, 2, sentence);
    else
        assert_int_equal(record(&recorder, body, strlen(body), NULL, &message), XML_OK);
    if (sentence == NULL)
        talloc_free(recorder);
    talloc_free(body);
}

static void length_of_markup(void **state)
{
    static const struct {
        const char *begin, *end, *after;
    } cases[] = {
        {"<b c='", "'/>", "\n</a>"},
        {"<b c=\"", "\">", "</b></a>"},
        {"<b c='>\">' d=\">'>\" e='", "'/>", "</a>"},
        {"<b\n\nc='", "'/>", "</a>"},
        {"<b><!--", "-->", "</b></a>"},
        {"<!-- -> - > ' \" < ", "-->", "</a>"},
        {"<!-->", "-->", "</a>"},
        {"<?b ' \" < ? > ", "?>", "</a>"},
        {"<?b ", "?\?>", "</a>"},
        {"<b>&amp;</b><?b ", "?>", "</a>"},
        {"<b", "/>", "</a>"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *markup = strrchr(cases[i].begin, '<');
        /* What comes before the markup in `begin` does not count. */
        size_t more = 0;

        if (strncmp(cases[i].begin, "<b><!--", 7) == 0)
            more = strlen("<b>");
        else if (strncmp(cases[i].begin, "<b>&amp;", 8) == 0)
            more = (size_t)(markup - cases[i].begin);
        assert_padded("<a>\n", cases[i].begin, more + XML_MARKUP_BYTES, cases[i].end,
                      cases[i].after, NULL);
        assert_padded("<a>\n", cases[i].begin, more + XML_MARKUP_BYTES + 1, cases[i].end,
                      cases[i].after, TOO_LONG);
    }
}

static void length_of_other_markup(void **state)
{
    (void)state;
    /* An end tag, the root's tag, an XML declaration, and what follows the root. */
    assert_padded("<!-- -->\n", "<a c='", XML_MARKUP_BYTES, "'/>", "", NULL);
    assert_padded("<!-- -->\n", "<a c='", XML_MARKUP_BYTES + 1, "'/>", "", TOO_LONG);
    assert_padded("<a/>\n", "<!--", XML_MARKUP_BYTES, "-->", "", NULL);
    assert_padded("<a/>\n", "<!--", XML_MARKUP_BYTES + 1, "-->", "", TOO_LONG);
    assert_padded("<a/>\n", "<?b ", XML_MARKUP_BYTES, "?>", "", NULL);
    assert_padded("<a/>\n", "<?b ", XML_MARKUP_BYTES + 1, "?>", "", TOO_LONG);
    /* Text and CDATA may be as long as they like. */
    assert_padded("<a>", "", 100000, "", "</a>", NULL);
    assert_padded("<a>", "<![CDATA[", 100000, "]]>", "</a>", NULL);
    assert_padded("<a>", "<![CDATA[<b c='", 100000, "'/>]]>", "</a>", NULL);
    assert_padded("<a>", "<![CDATA[<!--", 100000, "-->]]>", "</a>", NULL);
    /* Markup that does not end is too long only when it is. */
    assert_padded("<a>\n", "<b c='", XML_MARKUP_BYTES + 1, "", "", TOO_LONG);
    assert_padded("<a>\n", "<b c='", XML_MARKUP_BYTES, "", "", BAD_ATTRIBUTE);
    assert_padded("<a>\n", "<!--", XML_MARKUP_BYTES + 1, "", "", TOO_LONG);
    assert_padded("<a>\n", "<!--", XML_MARKUP_BYTES, "", "", BAD_COMMENT);
    assert_padded("<a>\n", "<?b ", XML_MARKUP_BYTES + 1, "", "", TOO_LONG);
    assert_padded("<a>\n", "<?b ", XML_MARKUP_BYTES, "", "", BAD_INSTRUCTION);
    assert_padded("<a>\n", "</b", XML_MARKUP_BYTES + 1, "", "", TOO_LONG);
}

/* A quote that is not closed is reported where it is, not as a tag that is too long. */
static void an_open_quote_is_found_where_it_is(void **state)
{
    (void)state;
    assert_padded("<a>\n<b c=\"1>2</b>", "", 20000, "", "<b c=\"1\"/></a>", BAD_ATTRIBUTE);
    assert_padded("<a>\n<b c=1'>2</b>", "", 20000, "", "<b c='1'/></a>", BAD_ATTRIBUTE);
}

/* Bytes are those of UTF-8, in which the letter E9 has two. */
static void length_in_another_encoding(void **state)
{
    char *body = padded("<a>\n", "<b c='", XML_MARKUP_BYTES - 1, "'/>", "</a>");
    size_t length = strlen(body);
    struct recorder *recorder;
    char *message;

    (void)state;
    body[20] = '\xe9';
    assert_int_equal(record(&recorder, body, length, "ISO-8859-1", &message), XML_OK);
    talloc_free(recorder);
    body[21] = '\xe9';
    assert_malformed(body, length, "ISO-8859-1", 2, TOO_LONG);
    talloc_free(body);
}

/* Wherever a tag of full length lies, no border inside a parser gets in its way. */
static void a_long_tag_at_any_place(void **state)
{
    (void)state;
    for (size_t place = 0; place < 4200; place += 41) {
        char *before = talloc_asprintf(NULL, "<a>%*s\n", (int)place, "");

        assert_padded(before, "<b c='&amp;", XML_MARKUP_BYTES, "'/>", "</a>", NULL);
        assert_padded(before, "<b c='&amp;", XML_MARKUP_BYTES + 1, "'/>", "</a>", TOO_LONG);
        talloc_free(before);
    }
}

/* Long text with all that can be in it, moved byte by byte over any border. */
static void nothing_is_lost_at_any_border(void **state)
{
    (void)state;
    for (unsigned place = 0; place < 4200; place += 5) {
        char *body, *expected;

        body = talloc_asprintf(NULL,
                               "<a b='>'><!-- > --><c>%*s\xc3\xa9&amp;\r\n&#x1F600;"
                               "<![CDATA[<]>]]]><!-- > -->]</c><d e='&lt;'/></a>",
                               (int)place, "");
        expected = talloc_asprintf(body,
                                   "(a @b=[>](c[%*s\xc3\xa9&\n\xf0\x9f\x98\x80<]>]]])"
                                   "(d @e=[<][])[])",
                                   (int)place, "");
        reads(body, expected);
        talloc_free(body);
    }
}

/* Every beginning of a document is refused, without a byte beyond it being read. */
static void every_truncation_is_refused(void **state)
{
    static const char body[] =
        "<?xml version=\"1.0\" encoding='UTF-8'?><!-- a --><?b c?><l:a xmlns:l='" XML_NAMESPACE
        "' b=\"&lt;c'\">\xc3\xa9&#10;<!-- d --><e " XSI
        " xsi:nil='true'/><f><![CDATA[g]]></f></l:a>";

    (void)state;
    for (size_t length = 0; length < strlen(body); length++) {
        struct recorder *recorder;
        char *message;

        assert_int_equal(record(&recorder, body, length, NULL, &message), XML_MALFORMED);
        assert_non_null(message);
        talloc_free(recorder);
    }
    reads(body, "(a @b=[<c'](e~[])(f[g])%[\xc3\xa9\n])");
}

/* Enough hostile attributes or declarations to keep a parser busy for minutes; just the outcome is
 * asserted, and that it comes at all. */
static void a_megabyte_in_one_tag(void **state)
{
    enum { MEGABYTE = 1 << 20 };
    static const char *const prefixes[] = {"", "xmlns:", "xml:"};

    (void)state;
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        char *body = talloc_size(NULL, MEGABYTE);
        size_t length = (size_t)sprintf(body, "<a>\n<b");

        for (unsigned number = 0; length < MEGABYTE - 100; number++)
            length += (size_t)sprintf(body + length, " %sa%u='u'", prefixes[i], number);
        stpcpy(body + length, "/></a>");
        assert_malformed(body, strlen(body), NULL, 2, TOO_LONG);
        talloc_free(body);
    }
}

static char *with_namespaces(unsigned count, const char *more)
{
    char *body = talloc_strdup(NULL, "<a>\n<b");

    for (unsigned i = 0; i < count; i++)
        body = talloc_asprintf_append_buffer(body, " xmlns:a%u='u'", i);
    return talloc_asprintf_append_buffer(body, "><c%s/></b></a>", more);
}

static void namespaces_in_force(void **state)
{
    char *body = with_namespaces(XML_READER_NAMESPACES, "");

    (void)state;
    reads(body, "(a(b(c[])[])[\n])");
    talloc_free(body);
    body = with_namespaces(XML_READER_NAMESPACES, " xmlns='u'");
    assert_malformed(body, strlen(body), NULL, 2,
                     "more than 256 namespace declarations are in force at once");
    talloc_free(body);
}

static bool ignore_start(void *context, struct xml_element *element)
{
    (void)context;
    (void)element;
    return true;
}

static bool ignore_end(void *context, struct xml_element *element, char *text)
{
    (void)context;
    (void)element;
    (void)text;
    return true;
}

/* What the reader says of a document, which has memory of talloc's; NULL: nothing. */
static const char *complaint_about(char *body)
{
    static const struct xml_handler ignore = {ignore_start, ignore_end};
    char *message;
    enum xml_status status = xml_read(body, body, strlen(body), NULL, &ignore, NULL, &message);

    assert_int_equal(status, message != NULL ? XML_MALFORMED : XML_OK);
    return message;
}

static void attributes_of_a_tag(void **state)
{
    for (unsigned count = XML_MARKUP_ATTRIBUTES; count <= XML_MARKUP_ATTRIBUTES + 1; count++) {
        char *body = talloc_strdup(NULL, "<a>\n<b c='>\"x'");
        const char *message;

        for (unsigned i = 1; i < count; i++)
            body = talloc_asprintf_append_buffer(body, " a%u=\"'\"", i);
        body = talloc_strdup_append_buffer(body, "/></a>");
        message = complaint_about(body);
        assert_true((message != NULL) == (count > XML_MARKUP_ATTRIBUTES));
        if (message != NULL)
            assert_string_equal(message, "Line 2: a tag has more than 256 attributes.");
        talloc_free(body);
    }
    (void)state;
}

/* Names of each kind count: of elements, attributes, prefixes, namespaces and instructions. */
static void different_names(void **state)
{
    static const char *const kinds[][2] = {{"<b", "/>"},
                                           {"<b c", "=''/>"},
                                           {"<b xmlns:p", "='u'/>"},
                                           {"<b xmlns='u", "'/>"},
                                           {"<?b", "?>"}};

    for (size_t kind = 0; kind < sizeof kinds / sizeof *kinds; kind++)
        for (unsigned count = XML_READER_NAMES - 50; count <= XML_READER_NAMES + 50; count += 100) {
            char *body = talloc_strdup(NULL, "<a>");
            const char *message;

            for (unsigned i = 0; i < count; i++)
                body = talloc_asprintf_append_buffer(body, "%s%u%s", kinds[kind][0], i,
                                                     kinds[kind][1]);
            body = talloc_strdup_append_buffer(body, "<b/></a>");
            message = complaint_about(body);
            assert_true((message != NULL) == (count > XML_READER_NAMES));
            if (message != NULL)
                assert_string_equal(message, "Line 1: there are more than 8192 different names.");
            talloc_free(body);
        }
    (void)state;
}

static bool check_family(void *context, struct xml_element *element)
{
    struct xml_element **root = context;

    if (element->parent == NULL) {
        *root = element;
        assert_int_equal(element->depth, 1);
        assert_null(element->data);
    } else {
        assert_ptr_equal(element->parent, *root);
        assert_string_equal(element->parent->name, "a");
        assert_int_equal(element->depth, 2);
        assert_true(element->parent->has_children);
        assert_string_equal(element->parent->attributes[0].value, "1");
        element->parent->data = root;
    }
    assert_false(element->has_children);
    return true;
}

static bool check_family_end(void *context, struct xml_element *element, char *text)
{
    assert_string_equal(element->attributes[0].value, element->parent == NULL ? "1" : "2");
    assert_int_equal(element->has_children, element->parent == NULL);
    if (element->parent == NULL)
        assert_ptr_equal(element->data, context);
    /* The text is the handler's to change, up to its end. */
    memset(text, 'z', strlen(text));
    return true;
}

static void elements_know_their_parents(void **state)
{
    static const struct xml_handler handler = {check_family, check_family_end};
    struct xml_element *root = NULL;
    char *message;

    (void)state;
    assert_int_equal(xml_read(NULL, BYTES("<a n='1'>x<b n='2'>yy</b>x<c n='2'/></a>"), NULL,
                              &handler, &root, &message),
                     XML_OK);
    assert_non_null(root);
}

static void lines_of_elements(void **state)
{
    static const struct {
        const char *body;
        unsigned long line;
    } cases[] = {
        {"<a/>", 1},
        {"\n\n<a/>", 3},
        {"<?xml version='1.0'?>\r\n<!-- \n --><a/>", 3},
        {"<a>\n\n<b/></a>", 3},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct recorder *recorder;
        char *message;

        assert_int_equal(record(&recorder, cases[i].body, strlen(cases[i].body), NULL, &message),
                         XML_OK);
        assert_int_equal(recorder->last_line, cases[i].line);
        talloc_free(recorder);
    }
}

/* Lines are counted beyond what libxml2's tree can hold. */
static void a_line_beyond_65535(void **state)
{
    char *body = talloc_size(NULL, 70000 + 1);

    (void)state;
    memset(body, '\n', 70000);
    memcpy(body, "<a>", 3);
    body[70000] = '\0';
    assert_malformed(body, 70000, NULL, 69998, NOT_CLOSED);
    talloc_free(body);
}

static void assert_stops(const char *body, unsigned at_start, unsigned at_end, const char *expected)
{
    struct recorder *recorder = talloc_zero(NULL, struct recorder);
    char *message;

    recorder->record = talloc_strdup(recorder, "");
    recorder->stop_at_start = at_start;
    recorder->stop_at_end = at_end;
    assert_int_equal(
        xml_read(recorder, body, strlen(body), NULL, &note_handler, recorder, &message),
        XML_STOPPED);
    assert_string_equal(recorder->record, expected);
    assert_null(message);
    talloc_free(recorder);
}

static void handlers_can_stop(void **state)
{
    (void)state;
    assert_stops("<a><b/></a>", 1, 0, "(a");
    assert_stops("<a><b/></a>", 2, 0, "(a(b");
    assert_stops("<a><b/><c/></a>", 0, 1, "(a(b[])");
    assert_stops("<a>x</a>", 0, 1, "(a[x])");
    assert_stops("<a/>", 1, 0, "(a");
    /* What comes after is not looked at. */
    assert_stops("<a><b/></c>", 2, 0, "(a(b");
    assert_stops("<a></a>x", 0, 1, "(a[])");
}

static void nothing_follows_a_fault(void **state)
{
    struct recorder *recorder;
    char *message;

    (void)state;
    assert_int_equal(record(&recorder, BYTES("<a><b/><x:c/><d/><e></a>"), NULL, &message),
                     XML_MALFORMED);
    assert_string_equal(message, "Line 1: " NOT_BOUND ".");
    assert_string_equal(recorder->record, "(a(b[])");
    talloc_free(recorder);
}

#define LONG_TEXT                                                                                  \
    "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890"  \
    "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890"

static const char whole[] =
    "<?xml version='1.0' encoding='ISO-8859-1'?>\n<!-- a --><?b c?>"
    "<l:account xmlns:l='" XML_NAMESPACE "' " XSI " extid='&lt;" LONG_TEXT "' xsi:type='t'>"
    "<owner><full-name>J\xf6rg &amp; &#66;anks " LONG_TEXT "</full-name><nationality code='US'/>"
    "<tel type='pref'>1</tel><password><![CDATA[" LONG_TEXT "]]></password>"
    "<q:foreign xmlns:q='urn:q' q:a='1' b='" LONG_TEXT "' c='\xe9'/></owner>"
    "<a><b><c><d><e><f><g><h><i><j><k l='m'/></j></i></h></g></f></e></d></c></b></a>"
    "</l:account>";

/* With an allocation failing, a document comes back whole or not at all. */
static void assert_whole_or_nothing(const char *body, size_t length, bool for_good)
{
    struct recorder *recorder, *expected;
    char *message;
    unsigned long allocations = 0;
    bool failed = true;

    assert_int_equal(record(&expected, body, length, NULL, &message), XML_OK);
    while (failed) {
        enum xml_status status;

        limit_libxml2(allocations++, for_good);
        status = record(&recorder, body, length, NULL, &message);
        failed = unlimit_libxml2();
        if (status == XML_OK)
            assert_string_equal(recorder->record, expected->record);
        else
            assert_int_equal(status, XML_NO_MEMORY);
        assert_null(message);
        talloc_free(recorder);
    }
    assert_true(allocations > 30);
    talloc_free(expected);
}

static void without_memory_for_libxml2(void **state)
{
    (void)state;
    assert_whole_or_nothing(BYTES(whole), false);
    assert_whole_or_nothing(BYTES(whole), true);
}

static void without_memory_for_talloc(void **state)
{
    struct recorder *expected;
    enum xml_status status = XML_NO_MEMORY;
    unsigned failures = 0;
    char *message;

    (void)state;
    assert_int_equal(record(&expected, BYTES(whole), NULL, &message), XML_OK);
    for (size_t limit = 1; status != XML_OK; limit += 7) {
        TALLOC_CTX *ctx = talloc_new(NULL);
        struct recorder *recorder = talloc_zero(NULL, struct recorder);

        recorder->record = talloc_strdup(recorder, "");
        assert_true(limit_talloc(ctx, talloc_total_size(ctx) + limit));
        status = xml_read(ctx, BYTES(whole), NULL, &note_handler, recorder, &message);
        if (status == XML_OK)
            assert_string_equal(recorder->record, expected->record);
        else
            assert_int_equal(status, XML_NO_MEMORY);
        assert_null(message);
        assert_int_equal(talloc_total_blocks(ctx), 1);
        failures++;
        talloc_free(recorder);
        talloc_free(ctx);
    }
    assert_true(failures > 100);
    talloc_free(expected);
}

/* Whichever allocation fails, a fault is reported as it is or as a lack of memory. */
static enum xml_status read_fault(TALLOC_CTX *ctx)
{
    static const char body[] = "<a b='" LONG_TEXT "'>\n<c d='e'/>\n</b>";
    struct recorder *recorder = talloc_zero(NULL, struct recorder);
    char *message;
    enum xml_status status;

    recorder->record = talloc_strdup(recorder, "");
    status = xml_read(ctx, BYTES(body), NULL, &note_handler, recorder, &message);
    if (status == XML_MALFORMED) {
        assert_string_equal(message, "Line 3: " NOT_MATCHED ".");
    } else {
        assert_int_equal(status, XML_NO_MEMORY);
        assert_null(message);
    }
    talloc_free(recorder);
    return status;
}

static void without_memory_for_a_fault(void **state)
{
    TALLOC_CTX *ctx = talloc_new(NULL);
    enum xml_status status = XML_NO_MEMORY;
    bool failed = true;

    (void)state;
    for (unsigned long allocations = 0; failed; allocations++) {
        limit_libxml2(allocations, false);
        read_fault(ctx);
        failed = unlimit_libxml2();
    }
    for (size_t limit = 1; status != XML_MALFORMED; limit++) {
        assert_true(limit_talloc(ctx, talloc_total_size(ctx) + limit));
        status = read_fault(ctx);
    }
    talloc_free(ctx);
}

static void without_memory_for_the_message(void **state)
{
    TALLOC_CTX *ctx = talloc_new(NULL);
    enum xml_status status = XML_NO_MEMORY;
    char *message;

    (void)state;
    for (size_t limit = 1; status != XML_MALFORMED; limit++) {
        assert_true(limit_talloc(ctx, talloc_total_size(ctx) + limit));
        status = xml_read(ctx, BYTES("\0"), NULL, &note_handler, NULL, &message);
        assert_int_equal(status == XML_MALFORMED, message != NULL);
    }
    talloc_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_document),
        cmocka_unit_test(text_is_not_trimmed),
        cmocka_unit_test(line_ends_become_line_feeds),
        cmocka_unit_test(text_between_elements_is_mixed),
        cmocka_unit_test(references_and_cdata_are_text),
        cmocka_unit_test(comments_and_instructions_are_ignored),
        cmocka_unit_test(namespaces),
        cmocka_unit_test(attributes_of_tools_are_left_out),
        cmocka_unit_test(nil),
        cmocka_unit_test(encodings),
        cmocka_unit_test(wrong_encodings),
        cmocka_unit_test(nul),
        cmocka_unit_test(without_a_root),
        cmocka_unit_test(after_the_root),
        cmocka_unit_test(unclosed),
        cmocka_unit_test(malformed_tags),
        cmocka_unit_test(malformed_names),
        cmocka_unit_test(malformed_comments_and_instructions),
        cmocka_unit_test(declarations_and_versions),
        cmocka_unit_test(characters_that_xml_does_not_allow),
        cmocka_unit_test(entities_and_document_types),
        cmocka_unit_test(messages_quote_nothing),
        cmocka_unit_test(depth),
        cmocka_unit_test(breadth_is_not_depth),
        cmocka_unit_test(length_of_markup),
        cmocka_unit_test(length_of_other_markup),
        cmocka_unit_test(an_open_quote_is_found_where_it_is),
        cmocka_unit_test(length_in_another_encoding),
        cmocka_unit_test(a_long_tag_at_any_place),
        cmocka_unit_test(nothing_is_lost_at_any_border),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(a_megabyte_in_one_tag),
        cmocka_unit_test(namespaces_in_force),
        cmocka_unit_test(attributes_of_a_tag),
        cmocka_unit_test(different_names),
        cmocka_unit_test(elements_know_their_parents),
        cmocka_unit_test(lines_of_elements),
        cmocka_unit_test(a_line_beyond_65535),
        cmocka_unit_test(handlers_can_stop),
        cmocka_unit_test(nothing_follows_a_fault),
        cmocka_unit_test(without_memory_for_libxml2),
        cmocka_unit_test(without_memory_for_talloc),
        cmocka_unit_test(without_memory_for_a_fault),
        cmocka_unit_test(without_memory_for_the_message),
    };

    start_libxml2();
    return cmocka_run_group_tests_name("xml_reader", tests, NULL, NULL);
}
