/*
 * An account document, as a create and as an update: what gets as far as the database obeys the
 * rules for stored values, and all else is refused with field errors.
 */
#include "cgi/account.h"
#include "queries.h"
#include "tests/fuzz/document.h"
#include "tests/fuzz/fake_database.h"
#include "tests/fuzz/rules.h"
#include "tests/fuzz/target.h"

#include <assert.h>
#include <jansson.h>
#include <string.h>

static bool is_one_of(const char *value, const char *first, const char *second)
{
    return strcmp(value, first) == 0 || strcmp(value, second) == 0;
}

static void check_value(const struct account_row *row, const char *value)
{
    if (strcmp(row->column, "extid") == 0)
        assert(is_extid(value));
    else if (row->kind == KIND_TEXT)
        assert(is_line(value, row->maximum));
    else if (row->kind == KIND_LINES)
        assert(is_block(value, row->maximum));
    else if (row->kind == KIND_DATE)
        assert(is_birthday(value));
    else if (row->kind == KIND_GENDER)
        assert(is_one_of(value, "MALE", "FEMALE"));
    else if (row->kind == KIND_COUNTRY)
        assert(is_one_of(value, "AU", "US"));
    else if (row->kind == KIND_EMAIL)
        assert(is_email(value));
    else if (row->kind == KIND_PHONE)
        assert(is_line(value, 40) && strpbrk(value, "0123456789") != NULL);
    else
        assert(false); /* no value of this kind is stored */
}

/* Two fields are defined. */
static void check_fields(const json_t *fields)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)fields, key, value)
    {
        assert(is_one_of(key, "crm-identifier", "shoe-size"));
        assert(json_is_null(value) || is_block(json_string_value(value), 1000));
    }
}

static void check_communities(const json_t *communities)
{
    assert(json_array_size(communities) == 1);
    assert(is_one_of(json_string_value(json_array_get(communities, 0)), "original", "second"));
}

/* The account as JSON by the names of columns; what is null is to be cleared. */
static void check_stored(const json_t *account)
{
    const char *column;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)account, column, value)
    {
        if (strcmp(column, "additional_fields") == 0)
            check_fields(value);
        else if (strcmp(column, "communities") == 0)
            check_communities(value);
        else if (!json_is_null(value))
            check_value(&account_rows[account_row_of(column)], json_string_value(value));
    }
}

static bool has_value(const json_t *account, const char *column)
{
    return json_is_string(json_object_get(account, column));
}

static void check_create(const json_t *account, const char *hash)
{
    assert(has_value(account, "email") && has_value(account, "given_name") &&
           has_value(account, "family_name"));
    assert(json_is_array(json_object_get(account, "communities")));
    assert(strncmp(hash, "$scrypt$", 8) == 0);
}

/* An update leaves alone what other operations change, and does not clear what has to be there. */
static void check_update(const json_t *account)
{
    assert(json_object_get(account, "email") == NULL);
    assert(json_object_get(account, "extid") == NULL);
    assert(has_value(account, "given_name") && has_value(account, "family_name"));
    assert(has_value(account, "bday"));
}

static void watch(const struct step *step)
{
    bool creates = step->query == &query_create;
    json_t *account;

    if (!creates && step->query != &query_update)
        return;
    account = json_loads(step->values[creates ? 1 : 2], JSON_REJECT_DUPLICATES, NULL);
    assert(account != NULL);
    check_stored(account);
    if (creates)
        check_create(account, step->values[2]);
    else
        check_update(account);
    json_decref(account);
}

static void check(const struct exchange *exchange)
{
    int status = exchange->status;

    /* 409: an update with problems, or a create whose key is in progress. */
    assert(status == 201 || status == 400 || status == 409 || status == 412 || status == 413 ||
           status == 415);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TALLOC_CTX *ctx = talloc_new(NULL);

    fake_database_watch(watch);
    check(document_send(ctx, "POST", "customers", data, size));
    check(document_send(ctx, "PUT", "customers/10000001", data, size));
    talloc_free(ctx);
    return 0;
}
