#include "cgi/refusal.h"

#include <stddef.h>

static const struct {
    const char *name;
    int status;
} errors[] = {
    [ERROR_MALFORMED_REQUEST] = {"malformed-request", 400},
    [ERROR_MALFORMED_XML] = {"malformed-xml", 400},
    [ERROR_MALFORMED_IDENTIFIER] = {"malformed-identifier", 400},
    [ERROR_UNKNOWN_KEY] = {"unknown-key", 400},
    [ERROR_VALIDATION] = {"validation", 400},
    [ERROR_UNAUTHENTICATED] = {"unauthenticated", 401},
    [ERROR_NOT_PERMITTED] = {"not-permitted", 403},
    [ERROR_ACCOUNT_LIMIT] = {"account-limit", 403},
    [ERROR_UNKNOWN_HOST] = {"unknown-host", 404},
    [ERROR_UNKNOWN_PATH] = {"unknown-path", 404},
    [ERROR_UNKNOWN_ACCOUNT] = {"unknown-account", 404},
    [ERROR_INACTIVE_ACCOUNT] = {"inactive-account", 404},
    [ERROR_METHOD_NOT_ALLOWED] = {"method-not-allowed", 405},
    [ERROR_EXTID_IN_USE] = {"extid-in-use", 409},
    [ERROR_KEY_IN_PROGRESS] = {"key-in-progress", 409},
    [ERROR_KEY_REUSED] = {"key-reused", 422},
    [ERROR_PRECONDITION_FAILED] = {"precondition-failed", 412},
    [ERROR_TOO_LARGE] = {"too-large", 413},
    [ERROR_UNSUPPORTED_MEDIA_TYPE] = {"unsupported-media-type", 415},
    [ERROR_UNAVAILABLE] = {"unavailable", 503},
    [ERROR_OUTCOME_UNKNOWN] = {"outcome-unknown", 503},
    [ERROR_INTERNAL] = {"internal", 500},
};

bool refuse_instead(struct refusal *refusal, enum error_code code, const char *message)
{
    *refusal = (struct refusal){.refused = true,
                                .status = errors[code].status,
                                .code = code,
                                .message = message,
                                .perhaps_written = refusal->perhaps_written};
    return false;
}

bool refuse(struct refusal *refusal, enum error_code code, const char *message)
{
    if (refusal->refused)
        return false;
    return refuse_instead(refusal, code, message);
}

bool refuse_validation(struct refusal *refusal, int status, const struct problems *problems)
{
    if (refusal->refused)
        return false;
    refuse_instead(refusal, ERROR_VALIDATION, "Validation failed.");
    refusal->status = status;
    refusal->problems = problems;
    return false;
}

bool refuse_for_memory(struct refusal *refusal)
{
    if (refusal->perhaps_written)
        return refuse_unknown_outcome(refusal);
    return refuse_instead(refusal, ERROR_UNAVAILABLE, REFUSAL_OUT_OF_MEMORY);
}

bool refuse_unknown_outcome(struct refusal *refusal)
{
    return refuse_instead(refusal, ERROR_OUTCOME_UNKNOWN, REFUSAL_OUTCOME_UNKNOWN);
}

const char *error_code_name(enum error_code code)
{
    return errors[code].name;
}
