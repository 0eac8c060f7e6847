#include "cgi/account.h"

#include <stdlib.h>
#include <string.h>

/* In the order of the document: an element's children follow it, one deeper. */
const struct account_row account_rows[ACCOUNT_ROWS] = {
    {0, "account", "extid", NULL, "extid", KIND_TEXT, 64, NEED_NEVER},
    {0, "account", NULL, NULL, NULL, KIND_CONTAINER, 0, NEED_NEVER},
    {1, "creation-time", NULL, NULL, "creation_time", KIND_READ_ONLY, 0, NEED_NEVER},
    {1, "account-status", NULL, NULL, "account_status", KIND_READ_ONLY, 0, NEED_NEVER},
    {1, "owner", NULL, NULL, NULL, KIND_CONTAINER, 0, NEED_NEVER},
    {2, "full-name", NULL, NULL, NULL, KIND_READ_ONLY, 0, NEED_NEVER},
    {2, "name", NULL, NULL, NULL, KIND_CONTAINER, 0, NEED_NEVER},
    {3, "family-name", NULL, NULL, "family_name", KIND_TEXT, 100, NEED_ALWAYS},
    {3, "given-name", NULL, NULL, "given_name", KIND_TEXT, 100, NEED_ALWAYS},
    {3, "additional-names", NULL, NULL, "additional_names", KIND_TEXT, 100, NEED_NEVER},
    {3, "honorific-prefixes", NULL, NULL, "honorific_prefixes", KIND_TEXT, 100, NEED_NEVER},
    {2, "bday", NULL, NULL, "bday", KIND_DATE, 0, NEED_IF_ON_RECORD},
    {2, "gender", NULL, NULL, "gender", KIND_GENDER, 0, NEED_NEVER},
    {2, "nationality", "code", NULL, "nationality", KIND_COUNTRY, 0, NEED_NEVER},
    {2, "email", NULL, NULL, "email", KIND_EMAIL, 0, NEED_ON_CREATE},
    {2, "password", NULL, NULL, "password", KIND_PASSWORD, 0, NEED_ON_CREATE},
    {2, "tel", NULL, "pref", "tel_pref", KIND_PHONE, 0, NEED_NEVER},
    {2, "tel", NULL, "voice", "tel_voice", KIND_PHONE, 0, NEED_NEVER},
    {2, "residential-address", NULL, NULL, NULL, KIND_ADDRESS, 0, NEED_NEVER},
    {3, "street-address", NULL, NULL, "residential_street_address", KIND_LINES, 255, NEED_NEVER},
    {3, "region", NULL, NULL, "residential_region", KIND_TEXT, 100, NEED_NEVER},
    {3, "postal-code", NULL, NULL, "residential_postal_code", KIND_TEXT, 20, NEED_NEVER},
    {3, "country-name", "code", NULL, "residential_country", KIND_COUNTRY, 0, NEED_NEVER},
    {1, "billing-address", NULL, NULL, NULL, KIND_ADDRESS, 0, NEED_NEVER},
    {2, "street-address", NULL, NULL, "billing_street_address", KIND_LINES, 255, NEED_NEVER},
    {2, "region", NULL, NULL, "billing_region", KIND_TEXT, 100, NEED_NEVER},
    {2, "postal-code", NULL, NULL, "billing_postal_code", KIND_TEXT, 20, NEED_NEVER},
    {2, "country-name", "code", NULL, "billing_country", KIND_COUNTRY, 0, NEED_NEVER},
    {1, "property-relationships", NULL, NULL, "property_relationships", KIND_READ_ONLY, 0,
     NEED_NEVER},
    {1, "additional-fields", NULL, NULL, "additional_fields", KIND_FIELDS, 0, NEED_NEVER},
    {1, "communities", NULL, NULL, "communities", KIND_COMMUNITIES, 0, NEED_NEVER},
};

/* Room in a rank for the order within a row. */
enum { RANK_ATTRIBUTE = 0, RANK_SELF = 1, RANK_ENTRY = 2, RANK_UNKNOWN = 15, RANKS = 16 };

size_t account_row_of(const char *column)
{
    for (size_t i = 0; i < ACCOUNT_ROWS; i++)
        if (account_rows[i].column != NULL && strcmp(account_rows[i].column, column) == 0)
            return i;
    abort(); /* a column's name is misspelt in the program */
}

/* The first row that is not below `row`. */
static size_t row_end(size_t row)
{
    size_t end = row + 1;

    while (end < ACCOUNT_ROWS && account_rows[end].depth > account_rows[row].depth)
        end++;
    return end;
}

void account_row_ends(size_t ends[ACCOUNT_ROWS])
{
    for (size_t i = 0; i < ACCOUNT_ROWS; i++)
        ends[i] = row_end(i);
}

size_t account_row_child(const size_t ends[ACCOUNT_ROWS], size_t parent, const char *name)
{
    for (size_t i = parent + 1; i < ends[parent]; i = ends[i])
        if (*account_rows[i].name == *name && strcmp(account_rows[i].name, name) == 0)
            return i;
    return ACCOUNT_ROWS;
}

size_t account_row_of_type(size_t first, const char *type)
{
    for (size_t i = first; i < ACCOUNT_ROWS; i++)
        if (strcmp(account_rows[i].name, account_rows[first].name) == 0 &&
            strcmp(account_rows[i].type, type) == 0)
            return i;
    return ACCOUNT_ROWS;
}

static size_t parent_of(size_t row)
{
    unsigned depth = account_rows[row].depth;

    while (account_rows[row].depth >= depth)
        row--;
    return row;
}

/* The path of a row's element, without its attribute. */
static char *element_path(TALLOC_CTX *ctx, size_t row)
{
    const struct account_row *element = &account_rows[row];
    char *parent = element->depth == 0 ? talloc_strdup(ctx, "") : element_path(ctx, parent_of(row));
    char *path = NULL;

    if (parent != NULL)
        path = talloc_asprintf(ctx, "%s/%s", parent, element->name);
    if (path != NULL && element->type != NULL)
        path = xpath_with_key(ctx, path, "type", element->type);
    return path;
}

char *account_row_xpath(TALLOC_CTX *ctx, size_t row)
{
    char *path = element_path(ctx, row);

    if (path == NULL || account_rows[row].attribute == NULL)
        return path;
    return talloc_asprintf(ctx, "%s/@%s", path, account_rows[row].attribute);
}

unsigned account_rank(size_t row)
{
    return (unsigned)row * RANKS + RANK_SELF;
}

unsigned account_rank_of_attribute(size_t row)
{
    return (unsigned)row * RANKS + RANK_ATTRIBUTE;
}

unsigned account_rank_of_entry(size_t row)
{
    return (unsigned)row * RANKS + RANK_ENTRY;
}

unsigned account_rank_of_unknown(size_t parent)
{
    return (unsigned)(row_end(parent) - 1) * RANKS + RANK_UNKNOWN - account_rows[parent].depth;
}
