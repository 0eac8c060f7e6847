/*
 * Writes an XML document in UTF-8 into memory, indented by 4. An element with text stays on one
 * line, one without content is written as <x/>.
 *
 * Text and attribute values are UTF-8 and hold only characters that XML 1.0 allows; what has to be
 * escaped for a parser to give back the very same characters is escaped here, so a carriage return
 * is written as &#13;, and in an attribute a tab or a line feed as a reference too.
 *
 * No function here but the first and the last reports a failure: once memory has run out the rest
 * is ignored, and xml_writer_finish tells.
 */
#ifndef LEAP_XML_WRITER_H
#define LEAP_XML_WRITER_H

#include <stddef.h>
#include <talloc.h>

/* How many elements can be open at a time, and how many bytes a name can have; with more of either
 * xml_writer_finish fails. */
enum { XML_WRITER_DEPTH = 32, XML_WRITER_NAME = 1000 };

struct xml_writer;

/*
 * A document with its XML declaration, owned by `ctx`. `expected` is about how many bytes it will
 * have; one that gets longer is moved as it grows. NULL: out of memory.
 */
struct xml_writer *xml_writer_new(TALLOC_CTX *ctx, size_t expected);

/* Opens an element. `name` is not copied and outlives the element. */
void xml_start(struct xml_writer *writer, const char *name);

/* Adds an attribute to the element just opened, before any text or element is put into it. */
void xml_attribute(struct xml_writer *writer, const char *name, const char *value);

/* Adds text to the open element. An element has text or elements, not both. */
void xml_text(struct xml_writer *writer, const char *text);

/* Closes the element opened last. */
void xml_end(struct xml_writer *writer);

/* An element with only text, which may be empty. */
void xml_element(struct xml_writer *writer, const char *name, const char *text);

/*
 * The whole document with a line feed at its end, once every element is closed; nothing can be
 * added afterwards. It is NUL-terminated, belongs to the writer, and its length in bytes goes to
 * `length`. NULL: out of memory, or more than XML_WRITER_DEPTH elements were open, or a name was
 * longer than XML_WRITER_NAME.
 */
const char *xml_writer_finish(struct xml_writer *writer, size_t *length);

#endif
