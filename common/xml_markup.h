/*
 * Looks over the markup of a document before libxml2 sees any of it, whose time grows with the
 * square of a tag's attributes and which would read a lot of a document type declaration.
 */
#ifndef LEAP_XML_MARKUP_H
#define LEAP_XML_MARKUP_H

#include "common/xml_encoding.h"

#include <stdbool.h>

/* The longest tag, comment or processing instruction, in bytes of UTF-8. */
enum { XML_MARKUP_BYTES = 8192 };

/* The most attributes of a tag, namespace declarations among them. */
enum { XML_MARKUP_ATTRIBUTES = 256 };

/* Whether the source holds none of what is refused beyond XML's own rules: NUL, a document type or
 * other declaration, markup of more than XML_MARKUP_BYTES, and a tag of more than
 * XML_MARKUP_ATTRIBUTES. False: `*fault` says what and where. */
bool xml_markup_check(const struct xml_source *source, struct xml_fault *fault);

#endif
