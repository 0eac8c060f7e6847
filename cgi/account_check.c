/*
 * The rules for the values of an account.
 */
#include "cgi/account.h"

#include "common/text.h"
#include "common/value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum { OWN_VALUES = 8, FIELD_VALUE_MAXIMUM = 1000, ENTRY_RANKS = 10, NUMBER_SIZE = 16 };

static const char *definition(const struct account_context *context, const char *column)
{
    return PQgetvalue(context->definitions, 0, PQfnumber(context->definitions, column));
}

/* Whether a key is among those that a column of the definitions lists. */
static bool is_defined(const struct account_context *context, const char *column, const char *key)
{
    return text_in_list(key, definition(context, column));
}

/* What the account has on record; NULL on create, and where it has nothing. */
static const char *on_record(const struct account_context *context, const char *column)
{
    int number;

    if (context->current == NULL)
        return NULL;
    number = PQfnumber(context->current, column);
    return PQgetisnull(context->current, 0, number) ? NULL
                                                    : PQgetvalue(context->current, 0, number);
}

static bool add_at(struct account *account, size_t row, enum hint hint, const char *detail)
{
    char *path = account_row_xpath(account, row);

    return path != NULL && problems_add(account->problems, account_rank(row), hint, path, detail);
}

static bool is_needed(const struct account_row *row, const struct account_context *context)
{
    switch (row->need) {
    case NEED_ALWAYS:
        return true;
    case NEED_ON_CREATE:
        return context->current == NULL;
    case NEED_IF_ON_RECORD:
        return on_record(context, row->column) != NULL;
    default:
        return false;
    }
}

/* Replaces a date by its ten characters. Sets *wrong where it is none. False: out of memory. */
static bool check_date(struct account *account, size_t row, const char **wrong)
{
    char normal[VALUE_DATE_SIZE];

    *wrong = value_check_date(account->values[row], time(NULL), normal);
    if (*wrong != NULL)
        return true;
    account->values[row] = talloc_strdup(account, normal);
    return account->values[row] != NULL;
}

static bool is_unchanged_email(const struct account_context *context, const char *value)
{
    const char *current = on_record(context, "email");

    return current != NULL && strcasecmp(current, value) == 0;
}

/* An update takes an e-mail address only to compare it: change-login changes it. */
static const char *check_email(struct account *account, const struct account_context *context,
                               size_t row)
{
    const char *value = account->values[row];

    if (context->current == NULL)
        return value_check_email(value);
    if (!is_unchanged_email(context, value))
        return "Another e-mail address is set by change-login.";
    account->values[row] = NULL;
    return NULL;
}

/* The owner's own values, which a password must not be made of. False: out of memory. */
static bool collect_own_values(const struct account *account, const char *own[OWN_VALUES])
{
    const char *given = account_value(account, "given_name");
    const char *family = account_value(account, "family_name");
    size_t count = 0;

    own[count++] = account_value(account, "email") != NULL ? account_value(account, "email") : "";
    own[count++] = given != NULL ? given : "";
    own[count++] = family != NULL ? family : "";
    if (account_value(account, "additional_names") != NULL)
        own[count++] = account_value(account, "additional_names");
    if (given != NULL && family != NULL) {
        own[count] = talloc_asprintf(account, "%s %s", given, family);
        if (own[count++] == NULL)
            return false;
    }
    own[count] = NULL;
    return true;
}

/* A password has hints of its own. */
static bool check_password(struct account *account, const struct account_context *context,
                           size_t row)
{
    const char *password = account->values[row];
    const char *own[OWN_VALUES];
    bool no_memory = false;
    const char *weak;

    if (context->current != NULL)
        return add_at(account, row, HINT_INVALID, "An update cannot set the password.");
    if (text_has_control(password))
        return add_at(account, row, HINT_INVALID, "A password holds no control characters.");
    if (!collect_own_values(account, own))
        return false;
    weak = password_check(password, own, atoi(definition(context, "password_score")), &no_memory);
    if (no_memory)
        return false;
    return weak == NULL || add_at(account, row, HINT_WEAK, weak);
}

static bool check_row(struct account *account, const struct account_context *context, size_t row)
{
    const char *value = account->values[row];
    const char *wrong = NULL;

    switch (account_rows[row].kind) {
    case KIND_TEXT:
        wrong = value_check_text(value, account_rows[row].maximum);
        break;
    case KIND_LINES:
        wrong = value_check_lines(value, account_rows[row].maximum);
        break;
    case KIND_DATE:
        if (!check_date(account, row, &wrong))
            return false;
        break;
    case KIND_GENDER:
        wrong = value_check_gender(value);
        break;
    case KIND_COUNTRY:
        if (!is_defined(context, "countries", value))
            wrong = "Give an ISO 3166-1 alpha-2 code, such as US.";
        break;
    case KIND_EMAIL:
        wrong = check_email(account, context, row);
        break;
    case KIND_PASSWORD:
        return check_password(account, context, row);
    case KIND_PHONE:
        wrong = value_check_phone(value);
        break;
    default:
        break;
    }
    return wrong == NULL || add_at(account, row, HINT_INVALID, wrong);
}

/* The root's attributes identifier and extid, which an update may only repeat. */
static bool check_identity(struct account *account, const struct account_context *context)
{
    const char *extid = account->values[ACCOUNT_EXTID];
    const char *known = on_record(context, "extid");
    int64_t sent;
    int64_t current;

    if (context->current == NULL) {
        const char *wrong = extid != NULL && *extid != '\0' ? value_check_extid(extid) : NULL;

        return wrong == NULL || add_at(account, ACCOUNT_EXTID, HINT_INVALID, wrong);
    }
    account->values[ACCOUNT_EXTID] = NULL;
    if (extid != NULL && strcmp(extid, known != NULL ? known : "") != 0 &&
        !add_at(account, ACCOUNT_EXTID, HINT_INVALID,
                "Another external identifier is set by POST to the account's extid."))
        return false;
    if (account->identifier == NULL ||
        (text_parse_identifier(account->identifier, &sent) &&
         text_parse_identifier(on_record(context, "identifier"), &current) && sent == current))
        return true;
    return problems_add(account->problems, account_rank_of_attribute(ACCOUNT_ROOT), HINT_INVALID,
                        "/account/@identifier", "This is not the account's identifier.");
}

bool account_community_problem(struct account *account, const struct account_community *community,
                               enum hint hint, const char *detail)
{
    unsigned rank = account_rank_of_entry(account_row_of("communities"));
    char digits[NUMBER_SIZE];

    if (community == NULL)
        return problems_add(account->problems, rank, hint, ACCOUNT_COMMUNITY_PATH, detail);
    /* In their order, as far as the ranks of entries go. */
    rank += community->position < ENTRY_RANKS ? community->position : ENTRY_RANKS;
    if (account->community_elements == 1)
        return problems_add(account->problems, rank, hint, ACCOUNT_COMMUNITY_PATH, detail);
    snprintf(digits, sizeof digits, "[%u]", community->position);
    return problems_add_parts(account->problems, rank, hint,
                              XPATH_PARTS(ACCOUNT_COMMUNITY_PATH, digits), detail);
}

static bool is_given(const struct account *account, const char *key)
{
    for (unsigned i = 0; i < account->community_count; i++)
        if (strcmp(account->communities[i].key, key) == 0)
            return true;
    return false;
}

/* Whether the communities are just those on record. Sets *same; false: out of memory. */
static bool compare_communities(struct account *account, const struct account_context *context,
                                bool *same)
{
    /* PostgreSQL's text[] output; no key holds any of its punctuation. */
    char *record = talloc_strdup(account, on_record(context, "communities"));
    unsigned known = 0;
    char *state;

    if (record == NULL)
        return false;
    *same = true;
    for (char *key = strtok_r(record, "{},\"", &state); key != NULL;
         key = strtok_r(NULL, "{},\"", &state), known++)
        if (!is_given(account, key))
            *same = false;
    *same = *same && known == account->community_count;
    return true;
}

static bool check_communities(struct account *account, const struct account_context *context)
{
    static const char none[] = "Give the community that the account belongs to.";

    bool same = false;

    if (context->current != NULL && !account->communities_given)
        return true;
    if (context->current != NULL && !compare_communities(account, context, &same))
        return false;
    if (same)
        return true;
    if (account->community_count == 0)
        return account_community_problem(account, NULL, HINT_REQUIRED, none);
    for (unsigned i = 0; i < account->community_count; i++) {
        const struct account_community *community = &account->communities[i];
        const char *wrong = NULL;

        if (i > 0)
            wrong = "An account belongs to one community.";
        else if (!is_defined(context, "communities", community->key))
            wrong = "The company has no community of this key.";
        if (wrong != NULL && !account_community_problem(account, community, HINT_INVALID, wrong))
            return false;
    }
    return true;
}

static bool is_among(const struct account *account, unsigned count, const char *key)
{
    for (unsigned i = 0; i < count; i++)
        if (strcmp(account->fields[i].key, key) == 0)
            return true;
    return false;
}

static bool field_problem(struct account *account, unsigned rank, const char *key, enum hint hint,
                          const char *detail)
{
    char *path;
    bool added;

    path = xpath_with_key(account, ACCOUNT_FIELD_PATH, "key", key);
    added = path != NULL && problems_add(account->problems, rank, hint, path, detail);
    talloc_free(path);
    return added;
}

/* Keeps those fields that are defined, each once, so that there are never more to look through than
 * definitions. */
static bool check_fields(struct account *account, const struct account_context *context)
{
    unsigned rank = account_rank_of_entry(account_row_of("additional_fields"));
    unsigned kept = 0;

    for (unsigned i = 0; i < account->field_count && !problems_full(account->problems, rank); i++) {
        const struct account_field field = account->fields[i];
        enum hint hint = HINT_INVALID;
        const char *wrong;

        if (!is_defined(context, "fields", field.key)) {
            wrong = "The company has no additional field of this key.";
        } else if (is_among(account, kept, field.key)) {
            hint = HINT_DUPLICATE;
            wrong = "This is given twice.";
        } else {
            account->fields[kept++] = field;
            wrong = value_check_lines(field.value, FIELD_VALUE_MAXIMUM);
        }
        if (wrong != NULL && !field_problem(account, rank, field.key, hint, wrong))
            return false;
    }
    account->field_count = kept;
    return true;
}

static bool check_values(struct account *account, const struct account_context *context)
{
    for (size_t i = ACCOUNT_ROOT + 1; i < ACCOUNT_ROWS; i++) {
        bool has_value = account->values[i] != NULL && account->values[i][0] != '\0';

        if (has_value && !check_row(account, context, i))
            return false;
        if (!has_value && context->current != NULL && account_rows[i].kind == KIND_EMAIL)
            account->values[i] = NULL; /* an update does not clear it */
        if (!has_value && is_needed(&account_rows[i], context) &&
            !add_at(account, i, HINT_REQUIRED, "A value is required."))
            return false;
    }
    return true;
}

bool account_check(struct request *request, struct account *account,
                   const struct account_context *context)
{
    return (check_identity(account, context) && check_values(account, context) &&
            check_fields(account, context) && check_communities(account, context)) ||
           refuse_for_memory(&request->refusal);
}
