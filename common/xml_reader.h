/*
 * Reads an XML 1.0 document of a client as a stream of elements, and refuses whatever could be used
 * to attack a parser. Nothing is ever fetched, no entity but XML's five is expanded, and no tree is
 * built: with memory short a tree can come back whole but for parts that are silently missing.
 *
 * Beyond XML's own rules these are refused: document type declarations, NUL, a version other
 * than 1.0, names that Namespaces in XML 1.0 does not allow, depth over XML_READER_DEPTH, a tag,
 * comment or processing instruction of more than XML_MARKUP_BYTES bytes of UTF-8, a tag of more
 * than XML_MARKUP_ATTRIBUTES attributes (each is compared with all others), more than
 * XML_READER_NAMESPACES namespace declarations in force at once (each name is looked up among
 * them), and more than XML_READER_NAMES different names (libxml2 keeps each, in longer and longer
 * time). Comments and processing instructions are ignored; CDATA is text.
 */
#ifndef LEAP_XML_READER_H
#define LEAP_XML_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <talloc.h>

/* The namespace of the API's documents; elements in none are taken for the same. */
#define XML_NAMESPACE "http://schema.majitek.com/leap-ws-v1.0"

enum {
    XML_READER_DEPTH = 32,
    XML_READER_NAMESPACES = 256,
    XML_READER_NAMES = 8192, /* of elements, attributes, prefixes, namespaces and instructions */
};

struct xml_attribute_value {
    const char *name; /* without prefix */
    const char *value;
    bool foreign; /* in a namespace */
};

/*
 * An element, valid from its start until its end has returned, with all that it points to. Left out
 * of `attributes` are namespace declarations, attributes of the xml namespace and
 * xsi:schemaLocation, xsi:noNamespaceSchemaLocation, xsi:type and xsi:nil.
 */
struct xml_element {
    const char *name;           /* without prefix */
    bool foreign;               /* in another namespace than none and XML_NAMESPACE */
    bool nil;                   /* xsi:nil is true (or 1) */
    struct xml_element *parent; /* NULL for the root */
    unsigned depth;             /* 1 for the root */
    unsigned long line;         /* where its start tag ends, counted from 1 */
    const struct xml_attribute_value *attributes;
    size_t attribute_count;
    bool has_children; /* elements, so far: final at its end */
    bool mixed;        /* it has elements and text that is not white space; known at its end */
    void *data;        /* the handler's own, NULL at first */
};

/*
 * What the reader calls, with the `context` given to xml_read. `text` is the element's own text
 * without that of elements in it, NUL-terminated and untrimmed; the handler may change it, it is
 * valid until `end` returns. A handler that returns false stops the reading and is not called
 * again; why, it has recorded in its context. Either may be called for a part of a document that
 * turns out to be malformed later.
 */
struct xml_handler {
    bool (*start)(void *context, struct xml_element *element);
    bool (*end)(void *context, struct xml_element *element, char *text);
};

enum xml_status {
    XML_OK,        /* the whole document was read */
    XML_MALFORMED, /* see `message` */
    XML_STOPPED,   /* by the handler */
    XML_NO_MEMORY,
};

/*
 * Reads the document of `length` bytes at `body`. Its encoding is UTF-8, UTF-16 (with a byte order
 * mark), ISO-8859-1 or US-ASCII, told by the mark, else by `charset`, the parameter of its media
 * type or NULL, else by its XML declaration, else UTF-8 (RFC 7303, section 3). On XML_MALFORMED,
 * `*message` is an English sentence that gives the line and quotes nothing of the document, owned
 * by `ctx`; otherwise NULL. The reader wipes its own copies of the document's text (libxml2's are
 * just freed). The program calls libxml2's xmlInitParser() once before the first use.
 */
enum xml_status xml_read(TALLOC_CTX *ctx, const char *body, size_t length, const char *charset,
                         const struct xml_handler *handler, void *context, char **message);

#endif
