#include "common/json_text.h"

#include <stdlib.h>
#include <string.h>
#include <unistr.h>

enum { HEX_DIGITS = 4, UTF8_BYTES = 3 };

/* The text's size is asked for first: a buffer of jansson's own loses names where it cannot grow.
 */
char *json_text_write(TALLOC_CTX *ctx, json_t *value)
{
    size_t length = json_dumpb(value, NULL, 0, JSON_COMPACT);
    char *text = length > 0 ? talloc_size(ctx, length + 1) : NULL;

    if (text != NULL && json_dumpb(value, text, length, JSON_COMPACT) == length)
        text[length] = '\0';
    else
        TALLOC_FREE(text);
    json_decref(value);
    return text;
}

/* Decodes \uXXXX, of which `digits` are those after the u; PostgreSQL writes only control
 * characters so. */
static char *decode_unicode(const char *digits, char *out)
{
    char hex[HEX_DIGITS + 1] = "";
    int length;

    strncpy(hex, digits, HEX_DIGITS);
    length = u8_uctomb((uint8_t *)out, (ucs4_t)strtoul(hex, NULL, 16), UTF8_BYTES);
    return length > 0 ? out + length : out;
}

/* Decodes what follows a backslash at *in, and moves behind it. */
static char *decode_escape(const char **in, char *out)
{
    static const char names[] = "bfnrt";
    static const char characters[] = "\b\f\n\r\t";
    const char escape = *(*in)++;
    const char *name = strchr(names, escape);

    if (escape == 'u' && strnlen(*in, HEX_DIGITS) == HEX_DIGITS) {
        out = decode_unicode(*in, out);
        *in += HEX_DIGITS;
        return out;
    }
    if (name != NULL)
        *out = characters[name - names];
    else
        *out = escape;
    return out + 1;
}

/* Decodes the string that begins after a quote at *in, and moves behind the quote that ends it. */
static char *decode_string(const char **in, char *out)
{
    while (**in != '"' && **in != '\0') {
        size_t plain = strcspn(*in, "\"\\");

        memmove(out, *in, plain);
        out += plain;
        *in += plain;
        if (**in == '\\' && (*in)[1] != '\0') {
            (*in)++;
            out = decode_escape(in, out);
        } else if (**in == '\\') {
            (*in)++;
        }
    }
    *in += **in == '"';
    return out;
}

const char *json_text_flatten(char *text)
{
    static const char punctuation[] = " \t\r\n[]{},:";
    const char *in = text + strspn(text, punctuation);
    char *out = text;

    while (*in != '\0') {
        if (*in == '"') {
            in++;
            out = decode_string(&in, out);
        } else {
            size_t length = strcspn(in, punctuation);

            if (strncmp(in, "null", length) != 0) {
                memmove(out, in, length);
                out += length;
            }
            in += length;
        }
        in += strspn(in, punctuation);
        *out++ = '\0';
    }
    return out;
}
