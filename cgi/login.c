/*
 * Changes an account's login, which is its e-mail address.
 */
#include "cgi/access.h"
#include "cgi/operations.h"
#include "cgi/single_value.h"
#include "cgi/target.h"
#include "common/json_text.h"
#include "common/value.h"
#include "queries.h"

#include <string.h>

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

    if (json_object_set_new(object, "email", json_string(email)) == 0)
        return json_text_write(request, object);
    json_decref(object);
    return NULL;
}

/* Another account has the address. Always refuses. */
static void refuse_taken(struct request *request, struct single_value *login)
{
    if (problems_add(login->problems, SINGLE_RANK_VALUE, HINT_DUPLICATE, login->path,
                     "Another account of this community has the e-mail address."))
        refuse_validation(&request->refusal, 400, login->problems);
    else
        refuse_for_memory(&request->refusal);
}

/* All that is wrong with the document, also what only the database knows. Always refuses. */
static void refuse_login(struct request *request, struct single_value *login, const PGresult *found)
{
    bool is_address = value_check_email(login->value) == NULL;
    struct step step = {.query = &query_conflicts,
                        .values = {NULL, PQgetvalue(found, 0, PQfnumber(found, "identifier")),
                                   is_address ? login->value : NULL,
                                   PQgetvalue(found, 0, PQfnumber(found, "communities")), NULL}};

    if (!access_read(request, &step, 1))
        return;
    if (strcmp(PQgetvalue(step.result, 0, PQfnumber(step.result, "email_taken")), "t") == 0)
        refuse_taken(request, login);
    else
        refuse_validation(&request->refusal, 400, login->problems);
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
        refuse_login(request, value, step.result);
        return;
    }
    switch (target_change(request, step.result, login_json(request, value->value), "change-login",
                          &written)) {
    case TARGET_CHANGED:
        reply_reference(request, reply, 201, "Updated", &written);
        break;
    case TARGET_CONFLICT:
        refuse_taken(request, value);
        break;
    default:
        break;
    }
}
