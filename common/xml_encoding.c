#include "common/xml_encoding.h"

#include <openssl/crypto.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include <unistr.h>

enum encoding {
    ENCODING_UTF_8,
    ENCODING_US_ASCII,
    ENCODING_ISO_8859_1,
    ENCODING_UTF_16, /* by name only: the byte order is not known */
    ENCODING_UTF_16_BIG,
    ENCODING_UTF_16_LITTLE,
    ENCODING_OTHER,
};

/* A piece of the document; what remains of it while it is read. */
struct piece {
    const char *bytes;
    size_t length;
};

static void skip(struct piece *piece, size_t length)
{
    piece->bytes += length;
    piece->length -= length;
}

static bool take(struct piece *piece, const char *prefix)
{
    size_t length = strlen(prefix);

    if (piece->length < length || memcmp(piece->bytes, prefix, length) != 0)
        return false;
    skip(piece, length);
    return true;
}

static bool take_space(struct piece *piece)
{
    static const char space[] = {' ', '\t', '\r', '\n'};
    bool found = false;

    while (piece->length > 0 && memchr(space, *piece->bytes, sizeof space) != NULL) {
        skip(piece, 1);
        found = true;
    }
    return found;
}

/* Takes ` name = "value"` of an XML declaration. */
static bool take_declared(struct piece *piece, const char *name, struct piece *value)
{
    const char *end;

    if (!take_space(piece) || !take(piece, name))
        return false;
    take_space(piece);
    if (!take(piece, "="))
        return false;
    take_space(piece);
    if (piece->length == 0 || (*piece->bytes != '"' && *piece->bytes != '\''))
        return false;
    end = memchr(piece->bytes + 1, *piece->bytes, piece->length - 1);
    if (end == NULL)
        return false;
    *value = (struct piece){piece->bytes + 1, (size_t)(end - piece->bytes) - 1};
    skip(piece, value->length + 2);
    return true;
}

/* Takes the encoding's name from the XML declaration. A declaration that is not well-formed is for
 * the parser to refuse. */
static bool read_declaration(struct piece document, struct piece *name)
{
    struct piece version;

    return take(&document, "<?xml") && take_declared(&document, "version", &version) &&
           take_declared(&document, "encoding", name);
}

static enum encoding find_named(struct piece name)
{
    static const struct {
        const char *name;
        enum encoding encoding;
    } known[] = {
        {"UTF-8", ENCODING_UTF_8},
        {"US-ASCII", ENCODING_US_ASCII},
        {"ISO-8859-1", ENCODING_ISO_8859_1},
        {"UTF-16", ENCODING_UTF_16},
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strlen(known[i].name) == name.length &&
            strncasecmp(known[i].name, name.bytes, name.length) == 0)
            return known[i].encoding;
    return ENCODING_OTHER;
}

/* Takes the byte order mark, if there is one, and tells the encoding. */
static enum encoding find_encoding(struct piece *document, const char *charset)
{
    struct piece name;

    if (take(document, "\xef\xbb\xbf"))
        return ENCODING_UTF_8;
    if (take(document, "\xfe\xff"))
        return ENCODING_UTF_16_BIG;
    if (take(document, "\xff\xfe"))
        return ENCODING_UTF_16_LITTLE;
    if (charset != NULL)
        return find_named((struct piece){charset, strlen(charset)});
    if (read_declaration(*document, &name))
        return find_named(name);
    return ENCODING_UTF_8;
}

unsigned long xml_line(const char *begin, const char *place)
{
    unsigned long line = 1;

    while ((begin = memchr(begin, '\n', (size_t)(place - begin))) != NULL) {
        begin++;
        line++;
    }
    return line;
}

static int wipe(char *buffer)
{
    OPENSSL_cleanse(buffer, talloc_get_size(buffer));
    return 0;
}

char *xml_wiped_buffer(TALLOC_CTX *ctx, size_t size)
{
    char *buffer = talloc_size(ctx, size);

    if (buffer != NULL)
        talloc_set_destructor(buffer, wipe);
    return buffer;
}

static enum xml_decoding refuse(struct xml_fault *fault, unsigned long line, const char *sentence)
{
    *fault = (struct xml_fault){line, sentence};
    return XML_NOT_DECODED;
}

static enum xml_decoding check_utf_8(struct piece document, struct xml_source *source,
                                     struct xml_fault *fault)
{
    const uint8_t *wrong = u8_check((const uint8_t *)document.bytes, document.length);

    if (wrong != NULL)
        return refuse(fault, xml_line(document.bytes, (const char *)wrong),
                      "the bytes are not UTF-8");
    *source = (struct xml_source){document.bytes, document.length};
    return XML_DECODED;
}

static enum xml_decoding check_us_ascii(struct piece document, struct xml_source *source,
                                        struct xml_fault *fault)
{
    for (const char *byte = document.bytes; byte < document.bytes + document.length; byte++)
        if ((unsigned char)*byte > 0x7f)
            return refuse(fault, xml_line(document.bytes, byte), "the bytes are not US-ASCII");
    *source = (struct xml_source){document.bytes, document.length};
    return XML_DECODED;
}

/* Each byte is the code point of its character. */
static enum xml_decoding convert_iso_8859_1(TALLOC_CTX *ctx, struct piece document,
                                            struct xml_source *source)
{
    char *converted = xml_wiped_buffer(ctx, 2 * document.length);
    size_t length = 0;

    if (converted == NULL)
        return XML_DECODING_NO_MEMORY;
    for (size_t i = 0; i < document.length; i++)
        length +=
            (size_t)u8_uctomb((uint8_t *)converted + length, (unsigned char)document.bytes[i], 2);
    *source = (struct xml_source){converted, length};
    return XML_DECODED;
}

static uint16_t read_unit(const char *bytes, bool big)
{
    unsigned first = (unsigned char)bytes[0], second = (unsigned char)bytes[1];

    return (uint16_t)(big ? first << 8 | second : second << 8 | first);
}

/* Takes one character of UTF-16. Returns false when it is incomplete or a surrogate by itself. */
static bool take_character(struct piece *document, bool big, ucs4_t *character)
{
    uint16_t units[2];
    size_t count = 0;
    int used;

    while (count < 2 && document->length >= 2 * (count + 1)) {
        units[count] = read_unit(document->bytes + 2 * count, big);
        count++;
    }
    if (count == 0)
        return false;
    used = u16_mbtoucr(character, units, count);
    if (used < 0)
        return false;
    skip(document, 2 * (size_t)used);
    return true;
}

static enum xml_decoding convert_utf_16(TALLOC_CTX *ctx, struct piece document, bool big,
                                        struct xml_source *source, struct xml_fault *fault)
{
    /* At most three bytes for each unit of two. */
    size_t size = document.length / 2 * 3, length = 0;
    char *converted = xml_wiped_buffer(ctx, size);
    ucs4_t character;

    if (converted == NULL)
        return XML_DECODING_NO_MEMORY;
    while (document.length > 0) {
        if (!take_character(&document, big, &character))
            return refuse(fault, xml_line(converted, converted + length),
                          "the bytes are not UTF-16");
        length += (size_t)u8_uctomb((uint8_t *)converted + length, character, (int)(size - length));
    }
    *source = (struct xml_source){converted, length};
    return XML_DECODED;
}

enum xml_decoding xml_decode(TALLOC_CTX *ctx, const char *body, size_t length, const char *charset,
                             struct xml_source *source, struct xml_fault *fault)
{
    struct piece document = {body, length};

    switch (find_encoding(&document, charset)) {
    case ENCODING_UTF_8:
        return check_utf_8(document, source, fault);
    case ENCODING_US_ASCII:
        return check_us_ascii(document, source, fault);
    case ENCODING_ISO_8859_1:
        return convert_iso_8859_1(ctx, document, source);
    case ENCODING_UTF_16_BIG:
        return convert_utf_16(ctx, document, true, source, fault);
    case ENCODING_UTF_16_LITTLE:
        return convert_utf_16(ctx, document, false, source, fault);
    case ENCODING_UTF_16:
        return refuse(fault, 1, "UTF-16 needs a byte order mark");
    case ENCODING_OTHER:
        break;
    }
    return refuse(fault, 1, "the encoding is not UTF-8, UTF-16, ISO-8859-1 or US-ASCII");
}
