/*
 * The program's log: lines in logfmt on standard error, which systemd, multiwatch or the web server
 * keep. Nothing that came through the API may be written here (no path, query, body, e-mail address
 * or secret).
 */
#ifndef LEAP_LOG_H
#define LEAP_LOG_H

#include <stdint.h>

/* What the log tells of one request. Strings may be NULL, which is written as "-". Times are in
 * microseconds. */
struct log_request {
    const char *request_id;
    const char *client_address;
    const char *company;
    const char *client;
    const char *operation;
    int status;
    const char *code;
    int64_t elapsed;
    int64_t database_elapsed;
};

/* Writes the line of one request. A line that cannot be written is lost: serving goes on. */
void log_request(const struct log_request *request);

/* Writes a line with one number, for those who draw curves from the log: `time=… NAME=VALUE`. Both
 * are words without spaces. */
void log_number(const char *name, const char *value);

/* Writes a line about the program itself: `time=… event="…"`. The format is printf's; quotes and
 * line breaks in the text are replaced, so that the line stays one. */
void log_event(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
