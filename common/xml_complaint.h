/*
 * What libxml2 finds wrong with a document, in words of our own: its own may quote the document,
 * and with it a password.
 */
#ifndef LEAP_XML_COMPLAINT_H
#define LEAP_XML_COMPLAINT_H

/* The part of a sentence that tells a client what an error code of libxml2 (xmlParserErrors) means.
 * Static. */
const char *xml_complaint(int code);

#endif
