#include "common/xml_writer.h"

#include <libxml/xmlIO.h>
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
 * libxml2's output buffer holds the document, but a call to it for each quote and bracket costs
 * more than all the rest; so these are gathered in `pending` first.
 */
struct xml_writer {
    xmlOutputBufferPtr output;
    bool failed;
    unsigned depth;
    struct open_element open[XML_WRITER_DEPTH];
    size_t pending_length;
    char pending[8192];
};

static void flush(struct xml_writer *writer)
{
    if (xmlOutputBufferWrite(writer->output, (int)writer->pending_length, writer->pending) < 0)
        writer->failed = true;
    writer->pending_length = 0;
}

static inline void put(struct xml_writer *writer, const char *bytes, size_t length)
{
    while (length > sizeof writer->pending - writer->pending_length) {
        size_t room = sizeof writer->pending - writer->pending_length;

        memcpy(writer->pending + writer->pending_length, bytes, room);
        writer->pending_length += room;
        bytes += room;
        length -= room;
        flush(writer);
    }
    memcpy(writer->pending + writer->pending_length, bytes, length);
    writer->pending_length += length;
}

/* For string literals: the compiler knows the length, and a copy of few bytes becomes a move. */
#define PUT(writer, literal) put(writer, literal, sizeof(literal) - 1)

static void put_reference(struct xml_writer *writer, char character)
{
    switch (character) {
    case '<':
        PUT(writer, "&lt;");
        break;
    case '>':
        PUT(writer, "&gt;");
        break;
    case '&':
        PUT(writer, "&amp;");
        break;
    case '"':
        PUT(writer, "&quot;");
        break;
    case '\t':
        PUT(writer, "&#9;");
        break;
    case '\n':
        PUT(writer, "&#10;");
        break;
    default:
        PUT(writer, "&#13;");
    }
}

/* Writes text in which the characters of `escaped`, all known to put_reference, become references.
 */
static void put_escaped(struct xml_writer *writer, const char *text, const char *escaped)
{
    for (;;) {
        size_t plain = strcspn(text, escaped);

        put(writer, text, plain);
        text += plain;
        if (*text == '\0')
            return;
        put_reference(writer, *text++);
    }
}

/* What markup has around a name at most: a line's beginning and a few characters. */
enum { INDENT_BYTES = 1 + 4 * XML_WRITER_DEPTH, AROUND_BYTES = INDENT_BYTES + 8 };

/*
 * Makes room for markup with a name of so many bytes, which then goes into `pending` without a look
 * at each of its pieces. Returns where it goes; NULL: the writer has failed.
 */
static inline char *reserve(struct xml_writer *writer, size_t name_length)
{
    if (name_length > XML_WRITER_NAME)
        writer->failed = true;
    if (writer->failed)
        return NULL;
    if (name_length + AROUND_BYTES > sizeof writer->pending - writer->pending_length)
        flush(writer);
    return writer->pending + writer->pending_length;
}

/* What was put where reserve told to ends here. */
static void reserved_until(struct xml_writer *writer, const char *end)
{
    writer->pending_length = (size_t)(end - writer->pending);
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

static int free_output(struct xml_writer *writer)
{
    xmlOutputBufferClose(writer->output);
    return 0;
}

struct xml_writer *xml_writer_new(TALLOC_CTX *ctx)
{
    struct xml_writer *writer = talloc(ctx, struct xml_writer);

    if (writer == NULL)
        return NULL;
    writer->output = xmlAllocOutputBuffer(NULL);
    if (writer->output == NULL) {
        talloc_free(writer);
        return NULL;
    }
    talloc_set_destructor(writer, free_output);
    writer->failed = false;
    writer->depth = 0;
    writer->pending_length = 0;
    PUT(writer, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    return writer;
}

void xml_start(struct xml_writer *writer, const char *name)
{
    struct open_element *element = &writer->open[writer->depth];
    size_t name_length = strlen(name);
    char *at;

    if (writer->depth == XML_WRITER_DEPTH)
        writer->failed = true;
    at = reserve(writer, name_length);
    if (at == NULL)
        return;
    if (writer->depth > 0) {
        if (element[-1].content == CONTENT_NONE)
            *at++ = '>';
        element[-1].content = CONTENT_ELEMENTS;
    }
    at = add_indent(at, writer->depth);
    *at++ = '<';
    reserved_until(writer, mempcpy(at, name, name_length));
    element->name = name;
    element->name_length = name_length;
    element->content = CONTENT_NONE;
    writer->depth++;
}

void xml_attribute(struct xml_writer *writer, const char *name, const char *value)
{
    size_t name_length = strlen(name);
    char *at;

    at = reserve(writer, name_length);
    if (at == NULL)
        return;
    *at++ = ' ';
    at = mempcpy(at, name, name_length);
    *at++ = '=';
    *at++ = '"';
    reserved_until(writer, at);
    put_escaped(writer, value, "<>&\"\t\n\r");
    PUT(writer, "\"");
}

void xml_text(struct xml_writer *writer, const char *text)
{
    if (writer->failed || *text == '\0')
        return;
    if (writer->open[writer->depth - 1].content == CONTENT_NONE)
        PUT(writer, ">");
    writer->open[writer->depth - 1].content = CONTENT_TEXT;
    put_escaped(writer, text, "<>&\r");
}

void xml_end(struct xml_writer *writer)
{
    const struct open_element *element;
    char *at;

    if (writer->failed)
        return;
    element = &writer->open[writer->depth - 1];
    at = reserve(writer, element->name_length);
    if (at == NULL)
        return;
    writer->depth--;
    if (element->content == CONTENT_NONE) {
        *at++ = '/';
    } else {
        if (element->content == CONTENT_ELEMENTS)
            at = add_indent(at, writer->depth);
        *at++ = '<';
        *at++ = '/';
        at = mempcpy(at, element->name, element->name_length);
    }
    *at++ = '>';
    reserved_until(writer, at);
}

void xml_element(struct xml_writer *writer, const char *name, const char *text)
{
    xml_start(writer, name);
    xml_text(writer, text);
    xml_end(writer);
}

const char *xml_writer_finish(struct xml_writer *writer, size_t *length)
{
    PUT(writer, "\n");
    flush(writer);
    if (writer->failed)
        return NULL;
    *length = xmlOutputBufferGetSize(writer->output);
    return (const char *)xmlOutputBufferGetContent(writer->output);
}
