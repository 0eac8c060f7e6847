/*
 * An acknowledgements document, by identifiers and by external identifiers: the database gets 1 to
 * 1,000 of them, each good, with a version that is a number or none.
 */
#include "queries.h"
#include "tests/fuzz/document.h"
#include "tests/fuzz/fake_database.h"
#include "tests/fuzz/rules.h"
#include "tests/fuzz/target.h"

#include <assert.h>
#include <jansson.h>

static void check_entry(const json_t *entry, bool external)
{
    const char *name = json_string_value(json_array_get(entry, 0));
    const json_t *version = json_array_get(entry, 1);

    assert(json_array_size(entry) == 2 && name != NULL);
    assert(external ? is_extid(name) : is_digits(name, 18) && (name[0] != '0' || name[1] == '\0'));
    assert(json_is_null(version) || is_digits(json_string_value(version), 18));
}

static void watch(const struct step *step)
{
    bool external = step->query == &query_acknowledge_by_extid;
    json_t *entries;

    if (!external && step->query != &query_acknowledge)
        return;
    entries = json_loads(step->values[1], 0, NULL);
    assert(json_array_size(entries) >= 1 && json_array_size(entries) <= 1000);
    for (size_t i = 0; i < json_array_size(entries); i++)
        check_entry(json_array_get(entries, i), external);
    json_decref(entries);
}

static void check(const struct exchange *exchange)
{
    int status = exchange->status;

    assert(status == 204 || status == 400 || status == 404 || status == 413 || status == 415);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TALLOC_CTX *ctx = talloc_new(NULL);

    fake_database_watch(watch);
    check(document_send(ctx, "POST", "customers/acked", data, size));
    check(document_send(ctx, "POST", "customers/external/acked", data, size));
    talloc_free(ctx);
    return 0;
}
