#include "common/xml_reader.h"

#include "common/xml_complaint.h"
#include "common/xml_encoding.h"
#include "common/xml_markup.h"

#include <assert.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlerror.h>
#include <string.h>

#define XSI_NAMESPACE "http://www.w3.org/2001/XMLSchema-instance"

static const char white_space[] = " \t\r\n";

/* An element whose end has not come. The next at its depth has its memory again: a hostile document
 * has 250,000 elements. */
struct open_element {
    struct xml_element element;
    struct open_element *parent;
    size_t text_begin;        /* where in the reader's text its own begins */
    unsigned namespace_count; /* declarations in force in it */
    struct xml_attribute_value *attributes;
    unsigned attributes_size;
    char *values; /* of the attributes, one after the other */
    size_t values_size;
};

/*
 * The text of all open elements lies in one buffer, that of an element after that of its parent,
 * and is cut off where the element ends. No reference is shorter than its character, so the buffer
 * never needs to be larger than the document.
 */
struct reader {
    const struct xml_handler *handler;
    void *context;
    xmlParserCtxtPtr parser;
    enum xml_status status;
    struct xml_fault fault;
    struct open_element *current;
    struct open_element *levels[XML_READER_DEPTH + 1]; /* by depth, NULL: there was none so far */
    bool root_seen;
    char *text;
    size_t text_size;
    size_t text_length;
};

/* Keeps the first reason to stop, but memory running out is a reason above all. */
static void fail(struct reader *reader, enum xml_status status)
{
    if (reader->status == XML_OK || status == XML_NO_MEMORY)
        reader->status = status;
}

static void refuse(struct reader *reader, unsigned long line, const char *sentence)
{
    fail(reader, XML_MALFORMED);
    if (reader->fault.sentence == NULL)
        reader->fault = (struct xml_fault){line, sentence};
}

/* libxml2 has one code for a document without, before and after the end of its root element. */
static const char *describe_end(const struct reader *reader)
{
    if (!reader->root_seen)
        return "there is no root element";
    if (reader->current != NULL)
        return "an element is not closed";
    return "there is something after the root element";
}

static bool is_about_end(int code)
{
    return code == XML_ERR_DOCUMENT_EMPTY || code == XML_ERR_DOCUMENT_END ||
           code == XML_ERR_TAG_NOT_FINISHED;
}

/* Whether libxml2's complaint is one about this document; a namespace's name may be any string. */
static bool is_fault(const xmlError *error)
{
    if (error->code == XML_WAR_UNKNOWN_VERSION)
        return true;
    return error->level >= XML_ERR_ERROR && error->code != XML_WAR_NS_URI;
}

static void on_error(void *context, xmlErrorPtr error)
{
    struct reader *reader = context;

    if (error->code == XML_ERR_NO_MEMORY)
        fail(reader, XML_NO_MEMORY);
    else if (is_fault(error))
        refuse(reader, (unsigned long)error->line,
               is_about_end(error->code) ? describe_end(reader) : xml_complaint(error->code));
}

static bool is_true(const char *value, const char *end)
{
    size_t length;

    while (value < end && strchr(white_space, *value) != NULL)
        value++;
    while (value < end && strchr(white_space, end[-1]) != NULL)
        end--;
    length = (size_t)(end - value);
    /* Both can be, though cppcheck thinks that the loops leave nothing. */
    /* cppcheck-suppress knownConditionTrueFalse */
    return (length == 1 && *value == '1') || (length == 4 && memcmp(value, "true", 4) == 0);
}

/* One attribute as libxml2 gives it: five pointers. */
struct sax_attribute {
    const char *name;
    const char *prefix; /* cppcheck-suppress unusedStructMember ; the layout is libxml2's */
    const char *namespace;
    const char *value;
    const char *end;
};

/* Whether an attribute is one that XML tools add and that says nothing about the document. */
static bool is_for_tools(const struct sax_attribute *attribute)
{
    static const char *const xsi[] = {"nil", "type", "schemaLocation", "noNamespaceSchemaLocation"};

    if (attribute->namespace == NULL)
        return false;
    if (strcmp(attribute->namespace, (const char *)XML_XML_NAMESPACE) == 0)
        return true;
    if (strcmp(attribute->namespace, XSI_NAMESPACE) != 0)
        return false;
    for (size_t i = 0; i < sizeof xsi / sizeof *xsi; i++)
        if (strcmp(attribute->name, xsi[i]) == 0)
            return true;
    return false;
}

/* Keeps one attribute, its value from `values` on. Returns the place after it. */
static char *keep_attribute(struct open_element *opened, char *values,
                            const struct sax_attribute *attribute)
{
    struct xml_element *element = &opened->element;
    size_t length = (size_t)(attribute->end - attribute->value);

    if (is_for_tools(attribute)) {
        if (strcmp(attribute->namespace, XSI_NAMESPACE) == 0 && strcmp(attribute->name, "nil") == 0)
            element->nil = is_true(attribute->value, attribute->end);
        return values;
    }
    memcpy(values, attribute->value, length);
    values[length] = '\0';
    opened->attributes[element->attribute_count++] = (struct xml_attribute_value){
        .name = attribute->name, .value = values, .foreign = attribute->namespace != NULL};
    return values + length + 1;
}

/* Makes room for attributes. What is there need not be kept. */
static bool make_room(struct open_element *opened, unsigned count, size_t values_size)
{
    if (opened->attributes_size < count) {
        talloc_free(opened->attributes);
        opened->attributes = talloc_array(opened, struct xml_attribute_value, count);
        opened->attributes_size = opened->attributes != NULL ? count : 0;
    }
    if (opened->values_size < values_size) {
        talloc_free(opened->values);
        opened->values = xml_wiped_buffer(opened, values_size);
        opened->values_size = opened->values != NULL ? values_size : 0;
    }
    return opened->attributes_size >= count && opened->values_size >= values_size;
}

static bool keep_attributes(struct open_element *opened, unsigned count, const xmlChar **given)
{
    size_t values_size = 0;
    char *values;

    if (count == 0)
        return true;
    for (unsigned i = 0; i < count; i++)
        values_size += (size_t)(given[5 * i + 4] - given[5 * i + 3]) + 1;
    if (!make_room(opened, count, values_size))
        return false;
    values = opened->values;
    for (unsigned i = 0; i < count; i++, given += 5) {
        const struct sax_attribute attribute = {(const char *)given[0], (const char *)given[1],
                                                (const char *)given[2], (const char *)given[3],
                                                (const char *)given[4]};

        values = keep_attribute(opened, values, &attribute);
    }
    opened->element.attributes = opened->attributes;
    return true;
}

/* Whether there is still something to do. If not, the rest of the document is not parsed. */
static bool goes_on(const struct reader *reader)
{
    if (reader->status == XML_OK)
        return true;
    xmlStopParser(reader->parser);
    return false;
}

/* The memory of an element at this depth. NULL: out of memory. */
static struct open_element *element_at(struct reader *reader, unsigned depth)
{
    if (reader->levels[depth] == NULL)
        reader->levels[depth] = talloc_zero(reader, struct open_element);
    return reader->levels[depth];
}

static struct open_element *open_element(struct reader *reader, const char *name,
                                         const char *namespace)
{
    struct open_element *parent = reader->current;
    unsigned depth = parent == NULL ? 1 : parent->element.depth + 1;
    struct open_element *opened;

    if (depth > XML_READER_DEPTH) {
        refuse(reader, (unsigned long)reader->parser->input->line,
               "elements are nested more than 32 deep");
        return NULL;
    }
    opened = element_at(reader, depth);
    if (opened == NULL) {
        fail(reader, XML_NO_MEMORY);
        return NULL;
    }
    opened->parent = parent;
    opened->text_begin = reader->text_length;
    opened->namespace_count = parent == NULL ? 0 : parent->namespace_count;
    opened->element = (struct xml_element){
        .name = name,
        .foreign = namespace != NULL && strcmp(namespace, XML_NAMESPACE) != 0,
        .parent = parent == NULL ? NULL : &parent->element,
        .depth = depth,
        .line = (unsigned long)reader->parser->input->line,
    };
    return opened;
}

/* Makes `opened` the current element, if it is within the limits, and hands it over. */
static void enter_element(struct reader *reader, struct open_element *opened)
{
    if (opened->namespace_count > XML_READER_NAMESPACES) {
        refuse(reader, opened->element.line,
               "more than 256 namespace declarations are in force at once");
        return;
    }
    if (opened->parent != NULL)
        opened->parent->element.has_children = true;
    reader->root_seen = true;
    reader->current = opened;
    if (!reader->handler->start(reader->context, &opened->element))
        fail(reader, XML_STOPPED);
}

/* Each name that is new costs libxml2's dictionary more than the one before, and none is forgotten.
 */
static void refuse_names(struct reader *reader)
{
    if (reader->status == XML_OK && xmlDictSize(reader->parser->dict) > XML_READER_NAMES)
        refuse(reader, (unsigned long)reader->parser->input->line,
               "there are more than 8192 different names");
}

static void on_start(void *context, const xmlChar *name, const xmlChar *prefix,
                     const xmlChar *namespace, int namespace_count, const xmlChar **namespaces,
                     int attribute_count, int defaulted_count, const xmlChar **attributes)
{
    struct reader *reader = context;
    struct open_element *opened;

    (void)prefix;
    (void)namespaces;
    (void)defaulted_count;
    refuse_names(reader);
    if (!goes_on(reader))
        return;
    opened = open_element(reader, (const char *)name, (const char *)namespace);
    if (opened == NULL)
        return;
    if (!keep_attributes(opened, (unsigned)attribute_count, attributes)) {
        fail(reader, XML_NO_MEMORY);
        return;
    }
    opened->namespace_count += (unsigned)namespace_count;
    enter_element(reader, opened);
}

static void on_end(void *context, const xmlChar *name, const xmlChar *prefix,
                   const xmlChar *namespace)
{
    struct reader *reader = context;
    struct open_element *closed = reader->current;
    char *text;

    (void)name;
    (void)prefix;
    (void)namespace;
    if (!goes_on(reader))
        return;
    reader->text[reader->text_length] = '\0';
    text = reader->text + closed->text_begin;
    closed->element.mixed = closed->element.has_children && text[strspn(text, white_space)] != '\0';
    if (!reader->handler->end(reader->context, &closed->element, text))
        fail(reader, XML_STOPPED);
    reader->text_length = closed->text_begin;
    reader->current = closed->parent;
}

static void on_text(void *context, const xmlChar *text, int length)
{
    struct reader *reader = context;

    assert((size_t)length < reader->text_size - reader->text_length);
    memcpy(reader->text + reader->text_length, text, (size_t)length);
    reader->text_length += (size_t)length;
}

static void on_instruction(void *context, const xmlChar *target, const xmlChar *data)
{
    struct reader *reader = context;

    (void)target;
    (void)data;
    refuse_names(reader);
    goes_on(reader);
}

/* Parses the whole document in one go. */
static void parse(struct reader *reader, const struct xml_source *source)
{
    xmlSAXHandler sax = {
        .initialized = XML_SAX2_MAGIC,
        .startElementNs = on_start,
        .endElementNs = on_end,
        .characters = on_text,
        .ignorableWhitespace = on_text,
        .cdataBlock = on_text,
        .processingInstruction = on_instruction,
        .serror = on_error,
    };

    reader->parser = xmlCreatePushParserCtxt(&sax, reader, NULL, 0, NULL);
    if (reader->parser == NULL) {
        fail(reader, XML_NO_MEMORY);
        return;
    }
    /* References in attributes are replaced only with XML_PARSE_NOENT; there are no entities but
     * XML's. */
    xmlCtxtUseOptions(reader->parser, XML_PARSE_NONET | XML_PARSE_IGNORE_ENC | XML_PARSE_NOENT);
    xmlSwitchEncoding(reader->parser, XML_CHAR_ENCODING_UTF8);
    xmlParseChunk(reader->parser, source->bytes, (int)source->length, 1);
    xmlFreeParserCtxt(reader->parser);
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

/*
 * libxml2's dictionary of names does not report that it ran out of memory; the parser then finds a
 * name missing. So a fault counts only if it is found again.
 */
static bool is_found_again(struct reader *reader, const struct xml_source *source)
{
    static const struct xml_handler ignore = {ignore_start, ignore_end};
    struct reader *again = talloc_zero(reader, struct reader);

    if (again == NULL)
        return false;
    again->handler = &ignore;
    again->text = reader->text;
    again->text_size = reader->text_size;
    parse(again, source);
    return again->status == XML_MALFORMED && again->fault.line == reader->fault.line &&
           again->fault.sentence == reader->fault.sentence;
}

static void read_source(struct reader *reader, const struct xml_source *source)
{
    if (!xml_markup_check(source, &reader->fault)) {
        fail(reader, XML_MALFORMED);
        return;
    }
    reader->text_size = source->length + 1;
    reader->text = xml_wiped_buffer(reader, reader->text_size);
    if (reader->text == NULL) {
        fail(reader, XML_NO_MEMORY);
        return;
    }
    parse(reader, source);
    if (reader->status == XML_MALFORMED && !is_found_again(reader, source))
        fail(reader, XML_NO_MEMORY);
}

static void read_body(struct reader *reader, const char *body, size_t length, const char *charset)
{
    struct xml_source source;

    switch (xml_decode(reader, body, length, charset, &source, &reader->fault)) {
    case XML_DECODED:
        read_source(reader, &source);
        break;
    case XML_NOT_DECODED:
        fail(reader, XML_MALFORMED);
        break;
    case XML_DECODING_NO_MEMORY:
        fail(reader, XML_NO_MEMORY);
    }
}

enum xml_status xml_read(TALLOC_CTX *ctx, const char *body, size_t length, const char *charset,
                         const struct xml_handler *handler, void *context, char **message)
{
    struct reader *reader = talloc_zero(ctx, struct reader);
    enum xml_status status;

    *message = NULL;
    if (reader == NULL)
        return XML_NO_MEMORY;
    reader->handler = handler;
    reader->context = context;
    reader->status = XML_OK;
    read_body(reader, body, length, charset);
    if (reader->status == XML_MALFORMED) {
        *message =
            talloc_asprintf(ctx, "Line %lu: %s.", reader->fault.line, reader->fault.sentence);
        if (*message == NULL)
            fail(reader, XML_NO_MEMORY);
    }
    status = reader->status;
    talloc_free(reader);
    return status;
}
