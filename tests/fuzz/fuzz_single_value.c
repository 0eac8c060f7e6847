/*
 * The documents that hold one value, change-login and customer-update: what is written is a valid
 * e-mail address and nothing else, or a comment.
 */
#include "queries.h"
#include "tests/fuzz/document.h"
#include "tests/fuzz/fake_database.h"
#include "tests/fuzz/rules.h"
#include "tests/fuzz/target.h"

#include <assert.h>
#include <jansson.h>

static void watch(const struct step *step)
{
    json_t *login;

    if (step->query == &query_add_comment)
        assert(is_block(step->values[2], 10000));
    if (step->query != &query_update)
        return;
    login = json_loads(step->values[2], 0, NULL);
    assert(json_object_size(login) == 1);
    assert(is_email(json_string_value(json_object_get(login, "email"))));
    json_decref(login);
}

static void check(const struct exchange *exchange)
{
    int status = exchange->status;

    /* 409: a comment whose key is in progress. */
    assert(status == 201 || status == 400 || status == 409 || status == 412 || status == 413 ||
           status == 415);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TALLOC_CTX *ctx = talloc_new(NULL);

    fake_database_watch(watch);
    check(document_send(ctx, "PUT", "customers/10000001/change-login", data, size));
    check(document_send(ctx, "POST", "customers/extid/A1/comments", data, size));
    talloc_free(ctx);
    return 0;
}
