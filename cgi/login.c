/*
 * Changes an account's login, which is its e-mail address.
 */
#include "cgi/access.h"
#include "cgi/operations.h"
#include "cgi/single_value.h"
#include "cgi/target.h"
#include "common/value.h"
#include "queries.h"

#include <jansson.h>
#include <stdlib.h>

/* Checks the login. False: refused, for memory. */
static bool check_login(struct request *request, struct single_value *login)
{
    const char *wrong = *login->value != '\0' ? value_check_email(login->value) : NULL;
    bool added = true;

    if (*login->value == '\0')
        added = problems_add(login->problems, SINGLE_RANK_VALUE, HINT_REQUIRED, login->path,
                             "A value is required.");
    else if (wrong != NULL)
        added = problems_add(login->problems, SINGLE_RANK_VALUE, HINT_INVALID, login->path, wrong);
    return added || refuse_for_memory(&request->refusal);
}

static char *login_json(struct request *request, const char *email)
{
    json_t *object = json_object();
    char *text = NULL;
    char *copy = NULL;

    if (json_object_set_new(object, "email", json_string(email)) == 0)
        text = json_dumps(object, JSON_COMPACT);
    if (text != NULL)
        copy = talloc_strdup(request, text);
    free(text);
    json_decref(object);
    return copy;
}

void login(struct request *request, struct reply *reply)
{
    struct reference written;
    struct single_value *value;
    struct step step;

    request_expect_xml(request);
    if (!target_step(request, &step, &query_find, &query_find_by_extid) ||
        !access_read(request, &step, 1))
        return;
    value = single_value_read(request, "change-login", "login-id");
    if (value == NULL || !target_is_active(request, step.result) ||
        !target_matches(request, step.result) || !check_login(request, value))
        return;
    if (problems_count(value->problems) > 0) {
        refuse_validation(&request->refusal, 400, value->problems);
        return;
    }
    switch (target_change(request, step.result, login_json(request, value->value), "change-login",
                          &written)) {
    case TARGET_CHANGED:
        reply_reference(request, reply, 201, "Updated", &written);
        break;
    case TARGET_CONFLICT:
        if (problems_add(value->problems, SINGLE_RANK_VALUE, HINT_DUPLICATE, value->path,
                         "Another account of this community has the e-mail address."))
            refuse_validation(&request->refusal, 400, value->problems);
        else
            refuse_for_memory(&request->refusal);
        break;
    default:
        break;
    }
}
