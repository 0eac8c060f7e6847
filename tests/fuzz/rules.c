#include "tests/fuzz/rules.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static bool is_white_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static size_t code_points(const char *text)
{
    size_t count = 0;

    for (; *text != '\0'; text++)
        count += (*text & 0xC0) != 0x80;
    return count;
}

static bool is_control(const char *c)
{
    return (unsigned char)c[0] < 0x20 || c[0] == 0x7F ||
           ((unsigned char)c[0] == 0xC2 && (unsigned char)c[1] < 0xA0);
}

bool is_block(const char *text, size_t maximum)
{
    size_t length = code_points(text);

    for (const char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 && !is_white_space(*c))
            return false;
    return length >= 1 && length <= maximum && strstr(text, "\xEF\xBF\xBE") == NULL &&
           strstr(text, "\xEF\xBF\xBF") == NULL && !is_white_space(text[0]) &&
           !is_white_space(text[strlen(text) - 1]);
}

bool is_line(const char *text, size_t maximum)
{
    for (const char *c = text; *c != '\0'; c++)
        if (is_control(c))
            return false;
    return is_block(text, maximum);
}

bool is_digits(const char *text, size_t maximum)
{
    size_t length = strspn(text, "0123456789");

    return length >= 1 && length <= maximum && text[length] == '\0';
}

bool is_extid(const char *text)
{
    char framed[4 * 64 + 3];

    if (!is_line(text, 64))
        return false;
    snprintf(framed, sizeof framed, "/%s/", text);
    return strstr(framed, "/./") == NULL && strstr(framed, "/../") == NULL;
}

/* The calendar is the C library's: it makes another day of one that does not exist. */
bool is_birthday(const char *text)
{
    struct tm day = {0};
    time_t now = time(NULL);
    char written[32];
    time_t moment;

    if (strlen(text) != 10 || strptime(text, "%Y-%m-%d", &day) != text + 10)
        return false;
    moment = timegm(&day);
    strftime(written, sizeof written, "%Y-%m-%d", &day);
    return strcmp(text, written) == 0 && strcmp(text, "1870") > 0 && moment <= now;
}

bool is_email(const char *text)
{
    const char *at = strchr(text, '@');

    for (const char *c = text; *c != '\0'; c++)
        if (*c <= ' ' || *c > '~')
            return false;
    return at != NULL && at > text && strchr(at + 1, '@') == NULL && at[1] != '\0' &&
           strlen(text) <= 254 && strpbrk(text, "\"(),:;<>[\\]") == NULL &&
           strstr(at, "..") == NULL && strspn(at + 1, "-.") == 0 && text[strlen(text) - 1] != '.' &&
           text[strlen(text) - 1] != '-';
}
