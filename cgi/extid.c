/*
 * Sets or removes an account's external identifier; of an inactive one too.
 */
#include "cgi/access.h"
#include "cgi/operations.h"
#include "cgi/target.h"
#include "common/text.h"
#include "common/uri.h"
#include "common/value.h"
#include "queries.h"

#include <string.h>

/* On this path a malformed identifier is told like an unknown one. */
static bool find_account(struct request *request, struct step *step)
{
    int64_t identifier;

    if (!text_parse_identifier(request->values[0], &identifier))
        refuse(&request->refusal, ERROR_UNKNOWN_ACCOUNT, "There is no such account.");
    return target_step(request, step, &query_find, &query_find_by_extid);
}

/* Reads the form's one field. NULL: refused. */
static const char *read_extid(struct request *request)
{
    struct uri_form form;
    const char *wrong;
    char *extid;

    if (!request_read_body(request))
        return NULL;
    switch (uri_parse_form(request, request->body, request->body_length, &form)) {
    case URI_NO_MEMORY:
        refuse_for_memory(&request->refusal);
        return NULL;
    case URI_MALFORMED:
        refuse(&request->refusal, ERROR_MALFORMED_REQUEST,
               "The body is not a form-encoded UTF-8 text.");
        return NULL;
    case URI_OK:
        break;
    }
    if (form.count != 1 || strcmp(form.parameters[0].name, "extid") != 0) {
        refuse(&request->refusal, ERROR_MALFORMED_REQUEST, "Send one form field, extid.");
        return NULL;
    }
    extid = text_trim(form.parameters[0].value);
    wrong = *extid == '\0' ? "Send a value in the form field extid." : value_check_extid(extid);
    if (wrong != NULL) {
        refuse(&request->refusal, ERROR_MALFORMED_REQUEST, wrong);
        return NULL;
    }
    return extid;
}

/* Writes the external identifier, null for none, and commits. False: refused. */
static bool write_extid(struct request *request, const char *identifier, const char *extid,
                        struct reference *written)
{
    struct step step = {.query = &query_set_extid, .values = {NULL, identifier, extid}};
    const char *outcome;

    if (!access_write(request, &step, 1))
        return false;
    outcome = PQgetvalue(step.result, 0, PQfnumber(step.result, "outcome"));
    if (strcmp(outcome, "set") == 0) {
        *written = reply_reference_of(step.result);
        return access_commit(request);
    }
    access_rollback(request);
    if (strcmp(outcome, "taken") == 0)
        return refuse(&request->refusal, ERROR_EXTID_IN_USE,
                      "Another account has this external identifier.");
    return refuse(&request->refusal, ERROR_UNKNOWN_ACCOUNT, "There is no such account.");
}

void set_extid(struct request *request, struct reply *reply)
{
    struct reference written;
    const char *extid;
    struct step step;

    request_expect_form(request);
    if (!find_account(request, &step) || !access_read(request, &step, 1))
        return;
    extid = read_extid(request);
    if (extid == NULL || !target_exists(request, step.result))
        return;
    if (write_extid(request, reply_reference_of(step.result).identifier, extid, &written))
        reply_reference(request, reply, 200, NULL, &written);
}

void remove_extid(struct request *request, struct reply *reply)
{
    struct reference written;
    struct step step;

    if (!find_account(request, &step) || !access_read(request, &step, 1) ||
        !target_exists(request, step.result))
        return;
    if (write_extid(request, reply_reference_of(step.result).identifier, NULL, &written))
        reply->status = 204;
}
