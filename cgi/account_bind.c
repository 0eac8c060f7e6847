/*
 * An account that was read becomes what the database takes: JSON by the names of columns.
 */
#include "cgi/account.h"
#include "common/json_text.h"
#include "common/text.h"

#include <string.h>

bool account_problem(struct request *request, struct account *account, const char *column,
                     enum hint hint, const char *detail)
{
    size_t row = account_row_of(column);
    char *path = account_row_xpath(account, row);

    if (path == NULL || !problems_add(account->problems, account_rank(row), hint, path, detail))
        return refuse_for_memory(&request->refusal);
    return true;
}

const char *account_value(const struct account *account, const char *column)
{
    const char *value = account->values[account_row_of(column)];

    return value != NULL && *value != '\0' ? value : NULL;
}

char *account_communities(TALLOC_CTX *ctx, const struct account *account)
{
    const char **texts = talloc_array(ctx, const char *, 3 * account->community_count + 3);
    size_t size = sizeof "{}";
    size_t count = 0;
    char *array;

    if (texts == NULL)
        return NULL;
    texts[count++] = "{";
    for (unsigned i = 0; i < account->community_count; i++) {
        const char *key = account->communities[i].key;

        if (!text_is_key(key))
            continue;
        texts[count] = count > 1 ? ",\"" : "\"";
        texts[count + 1] = key;
        texts[count + 2] = "\"";
        count += 3;
        size += strlen(key) + strlen(",\"\"");
    }
    texts[count++] = "}";
    texts[count] = NULL;
    array = talloc_size(ctx, size);
    if (array != NULL && !text_join(array, size, texts))
        TALLOC_FREE(array);
    talloc_free(texts);
    return array;
}

/* Jansson's setters fail, and free the value, where the object or the value could not be made. */
static bool set_value(json_t *object, const char *key, const char *value)
{
    return json_object_set_new(object, key, *value != '\0' ? json_string(value) : json_null()) == 0;
}

static bool set_fields(json_t *object, const struct account *account)
{
    json_t *fields = json_object();
    bool set = true;

    for (unsigned i = 0; set && i < account->field_count; i++)
        set = set_value(fields, account->fields[i].key, account->fields[i].value);
    return json_object_set_new(object, "additional_fields", fields) == 0 && set;
}

static bool set_communities(json_t *object, const struct account *account)
{
    json_t *communities = json_array();
    bool set = true;

    for (unsigned i = 0; set && i < account->community_count; i++)
        set = json_array_append_new(communities, json_string(account->communities[i].key)) == 0;
    return json_object_set_new(object, "communities", communities) == 0 && set;
}

static bool set_all(json_t *object, const struct account *account)
{
    for (size_t i = 0; i < ACCOUNT_ROWS; i++)
        if (account->values[i] != NULL && account_rows[i].kind != KIND_PASSWORD &&
            !set_value(object, account_rows[i].column, account->values[i]))
            return false;
    if (account->field_count > 0 && !set_fields(object, account))
        return false;
    return account->community_count == 0 || set_communities(object, account);
}

char *account_json(TALLOC_CTX *ctx, const struct account *account)
{
    json_t *object = json_object();

    if (set_all(object, account))
        return json_text_write(ctx, object);
    json_decref(object);
    return NULL;
}
