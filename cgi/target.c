#include "cgi/target.h"

#include "cgi/access.h"
#include "cgi/etag.h"
#include "cgi/route.h"
#include "common/text.h"
#include "queries.h"

#include <inttypes.h>
#include <string.h>

bool target_is_by_extid(const struct request *request)
{
    return strstr(request->operation->path, "{extid}") != NULL;
}

bool target_step(struct request *request, struct step *step, const struct query *by_identifier,
                 const struct query *by_extid)
{
    int64_t identifier = 0;
    char *value;

    *step = (struct step){.query = by_extid, .values = {NULL, request->values[0]}};
    if (target_is_by_extid(request))
        return true;
    if (!text_parse_identifier(request->values[0], &identifier))
        refuse(&request->refusal, ERROR_MALFORMED_IDENTIFIER,
               "An identifier is a number of 1 to 18 digits.");
    value = talloc_asprintf(request, "%" PRId64, identifier);
    if (value == NULL)
        return refuse_for_memory(&request->refusal);
    *step = (struct step){.query = by_identifier, .values = {NULL, value}};
    return true;
}

bool target_exists(struct request *request, const PGresult *result)
{
    return PQntuples(result) > 0 ||
           refuse(&request->refusal, ERROR_UNKNOWN_ACCOUNT, "There is no such account.");
}

bool target_is_active(struct request *request, const PGresult *result)
{
    const char *status;

    if (!target_exists(request, result))
        return false;
    status = PQgetvalue(result, 0, PQfnumber(result, "account_status"));
    return strcmp(status, "Active") == 0 ||
           refuse(&request->refusal, ERROR_INACTIVE_ACCOUNT, "The account is inactive.");
}

static const char *version_of(const PGresult *found)
{
    return PQgetvalue(found, 0, PQfnumber(found, "version"));
}

static bool refuse_precondition(struct request *request)
{
    return refuse(&request->refusal, ERROR_PRECONDITION_FAILED,
                  "The account has changed since the version that If-Match names. Read it again.");
}

bool target_matches(struct request *request, const PGresult *found)
{
    const char *if_match = gateway_variable(request->gateway, "HTTP_IF_MATCH");

    return if_match == NULL || etag_allows(if_match, version_of(found)) ||
           refuse_precondition(request);
}

/* Refuses what the write found: the account is gone or inactive by now. */
static enum target_change refuse_outcome(struct request *request, const char *outcome)
{
    if (strcmp(outcome, "conflict") == 0)
        return TARGET_CONFLICT;
    if (strcmp(outcome, "precondition") == 0)
        refuse_precondition(request);
    else if (strcmp(outcome, "inactive") == 0)
        refuse(&request->refusal, ERROR_INACTIVE_ACCOUNT, "The account is inactive.");
    else
        refuse(&request->refusal, ERROR_UNKNOWN_ACCOUNT, "There is no such account.");
    return TARGET_REFUSED;
}

enum target_change target_change(struct request *request, const PGresult *found, const char *json,
                                 const char *operation, struct reference *written)
{
    const char *if_match = gateway_variable(request->gateway, "HTTP_IF_MATCH");
    bool conditional = if_match != NULL && !etag_is_any(if_match);
    struct step step = {.query = &query_update,
                        .values = {NULL, PQgetvalue(found, 0, PQfnumber(found, "identifier")), json,
                                   conditional ? version_of(found) : NULL, operation}};
    const char *outcome;

    if (json == NULL) {
        refuse_for_memory(&request->refusal);
        return TARGET_REFUSED;
    }
    if (!access_write(request, &step, 1))
        return TARGET_REFUSED;
    outcome = PQgetvalue(step.result, 0, PQfnumber(step.result, "outcome"));
    if (strcmp(outcome, "updated") != 0) {
        access_rollback(request);
        return refuse_outcome(request, outcome);
    }
    *written = reply_reference_of(step.result);
    return access_commit(request) ? TARGET_CHANGED : TARGET_REFUSED;
}
