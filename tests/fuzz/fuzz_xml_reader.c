/*
 * The XML reader by itself, in every encoding: what it accepts is well-formed for libxml2's own
 * tree as well, with the same elements, attributes and text; what it refuses has a line and a
 * reason. The first byte chooses the charset parameter.
 */
#include "common/xml_encoding.h"
#include "common/xml_reader.h"
#include "tests/fuzz/target.h"

#include <assert.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <string.h>

/* What the reader has told of. */
struct reading {
    size_t elements;
    size_t text; /* bytes of all elements' own */
    unsigned depth;
};

static bool start(void *context, struct xml_element *element)
{
    struct reading *reading = context;

    reading->elements++;
    reading->depth++;
    assert(element->depth == reading->depth && element->depth <= XML_READER_DEPTH);
    assert((element->parent == NULL) == (element->depth == 1));
    assert(*element->name != '\0' && element->line >= 1 && element->data == NULL);
    for (size_t i = 0; i < element->attribute_count; i++)
        assert(*element->attributes[i].name != '\0' && element->attributes[i].value != NULL);
    return true;
}

static bool end(void *context, struct xml_element *element, char *text)
{
    struct reading *reading = context;

    assert(element->depth == reading->depth);
    reading->depth--;
    reading->text += strlen(text);
    return true;
}

static size_t count_elements(xmlNode *element)
{
    size_t count = 1;

    for (xmlNode *child = xmlFirstElementChild(element); child != NULL;
         child = xmlNextElementSibling(child))
        count += count_elements(child);
    return count;
}

static void compare_with_tree(const char *body, size_t length, const char *charset,
                              const struct reading *reading)
{
    const int options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
                        XML_PARSE_IGNORE_ENC | XML_PARSE_NOENT;
    TALLOC_CTX *ctx = talloc_new(NULL);
    struct xml_source source;
    struct xml_fault fault;
    xmlDoc *document;
    xmlNode *root;
    xmlChar *text;

    assert(xml_decode(ctx, body, length, charset, &source, &fault) == XML_DECODED);
    document = xmlReadMemory(source.bytes, (int)source.length, NULL, NULL, options);
    root = xmlDocGetRootElement(document);
    assert(root != NULL && document->intSubset == NULL);
    text = xmlNodeGetContent(root);
    assert(strlen((const char *)text) == reading->text);
    assert(count_elements(root) == reading->elements);
    xmlFree(text);
    xmlFreeDoc(document);
    talloc_free(ctx);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const charsets[] = {NULL, "utf-8", "us-ascii", "iso-8859-1", "utf-16", ""};
    static const struct xml_handler handler = {start, end};
    const char *body = (const char *)data + 1;
    struct reading reading = {0};
    const char *charset;
    TALLOC_CTX *ctx;
    char *message;

    if (size < 1)
        return -1;
    ctx = talloc_new(NULL);
    charset = charsets[data[0] % (sizeof charsets / sizeof charsets[0])];
    switch (xml_read(ctx, body, size - 1, charset, &handler, &reading, &message)) {
    case XML_OK:
        assert(message == NULL && reading.depth == 0 && reading.elements >= 1);
        compare_with_tree(body, size - 1, charset, &reading);
        break;
    case XML_MALFORMED:
        assert(strncmp(message, "Line ", 5) == 0 && message[strlen(message) - 1] == '.');
        break;
    default:
        assert(false); /* the handler does not stop, and there is memory */
    }
    talloc_free(ctx);
    return 0;
}
