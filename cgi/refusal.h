/*
 * Why a request is refused: one of a closed list of codes, each with its HTTP status. Functions
 * that refuse record why and return false or NULL; the reply is written once, at the end.
 */
#ifndef LEAP_REFUSAL_H
#define LEAP_REFUSAL_H

#include "common/problem.h"

#include <stdbool.h>

enum error_code {
    ERROR_MALFORMED_REQUEST,
    ERROR_MALFORMED_XML,
    ERROR_MALFORMED_IDENTIFIER,
    ERROR_UNKNOWN_KEY,
    ERROR_VALIDATION,
    ERROR_UNAUTHENTICATED,
    ERROR_NOT_PERMITTED,
    ERROR_ACCOUNT_LIMIT,
    ERROR_UNKNOWN_HOST,
    ERROR_UNKNOWN_PATH,
    ERROR_UNKNOWN_ACCOUNT,
    ERROR_INACTIVE_ACCOUNT,
    ERROR_METHOD_NOT_ALLOWED,
    ERROR_EXTID_IN_USE,
    ERROR_KEY_IN_PROGRESS,
    ERROR_KEY_REUSED,
    ERROR_PRECONDITION_FAILED,
    ERROR_TOO_LARGE,
    ERROR_UNSUPPORTED_MEDIA_TYPE,
    ERROR_UNAVAILABLE,
    ERROR_OUTCOME_UNKNOWN,
    ERROR_INTERNAL,
};

/* Messages that are sent, too, where there is no memory left to record them. */
#define REFUSAL_OUT_OF_MEMORY "The service is short of memory. Nothing was changed; try again."
#define REFUSAL_OUTCOME_UNKNOWN                                                                    \
    "It is not known whether the change was made. Read the account, or repeat the request with "   \
    "the same Idempotency-Key."

/* `message` is static or lives as long as the request; `problems` is NULL where there are none. */
struct refusal {
    bool refused;
    int status;
    enum error_code code;
    const char *message;
    const struct problems *problems;
    bool perhaps_written; /* the request's change was committed, or may have been */
};

/* Records a refusal with the code's own status; the first one recorded stays. Always false, so that
 * it can be returned. */
bool refuse(struct refusal *refusal, enum error_code code, const char *message);

/* Records a refusal that outranks what was recorded before. Always false. */
bool refuse_instead(struct refusal *refusal, enum error_code code, const char *message);

/* Records failed validation with its field errors; `status` is 400 or 409, by operation. Always
 * false. */
bool refuse_validation(struct refusal *refusal, int status, const struct problems *problems);

/* Records that memory ran out: 503, whatever was recorded before; where something may have been
 * written, the client has to find out. Always false. */
bool refuse_for_memory(struct refusal *refusal);

/* Records that the client has to find out whether the change was made: 503, whatever was recorded
 * before. Always false. */
bool refuse_unknown_outcome(struct refusal *refusal);

/* The code's name in documents and logs. */
const char *error_code_name(enum error_code code);

#endif
