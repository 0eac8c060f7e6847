/*
 * The form that sets an external identifier: what the database gets is a good one, which encoded
 * anew is read as the same.
 */
#include "common/uri.h"
#include "queries.h"
#include "tests/fuzz/document.h"
#include "tests/fuzz/fake_database.h"
#include "tests/fuzz/rules.h"
#include "tests/fuzz/target.h"

#include <assert.h>
#include <string.h>

/* What the program last set; NULL: nothing. */
static char *set;

static void watch(const struct step *step)
{
    if (step->query != &query_set_extid)
        return;
    assert(is_extid(step->values[2]));
    set = talloc_strdup(NULL, step->values[2]);
}

static void check_read_again(TALLOC_CTX *ctx)
{
    char *first = talloc_steal(ctx, set);
    char *form = talloc_asprintf(ctx, "\n%%65xtid=%s&", uri_encode(ctx, first));

    set = NULL;
    document_send(ctx, "POST", "customers/0010000001/extid", (const uint8_t *)form, strlen(form));
    assert(set != NULL && strcmp(set, first) == 0);
    talloc_free(set);
    set = NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TALLOC_CTX *ctx = talloc_new(NULL);
    int status;

    fake_database_watch(watch);
    status = document_send(ctx, "POST", "customers/10000001/extid", data, size)->status;
    assert(status == 200 || status == 400 || status == 409 || status == 413 || status == 415);
    assert((set != NULL) == (status == 200 || status == 409));
    if (set != NULL)
        check_read_again(ctx);
    talloc_free(ctx);
    return 0;
}
