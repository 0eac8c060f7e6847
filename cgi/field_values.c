#include "cgi/field_values.h"

#include <stdbool.h>
#include <string.h>

/* Keys and values one after the other, each ended by a NUL; an empty key ends them. */
struct field_values {
    char *texts;
};

/* Four hexadecimal digits, which PostgreSQL writes for control characters alone; -1: something
 * else.
 */
static int read_control(const char *hex)
{
    static const char digits[] = "0123456789abcdef";
    int code = 0;

    for (size_t i = 0; i < 4; i++) {
        const char *digit = hex[i] != '\0' ? strchr(digits, hex[i]) : NULL;

        if (digit == NULL)
            return -1;
        code = code * 16 + (int)(digit - digits);
    }
    return code > 0 && code < 128 ? code : -1;
}

/* Reads the escape behind a backslash (RFC 8259, 7), and moves behind it. False: it is none. */
static bool read_escape(const char **json, char *out)
{
    static const char letters[] = "\"\\/bfnrt";
    static const char characters[] = "\"\\/\b\f\n\r\t";
    const char *letter = **json != '\0' ? strchr(letters, **json) : NULL;
    int code;

    if (letter != NULL) {
        *out = characters[letter - letters];
        (*json)++;
        return true;
    }
    if (**json != 'u' || (code = read_control(*json + 1)) < 0)
        return false;
    *out = (char)code;
    *json += 5;
    return true;
}

/* Copies a string and a NUL to *out; both move behind what was read. False: it is no string. */
static bool read_string(const char **json, char **out)
{
    if (**json != '"')
        return false;
    (*json)++;
    for (;;) {
        size_t plain = strcspn(*json, "\"\\");

        memcpy(*out, *json, plain);
        *out += plain;
        *json += plain;
        if (**json != '\\')
            break;
        (*json)++;
        if (!read_escape(json, (*out)++))
            return false;
    }
    if (**json != '"')
        return false;
    (*json)++;
    *(*out)++ = '\0';
    return true;
}

/* "key": "value" */
static bool read_pair(const char **json, char **out)
{
    if (!read_string(json, out) || strncmp(*json, ": ", 2) != 0)
        return false;
    *json += 2;
    return read_string(json, out);
}

static bool read_object(const char *json, char *out)
{
    if (*json++ != '{')
        return false;
    while (*json != '}') {
        if (!read_pair(&json, &out))
            return false;
        if (strncmp(json, ", ", 2) == 0)
            json += 2;
        else if (*json != '}')
            return false;
    }
    *out = '\0';
    return json[1] == '\0';
}

struct field_values *field_values_read(TALLOC_CTX *ctx, const char *json)
{
    struct field_values *values = talloc(ctx, struct field_values);

    if (values == NULL)
        return NULL;
    /* What is read is never longer than its JSON. */
    values->texts = talloc_size(values, strlen(json) + 1);
    if (values->texts == NULL || !read_object(json, values->texts)) {
        talloc_free(values);
        return NULL;
    }
    return values;
}

const char *field_values_get(const struct field_values *values, const char *key)
{
    const char *text = values->texts;

    while (*text != '\0') {
        const char *value = text + strlen(text) + 1;

        if (strcmp(text, key) == 0)
            return value;
        text = value + strlen(value) + 1;
    }
    return NULL;
}
