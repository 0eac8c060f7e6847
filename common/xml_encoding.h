/*
 * The characters of a client's XML document: told by RFC 7303, checked strictly, given as UTF-8.
 */
#ifndef LEAP_XML_ENCODING_H
#define LEAP_XML_ENCODING_H

#include <stddef.h>
#include <talloc.h>

/* Why a document was refused: what follows "Line N: ", without a full stop. */
struct xml_fault {
    unsigned long line;
    const char *sentence; /* static; NULL: nothing is wrong */
};

/* A document in UTF-8, without a byte order mark. */
struct xml_source {
    const char *bytes;
    size_t length;
};

enum xml_decoding { XML_DECODED, XML_NOT_DECODED, XML_DECODING_NO_MEMORY };

/*
 * Finds the encoding by byte order mark, else `charset` (may be NULL), else XML declaration, else
 * takes UTF-8, and converts. `source->bytes` is either a part of `body` or a buffer that belongs to
 * `ctx` and is wiped when freed. On XML_NOT_DECODED `fault` says why.
 */
enum xml_decoding xml_decode(TALLOC_CTX *ctx, const char *body, size_t length, const char *charset,
                             struct xml_source *source, struct xml_fault *fault);

/* The line, counted from 1, that the byte at `place` is on, in a text that begins at `begin`. */
unsigned long xml_line(const char *begin, const char *place);

/* A buffer for what may hold a secret: its memory is wiped when it is freed. NULL: out of memory.
 */
char *xml_wiped_buffer(TALLOC_CTX *ctx, size_t size);

#endif
