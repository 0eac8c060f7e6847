/*
 * What the XML writer wrote, read back, is the same text. The input is a program for the writer:
 * an element, an attribute or a text each begins with a letter and ends with a NUL or the input.
 */
#include "common/text.h"
#include "common/xml_reader.h"
#include "common/xml_writer.h"
#include "tests/fuzz/target.h"

#include <assert.h>
#include <string.h>

static const char *const names[] = {"account", "name", "street-address", "a"};

enum { NAMES = sizeof names / sizeof names[0] };

/* An element that is open in the writer. */
struct open {
    const char *name;
    bool has_elements;
    bool has_text;
    bool attributes[NAMES]; /* that it has already */
    char *text;
};

/* `events` tells the document, as its reader is to tell it. */
struct writing {
    struct xml_writer *writer;
    struct open open[XML_WRITER_DEPTH];
    unsigned depth;
    bool ended;
    char *events;
};

static void tell(char **events, const char *kind, const char *name, const char *value)
{
    *events = talloc_asprintf_append_buffer(*events, "%s %s %s\x01", kind, name, value);
    assert(*events != NULL);
}

/* The element that was opened last; NULL: none is open. */
static struct open *innermost(struct writing *writing)
{
    return writing->depth > 0 ? &writing->open[writing->depth - 1] : NULL;
}

static void open_element(struct writing *writing, const char *name)
{
    struct open *parent = innermost(writing);

    if (writing->ended || writing->depth == XML_WRITER_DEPTH ||
        (parent != NULL && parent->has_text))
        return;
    if (parent != NULL)
        parent->has_elements = true;
    writing->open[writing->depth++] =
        (struct open){.name = name, .text = talloc_strdup(writing, "")};
    xml_start(writing->writer, name);
    tell(&writing->events, "start", name, "");
}

static void add_attribute(struct writing *writing, unsigned which, const char *value)
{
    struct open *element = innermost(writing);

    if (element == NULL || element->has_elements || element->has_text || element->attributes[which])
        return;
    element->attributes[which] = true;
    xml_attribute(writing->writer, names[which], value);
    tell(&writing->events, "attribute", names[which], value);
}

static void add_text(struct writing *writing, const char *text)
{
    struct open *element = innermost(writing);

    if (element == NULL || element->has_elements)
        return;
    element->has_text = element->has_text || *text != '\0';
    element->text = talloc_strdup_append(element->text, text);
    xml_text(writing->writer, text);
}

static void close_element(struct writing *writing)
{
    const struct open *element = innermost(writing);

    if (element == NULL)
        return;
    writing->depth--;
    writing->ended = writing->depth == 0;
    xml_end(writing->writer);
    tell(&writing->events, "end", element->name, element->text);
}

/* One step: its letter, and its text. */
static void write_step(struct writing *writing, char letter, const char *text)
{
    unsigned which = (unsigned char)letter / 4 % NAMES;

    if (!text_is_utf8(text, strlen(text)) || !text_is_xml(text))
        return;
    switch (letter % 4) {
    case 0:
        open_element(writing, names[which]);
        break;
    case 1:
        add_attribute(writing, which, text);
        break;
    case 2:
        add_text(writing, text);
        break;
    default:
        close_element(writing);
    }
}

static bool read_start(void *context, struct xml_element *element)
{
    char **events = context;

    assert(!element->foreign && !element->nil);
    tell(events, "start", element->name, "");
    for (size_t i = 0; i < element->attribute_count; i++)
        tell(events, "attribute", element->attributes[i].name, element->attributes[i].value);
    return true;
}

/* The text between elements is indentation. */
static bool read_end(void *context, struct xml_element *element, char *text)
{
    char **events = context;

    assert(!element->mixed);
    tell(events, "end", element->name, element->has_children ? "" : text);
    return true;
}

static void read_back(struct writing *writing)
{
    static const struct xml_handler handler = {read_start, read_end};
    size_t length;
    const char *document = xml_writer_finish(writing->writer, &length);
    char *events = talloc_strdup(writing, "");
    char *message;

    assert(document != NULL && strlen(document) == length && document[length - 1] == '\n');
    assert(text_is_utf8(document, length) && strchr(document, '\r') == NULL);
    assert(xml_read(writing, document, length, NULL, &handler, &events, &message) == XML_OK);
    assert(strcmp(events, writing->events) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct writing *writing = talloc_zero(NULL, struct writing);
    const char *end = (const char *)data + size;

    writing->writer = xml_writer_new(writing, size);
    writing->events = talloc_strdup(writing, "");
    open_element(writing, "root");
    for (const char *step = (const char *)data; step < end;) {
        size_t length = strnlen(step, (size_t)(end - step));

        if (length > 0)
            write_step(writing, step[0], talloc_strndup(writing, step + 1, length - 1));
        step += length + 1;
    }
    while (writing->depth > 0)
        close_element(writing);
    read_back(writing);
    talloc_free(writing);
    return 0;
}
