#include "common/log.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 1024, TIME_BYTES = 64 };

static void write_time(char text[TIME_BYTES])
{
    struct timespec now;
    struct tm utc;
    char seconds[24];

    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    strftime(seconds, sizeof seconds, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(text, TIME_BYTES, "%s.%03ldZ", seconds, now.tv_nsec / 1000000);
}

/* One write for each line, so that the lines of several workers do not mix. */
static void write_line(const char *line, int length)
{
    size_t size = length < LINE_MAX_BYTES ? (size_t)length : LINE_MAX_BYTES - 1;

    if (length > 0 && write(STDERR_FILENO, line, size) < 0)
        return; /* there is nowhere to say so */
}

/* The web server's values are short words; anything else is not worth a broken line. */
static const char *word(const char *text)
{
    if (text == NULL || text[0] == '\0' || strpbrk(text, " \t\r\n\"=") != NULL)
        return "-";
    return text;
}

void log_request(const struct log_request *request)
{
    char line[LINE_MAX_BYTES];
    char now[TIME_BYTES];
    int length;

    write_time(now);
    length = snprintf(line, sizeof line,
                      "time=%s request_id=%s client_address=%s company=%s client=%s operation=%s "
                      "status=%d code=%s ms=%" PRId64 ".%03d db_ms=%" PRId64 ".%03d\n",
                      now, word(request->request_id), word(request->client_address),
                      word(request->company), word(request->client), word(request->operation),
                      request->status, word(request->code), request->elapsed / 1000,
                      (int)(request->elapsed % 1000), request->database_elapsed / 1000,
                      (int)(request->database_elapsed % 1000));
    write_line(line, length);
}

void log_number(const char *name, const char *value)
{
    char line[LINE_MAX_BYTES];
    char now[TIME_BYTES];

    write_time(now);
    write_line(line, snprintf(line, sizeof line, "time=%s %s=%s\n", now, name, value));
}

void log_event(const char *format, ...)
{
    char text[LINE_MAX_BYTES - 64];
    char line[LINE_MAX_BYTES];
    char now[TIME_BYTES];
    va_list arguments;
    size_t length;
    int written;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    length = strlen(text);
    while (length > 0 && text[length - 1] == '\n')
        text[--length] = '\0';
    for (char *c = text; *c != '\0'; c++)
        if (*c == '"' || *c == '\n' || *c == '\r')
            *c = *c == '"' ? '\'' : ' ';
    write_time(now);
    written = snprintf(line, sizeof line, "time=%s event=\"%s\"\n", now, text);
    write_line(line, written);
}
