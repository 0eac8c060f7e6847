#include "common/uri.h"

#include "common/text.h"

#include <string.h>

#define UNRESERVED TEXT_ALPHANUMERIC "-._~"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

/*
 * The byte that two hexadecimal digits stand for, or -1. Looks at the second only when the first is
 * one.
 */
static int hex_byte(const char *digits)
{
    int high = hex_digit(digits[0]);
    int low = high < 0 ? -1 : hex_digit(digits[1]);

    return low < 0 ? -1 : high * 16 + low;
}

bool uri_decode(char *text, bool plus_is_space)
{
    char *out = text;

    for (const char *in = text; *in != '\0'; in++) {
        if (*in == '%') {
            int byte = hex_byte(in + 1);

            if (byte < 0)
                return false;
            *out++ = (char)byte;
            in += 2;
        } else if (*in == '+' && plus_is_space) {
            *out++ = ' ';
        } else {
            *out++ = *in;
        }
    }
    *out = '\0';
    return text_is_utf8(text, (size_t)(out - text));
}

static unsigned count_of(const char *text, size_t length, char c)
{
    unsigned count = 0;

    for (size_t i = 0; i < length; i++)
        count += text[i] == c;
    return count;
}

/* Cuts `rest`, a path after its first slash, into the segments of an array that is large enough. */
static enum uri_result fill_path(struct uri_path *path, char *rest)
{
    char *segment;

    while ((segment = strsep(&rest, "/")) != NULL) {
        if (!uri_decode(segment, false))
            return URI_MALFORMED;
        path->segments[path->count++] = segment;
    }
    return URI_OK;
}

enum uri_result uri_split_path(TALLOC_CTX *ctx, const char *raw, size_t length,
                               struct uri_path *path)
{
    enum uri_result result = URI_NO_MEMORY;
    char *copy = NULL;

    *path = (struct uri_path){0};
    if (length == 0 || raw[0] != '/' || memchr(raw, '\0', length) != NULL)
        return URI_MALFORMED;
    if (raw[length - 1] == '/')
        length--;
    if (length == 0)
        return URI_OK;
    path->segments = talloc_array(ctx, char *, count_of(raw, length, '/'));
    if (path->segments != NULL)
        copy = talloc_strndup(path->segments, raw, length);
    if (copy != NULL)
        result = fill_path(path, copy + 1);
    if (result != URI_OK) {
        talloc_free(path->segments);
        *path = (struct uri_path){0};
    }
    return result;
}

/* Cuts `rest` into the parameters of an array that is large enough. */
static enum uri_result fill_form(struct uri_form *form, char *rest)
{
    char *value;

    while ((value = strsep(&rest, "&")) != NULL) {
        char *name;

        if (value[0] == '\0')
            continue;
        name = strsep(&value, "=");
        if (value == NULL)
            value = name + strlen(name);
        if (!uri_decode(name, true) || !uri_decode(value, true))
            return URI_MALFORMED;
        form->parameters[form->count++] = (struct uri_parameter){name, value};
    }
    return URI_OK;
}

enum uri_result uri_parse_form(TALLOC_CTX *ctx, const char *text, size_t length,
                               struct uri_form *form)
{
    enum uri_result result = URI_NO_MEMORY;
    char *copy = NULL;

    *form = (struct uri_form){0};
    if (length == 0)
        return URI_OK;
    if (memchr(text, '\0', length) != NULL)
        return URI_MALFORMED;
    form->parameters = talloc_array(ctx, struct uri_parameter, count_of(text, length, '&') + 1);
    if (form->parameters != NULL)
        copy = talloc_strndup(form->parameters, text, length);
    if (copy != NULL)
        result = fill_form(form, copy);
    if (result != URI_OK) {
        talloc_free(form->parameters);
        *form = (struct uri_form){0};
    }
    return result;
}

char *uri_encode(TALLOC_CTX *ctx, const char *text)
{
    static const char digits[] = "0123456789ABCDEF";
    char *encoded = talloc_size(ctx, 3 * strlen(text) + 1);
    char *out = encoded;

    if (encoded == NULL)
        return NULL;
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;

        if (strchr(UNRESERVED, byte) != NULL) {
            *out++ = *text;
        } else {
            *out++ = '%';
            *out++ = digits[byte >> 4];
            *out++ = digits[byte & 15];
        }
    }
    *out = '\0';
    return encoded;
}
