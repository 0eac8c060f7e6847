#include "common/text.h"

#include <string.h>
#include <unistr.h>

#define XML_WHITE_SPACE " \t\r\n"

enum { KEY_MAXIMUM = 64, IDENTIFIER_DIGITS = 18 };

bool text_is_utf8(const char *bytes, size_t length)
{
    return memchr(bytes, '\0', length) == NULL && u8_check((const uint8_t *)bytes, length) == NULL;
}

size_t text_length(const char *utf8)
{
    return u8_mbsnlen((const uint8_t *)utf8, strlen(utf8));
}

char *text_trim(char *text)
{
    char *end;

    text += strspn(text, XML_WHITE_SPACE);
    end = text + strlen(text);
    while (end > text && strchr(XML_WHITE_SPACE, end[-1]) != NULL)
        end--;
    *end = '\0';
    return text;
}

/* Whether any code point is of a kind. */
static bool has_any(const char *utf8, bool (*is_kind)(ucs4_t c))
{
    const uint8_t *next = (const uint8_t *)utf8;
    ucs4_t c;

    while ((next = u8_next(&c, next)) != NULL)
        if (is_kind(c))
            return true;
    return false;
}

static bool is_control(ucs4_t c)
{
    return c < 0x20 || (c >= 0x7F && c <= 0x9F);
}

bool text_has_control(const char *utf8)
{
    return has_any(utf8, is_control);
}

static bool is_foreign_to_xml(ucs4_t c)
{
    return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0xFFFE || c == 0xFFFF;
}

bool text_is_xml(const char *utf8)
{
    return !has_any(utf8, is_foreign_to_xml);
}

bool text_is_key(const char *text)
{
    size_t length = strspn(text, TEXT_ALPHANUMERIC "._-");

    return length >= 1 && length <= KEY_MAXIMUM && text[length] == '\0' &&
           strchr("._-", text[0]) == NULL;
}

void text_write_hex(char *hex, const unsigned char *bytes, size_t count)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < count; i++) {
        *hex++ = digits[bytes[i] >> 4];
        *hex++ = digits[bytes[i] & 15];
    }
    *hex = '\0';
}

bool text_join(char *out, size_t size, const char *const *texts)
{
    for (; *texts != NULL; texts++) {
        size_t length = strlen(*texts);

        if (length >= size)
            return false;
        memcpy(out, *texts, length);
        out += length;
        size -= length;
    }
    *out = '\0';
    return true;
}

bool text_in_list(const char *word, const char *list)
{
    size_t length = strlen(word);

    for (;;) {
        size_t piece = strcspn(list, " ");

        if (piece == length && length > 0 && memcmp(list, word, length) == 0)
            return true;
        if (list[piece] == '\0')
            return false;
        list += piece + 1;
    }
}

bool text_parse_identifier(const char *text, int64_t *out)
{
    size_t length = strspn(text, TEXT_DIGITS);
    int64_t identifier = 0;

    if (length < 1 || length > IDENTIFIER_DIGITS || text[length] != '\0')
        return false;
    for (size_t i = 0; i < length; i++)
        identifier = identifier * 10 + (text[i] - '0');
    *out = identifier;
    return true;
}
