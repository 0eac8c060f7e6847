#include "common/xml_writer.h"

#include <libxml/tree.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>

/* What an open element holds so far; it decides how its start tag ends and where its end tag goes.
 */
enum content { CONTENT_NONE, CONTENT_TEXT, CONTENT_ELEMENTS };

struct open_element {
    const char *name;
    size_t name_length;
    enum content content;
};

/*
 * libxml2's buffer holds the document, but a call to it for each quote and bracket costs more than
 * all the rest; so it is asked for room, and what goes there is written in place.
 */
struct xml_writer {
    xmlBufferPtr document;
    bool failed;
    unsigned depth;
    struct open_element open[XML_WRITER_DEPTH];
};

/* What is escaped in text and in the value of an attribute. */
static const char text_escaped[] = "<>&\r";
static const char value_escaped[] = "<>&\"\t\n\r";

/* The bytes of the longest reference, of a line's beginning, and of what markup has around a name.
 */
enum {
    REFERENCE_BYTES = sizeof "&quot;" - 1,
    INDENT_BYTES = 1 + 4 * XML_WRITER_DEPTH,
    AROUND_BYTES = INDENT_BYTES + 8,
};

/* Makes room for so many bytes and returns where they go. NULL: the writer has failed. */
static inline char *reserve(struct xml_writer *writer, size_t size)
{
    xmlBufferPtr document = writer->document;

    if (!writer->failed && size >= document->size - document->use)
        writer->failed = size > INT_MAX || xmlBufferGrow(document, (unsigned)size + 1) < 0;
    return writer->failed ? NULL : (char *)document->content + document->use;
}

/* What was put where reserve told to ends here. */
static inline void reserved_until(struct xml_writer *writer, const char *end)
{
    writer->document->use = (unsigned)(end - (char *)writer->document->content);
}

static char *add_reference(char *at, char character)
{
    switch (character) {
    case '<':
        return stpcpy(at, "&lt;");
    case '>':
        return stpcpy(at, "&gt;");
    case '&':
        return stpcpy(at, "&amp;");
    case '"':
        return stpcpy(at, "&quot;");
    case '\t':
        return stpcpy(at, "&#9;");
    case '\n':
        return stpcpy(at, "&#10;");
    default:
        return stpcpy(at, "&#13;");
    }
}

/*
 * Puts text in which the characters of `escaped`, all known to add_reference, become references.
 * Returns where it ends, with room for `behind` bytes more. NULL: the writer has failed.
 */
static char *put_escaped(struct xml_writer *writer, const char *text, const char *escaped,
                         size_t behind)
{
    for (;;) {
        size_t plain = strcspn(text, escaped);
        char *at = reserve(writer, plain + REFERENCE_BYTES + behind);

        if (at == NULL)
            return NULL;
        at = mempcpy(at, text, plain);
        text += plain;
        if (*text == '\0')
            return at;
        reserved_until(writer, add_reference(at, *text++));
    }
}

/* A line's beginning. As much of it is copied always as most lines need, since the compiler knows
 * then how much that is. */
static char *add_indent(char *at, unsigned depth)
{
    enum { MOST_BYTES = 1 + 4 * 7 };
    static const char spaces[INDENT_BYTES + 1] =
        "\n"
        "                                                                "
        "                                                                ";
    size_t length = 1 + 4 * (size_t)depth;

    memcpy(at, spaces, MOST_BYTES);
    if (length > MOST_BYTES)
        memcpy(at, spaces, length);
    return at + length;
}

static char *add_end_tag(char *at, const char *name, size_t name_length)
{
    *at++ = '<';
    *at++ = '/';
    at = mempcpy(at, name, name_length);
    *at++ = '>';
    return at;
}

static int free_document(struct xml_writer *writer)
{
    xmlBufferFree(writer->document);
    return 0;
}

struct xml_writer *xml_writer_new(TALLOC_CTX *ctx, size_t expected)
{
    static const char declaration[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
    struct xml_writer *writer = talloc(ctx, struct xml_writer);

    if (writer == NULL)
        return NULL;
    writer->document = xmlBufferCreateSize(sizeof declaration + expected);
    if (writer->document == NULL) {
        talloc_free(writer);
        return NULL;
    }
    talloc_set_destructor(writer, free_document);
    writer->failed = false;
    writer->depth = 0;
    reserved_until(writer, stpcpy((char *)writer->document->content, declaration));
    return writer;
}

/* Puts a start tag up to its name on a line of its own, and returns where it ends. NULL: the writer
 * has failed. */
static char *put_start(struct xml_writer *writer, const char *name, size_t name_length)
{
    char *at;

    if (writer->depth == XML_WRITER_DEPTH || name_length > XML_WRITER_NAME)
        writer->failed = true;
    at = reserve(writer, name_length + AROUND_BYTES);
    if (at == NULL)
        return NULL;
    if (writer->depth > 0) {
        struct open_element *parent = &writer->open[writer->depth - 1];

        if (parent->content == CONTENT_NONE)
            *at++ = '>';
        parent->content = CONTENT_ELEMENTS;
    }
    at = add_indent(at, writer->depth);
    *at++ = '<';
    return mempcpy(at, name, name_length);
}

void xml_start(struct xml_writer *writer, const char *name)
{
    size_t name_length = strlen(name);
    const char *end = put_start(writer, name, name_length);

    if (end == NULL)
        return;
    reserved_until(writer, end);
    writer->open[writer->depth++] =
        (struct open_element){.name = name, .name_length = name_length, .content = CONTENT_NONE};
}

void xml_attribute(struct xml_writer *writer, const char *name, const char *value)
{
    size_t name_length = strlen(name);
    char *at;

    if (name_length > XML_WRITER_NAME)
        writer->failed = true;
    at = reserve(writer, name_length + AROUND_BYTES);
    if (at == NULL)
        return;
    *at++ = ' ';
    at = mempcpy(at, name, name_length);
    *at++ = '=';
    *at++ = '"';
    reserved_until(writer, at);
    at = put_escaped(writer, value, value_escaped, 1);
    if (at == NULL)
        return;
    *at++ = '"';
    reserved_until(writer, at);
}

void xml_text(struct xml_writer *writer, const char *text)
{
    struct open_element *element;
    char *at;

    if (writer->failed || *text == '\0')
        return;
    element = &writer->open[writer->depth - 1];
    at = reserve(writer, AROUND_BYTES);
    if (at == NULL)
        return;
    if (element->content == CONTENT_NONE)
        *at++ = '>';
    element->content = CONTENT_TEXT;
    reserved_until(writer, at);
    at = put_escaped(writer, text, text_escaped, 0);
    if (at != NULL)
        reserved_until(writer, at);
}

void xml_end(struct xml_writer *writer)
{
    const struct open_element *element;
    char *at;

    if (writer->failed)
        return;
    element = &writer->open[writer->depth - 1];
    at = reserve(writer, element->name_length + AROUND_BYTES);
    if (at == NULL)
        return;
    writer->depth--;
    if (element->content == CONTENT_NONE) {
        reserved_until(writer, stpcpy(at, "/>"));
        return;
    }
    if (element->content == CONTENT_ELEMENTS)
        at = add_indent(at, writer->depth);
    reserved_until(writer, add_end_tag(at, element->name, element->name_length));
}

void xml_element(struct xml_writer *writer, const char *name, const char *text)
{
    size_t name_length = strlen(name);
    char *at = put_start(writer, name, name_length);

    if (at == NULL)
        return;
    if (*text == '\0') {
        reserved_until(writer, stpcpy(at, "/>"));
        return;
    }
    *at++ = '>';
    reserved_until(writer, at);
    at = put_escaped(writer, text, text_escaped, name_length + AROUND_BYTES);
    if (at != NULL)
        reserved_until(writer, add_end_tag(at, name, name_length));
}

const char *xml_writer_finish(struct xml_writer *writer, size_t *length)
{
    char *at = reserve(writer, sizeof "\n");

    if (at == NULL)
        return NULL;
    reserved_until(writer, stpcpy(at, "\n"));
    *length = (size_t)xmlBufferLength(writer->document);
    return (const char *)xmlBufferContent(writer->document);
}
