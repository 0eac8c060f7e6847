/*
 * Single values, trimmed as the program trims them: what is good by each check is good by the plain
 * rules, and the other way round.
 */
#include "common/text.h"
#include "common/value.h"
#include "tests/fuzz/rules.h"
#include "tests/fuzz/target.h"

#include <assert.h>
#include <string.h>
#include <talloc.h>

/* A complaint is a sentence. */
static bool is_good(const char *complaint)
{
    if (complaint == NULL)
        return true;
    assert(complaint[0] >= 'A' && complaint[0] <= 'Z' && strlen(complaint) > 10);
    return false;
}

/* A host name's labels have at most 63 letters, digits and hyphens, not at their ends. */
static bool has_good_labels(const char *host)
{
    const char *allowed = TEXT_ALPHANUMERIC "-";

    for (;;) {
        size_t length = strspn(host, allowed);

        if (length < 1 || length > 63 || host[0] == '-' || host[length - 1] == '-')
            return false;
        if (host[length] != '.')
            return host[length] == '\0';
        host += length + 1;
    }
}

static void check_email(const char *text)
{
    bool good = is_good(value_check_email(text));

    assert(good == (is_email(text) && has_good_labels(strchr(text, '@') + 1)));
}

/* A time zone may follow the day. */
static void check_date(const char *text)
{
    char normal[VALUE_DATE_SIZE] = "unchanged";
    bool good = is_good(value_check_date(text, time(NULL), normal));

    if (good)
        assert(is_birthday(normal) && strncmp(normal, text, strlen(normal)) == 0 &&
               strlen(text) <= 16);
    else
        assert(strcmp(normal, "unchanged") == 0 && !is_birthday(text));
}

static void check_identifier(const char *text)
{
    int64_t identifier = -1;
    bool good = text_parse_identifier(text, &identifier);

    assert(good == is_digits(text, 18) && good == (identifier >= 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy;
    char *text;

    if (!text_is_utf8((const char *)data, size))
        return -1;
    copy = talloc_strndup(NULL, (const char *)data, size);
    text = text_trim(copy);
    check_email(text);
    check_date(text);
    check_identifier(text);
    if (*text != '\0') {
        bool line = is_good(value_check_text(text, 100));

        assert(line == is_line(text, 100));
        assert(is_good(value_check_lines(text, 255)) == is_block(text, 255));
        assert(is_good(value_check_extid(text)) == is_extid(text));
        assert(is_good(value_check_phone(text)) ==
               (is_line(text, 40) && strpbrk(text, "0123456789") != NULL));
    }
    assert(is_good(value_check_gender(text)) ==
           (strcmp(text, "MALE") == 0 || strcmp(text, "FEMALE") == 0));
    talloc_free(copy);
    return 0;
}
