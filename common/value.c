#include "common/value.h"

#include "common/text.h"

#include <stdbool.h>
#include <string.h>

#define EMAIL_LOCAL TEXT_ALPHANUMERIC ".!#$%&'*+/=?^_`{|}~-"

enum { EMAIL_MAXIMUM = 254, LABEL_MAXIMUM = 63, PHONE_MAXIMUM = 40, EXTID_MAXIMUM = 64 };

const char *value_check_lines(const char *utf8, size_t maximum)
{
    if (!text_is_xml(utf8))
        return "Leave out the characters that XML does not allow.";
    if (text_length(utf8) > maximum)
        return "Use fewer characters; this is longer than allowed.";
    return NULL;
}

const char *value_check_text(const char *utf8, size_t maximum)
{
    if (text_has_control(utf8))
        return "Leave out control characters and line breaks.";
    return value_check_lines(utf8, maximum);
}

/*
 * A label of a host name (RFC 1034, with a digit in front as RFC 1123 allows), `length` characters
 * of `text`.
 */
static bool is_label(const char *text, size_t length)
{
    return length >= 1 && length <= LABEL_MAXIMUM && text[0] != '-' && text[length - 1] != '-';
}

static bool is_domain(const char *text)
{
    for (;;) {
        size_t length = strspn(text, TEXT_ALPHANUMERIC "-");

        if (!is_label(text, length))
            return false;
        if (text[length] == '\0')
            return true;
        if (text[length] != '.')
            return false;
        text += length + 1;
    }
}

const char *value_check_email(const char *utf8)
{
    size_t local = strspn(utf8, EMAIL_LOCAL);

    if (local == 0 || utf8[local] != '@' || !is_domain(utf8 + local + 1))
        return "Use an e-mail address of the form name@example.net.";
    if (strlen(utf8) > EMAIL_MAXIMUM)
        return "Use an e-mail address of at most 254 characters.";
    return NULL;
}

/*
 * Whether `text` begins as `shape` says, in which 0 stands for any digit and all else for itself.
 */
static bool has_shape(const char *text, const char *shape)
{
    for (; *shape != '\0'; shape++, text++)
        if (*shape == '0' ? *text < '0' || *text > '9' : *text != *shape)
            return false;
    return true;
}

static int two_digits(const char *text)
{
    return (text[0] - '0') * 10 + (text[1] - '0');
}

/* Nothing, or a time zone of XML Schema's date (part 2, 3.2.7.3). */
static bool is_zone(const char *text)
{
    if (strcmp(text, "") == 0 || strcmp(text, "Z") == 0)
        return true;
    if ((text[0] != '+' && text[0] != '-') || !has_shape(text + 1, "00:00") || text[6] != '\0')
        return false;
    return (two_digits(text + 1) <= 13 && two_digits(text + 4) <= 59) ||
           strcmp(text + 1, "14:00") == 0;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    return month == 2 && leap ? 29 : days[month - 1];
}

/* Whether YYYY-MM-DD, digits where they belong, is in the Gregorian calendar. */
static bool is_day(const char *text)
{
    int year = two_digits(text) * 100 + two_digits(text + 2);
    int month = two_digits(text + 5);
    int day = two_digits(text + 8);

    return month >= 1 && month <= 12 && day >= 1 && day <= days_in_month(year, month);
}

const char *value_check_date(const char *utf8, time_t now, char normal[VALUE_DATE_SIZE])
{
    char date[VALUE_DATE_SIZE] = "";
    char today[32];
    struct tm utc;

    if (!has_shape(utf8, "0000-00-00") || !is_zone(utf8 + VALUE_DATE_SIZE - 1))
        return "Use the form YYYY-MM-DD, as in 1974-09-08.";
    if (!is_day(utf8))
        return "Use a day that is in the calendar.";
    memcpy(date, utf8, VALUE_DATE_SIZE - 1);
    gmtime_r(&now, &utc);
    strftime(today, sizeof today, "%Y-%m-%d", &utc);
    /* In this form the order of days is the order of their characters. */
    if (strcmp(date, "1870-01-01") < 0 || strcmp(date, today) > 0)
        return "Use a day from 1870-01-01 to today.";
    memcpy(normal, date, VALUE_DATE_SIZE);
    return NULL;
}

const char *value_check_phone(const char *utf8)
{
    const char *problem = value_check_text(utf8, PHONE_MAXIMUM);

    if (problem == NULL && strpbrk(utf8, TEXT_DIGITS) == NULL)
        return "Use a phone number with at least one digit.";
    return problem;
}

const char *value_check_extid(const char *utf8)
{
    const char *problem = value_check_text(utf8, EXTID_MAXIMUM);

    for (const char *part = utf8; problem == NULL && *part != '\0';) {
        size_t length = strcspn(part, "/");

        if ((length == 1 && part[0] == '.') || (length == 2 && memcmp(part, "..", 2) == 0))
            problem = "Use an external identifier without the path segments . and ..";
        part += length + (part[length] == '/');
    }
    return problem;
}

const char *value_check_gender(const char *utf8)
{
    if (strcmp(utf8, "MALE") == 0 || strcmp(utf8, "FEMALE") == 0)
        return NULL;
    return "Use MALE or FEMALE.";
}
