/*
 * A row of the database becomes an account element, walking the table in the order of the document.
 */
#include "cgi/account.h"
#include "cgi/reply.h"
#include "common/json_text.h"
#include "common/text.h"

#include <string.h>

enum { TIME_BYTES = 32, URL_BYTES = 1024, NAME_BYTES = 1024 };

/* A column's number. Those of include/account.sql stand in the order in which they are asked for,
 * so it is mostly the one that comes next. */
static int column_of(const PGresult *accounts, const char *name, int *next)
{
    if (*next < PQnfields(accounts) && strcmp(PQfname(accounts, *next), name) == 0)
        return (*next)++;
    return PQfnumber(accounts, name);
}

/* No statement selects a password. */
static bool is_selected(const struct account_row *row)
{
    return row->column != NULL && row->kind != KIND_PASSWORD;
}

void account_source(struct account_source *source, const PGresult *accounts, const PGresult *labels,
                    const char *base_url)
{
    int next = 0;

    source->accounts = accounts;
    source->labels = labels;
    source->base_url = base_url;
    account_row_ends(source->ends);
    for (size_t i = 0; i < ACCOUNT_ROWS; i++)
        source->columns[i] =
            is_selected(&account_rows[i]) ? column_of(accounts, account_rows[i].column, &next) : -1;
    source->identifier = column_of(accounts, "identifier", &next);
    source->unacked_since = column_of(accounts, "unacked_since", &next);
    source->version = column_of(accounts, "version", &next);
    source->given_name = source->columns[account_row_of("given_name")];
    source->family_name = source->columns[account_row_of("family_name")];
    source->creation_time = account_row_of("creation_time");
    source->full_name = account_row_child(
        source->ends, account_row_child(source->ends, ACCOUNT_ROOT, "owner"), "full-name");
    source->relationships = account_row_of("property_relationships");
}

/* NULL has libpq's empty text, so that only what is empty need be asked for twice. */
static const char *value_at(const struct account_source *source, int row, int column)
{
    const char *value;

    if (column < 0)
        return NULL;
    value = PQgetvalue(source->accounts, row, column);
    return *value != '\0' || !PQgetisnull(source->accounts, row, column) ? value : NULL;
}

/*
 * PostgreSQL's "2011-02-08 22:06:43.1+00" (time zone UTC, any number of decimals) as the document
 * writes it, "2011-02-08T22:06:43.100+0000", cut to milliseconds.
 */
static const char *format_time(char text[TIME_BYTES], const char *timestamp)
{
    static const char shape[] = "0000-00-00T00:00:00.000+0000";
    enum { DAY = 10, SECONDS = 19, MILLISECONDS = 3 };

    memcpy(text, shape, sizeof shape);
    if (strlen(timestamp) < SECONDS)
        return text;
    memcpy(text, timestamp, SECONDS);
    text[DAY] = 'T';
    if (timestamp[SECONDS] != '.')
        return text;
    for (size_t i = SECONDS + 1; i <= SECONDS + MILLISECONDS; i++) {
        if (timestamp[i] < '0' || timestamp[i] > '9')
            break;
        text[i] = timestamp[i];
    }
    return text;
}

void account_write_time(struct xml_writer *writer, const char *attribute, const char *timestamp)
{
    if (timestamp != NULL) {
        char text[TIME_BYTES];

        xml_attribute(writer, attribute, format_time(text, timestamp));
    }
}

static bool write_root_attributes(struct xml_writer *writer, const struct account_source *source,
                                  int row)
{
    const char *identifier = value_at(source, row, source->identifier);
    const char *extid = value_at(source, row, source->columns[ACCOUNT_EXTID]);
    char url[URL_BYTES];

    if (!text_join(url, sizeof url,
                   (const char *const[]){source->base_url, "/customers/", identifier, NULL}))
        return false;
    xml_attribute(writer, "identifier", identifier);
    xml_attribute(writer, "ref", url);
    if (extid != NULL)
        xml_attribute(writer, "extid", extid);
    account_write_time(writer, "unacked-since", value_at(source, row, source->unacked_since));
    xml_attribute(writer, "version", value_at(source, row, source->version));
    return true;
}

/* The first and last name; an erased account has none. */
static void write_full_name(struct xml_writer *writer, const struct account_source *source, int row)
{
    const char *given = value_at(source, row, source->given_name);
    const char *family = value_at(source, row, source->family_name);
    char full_name[NAME_BYTES]; /* twice 100 code points of at most 4 bytes */

    if (given != NULL && family != NULL &&
        text_join(full_name, sizeof full_name, (const char *const[]){given, " ", family, NULL}))
        xml_element(writer, "full-name", full_name);
}

/* "identifier", or "identifier time". */
static bool write_relationship(struct xml_writer *writer, const struct account_source *source,
                               char *relationship)
{
    const char *identifier = strsep(&relationship, " ");
    char url[URL_BYTES];

    if (!text_join(
            url, sizeof url,
            (const char *const[]){source->base_url, "/property-relationship/", identifier, NULL}))
        return false;
    xml_start(writer, "property-relationship");
    xml_attribute(writer, "identifier", identifier);
    xml_attribute(writer, "ref", url);
    account_write_time(writer, "unacked-since", relationship);
    xml_end(writer);
    return true;
}

/* PostgreSQL's text[] output, whose elements hold none of its punctuation. False: out of memory. */
static bool write_relationships(struct xml_writer *writer, const struct account_source *source,
                                const char *array)
{
    char *relationships;
    char *state;
    bool written = true;

    if (strcmp(array, "{}") == 0)
        return true;
    relationships = talloc_strdup(writer, array);
    if (relationships == NULL)
        return false;
    xml_start(writer, "property-relationships");
    for (char *relationship = strtok_r(relationships, "{},\"", &state);
         written && relationship != NULL; relationship = strtok_r(NULL, "{},\"", &state))
        written = write_relationship(writer, source, relationship);
    xml_end(writer);
    talloc_free(relationships);
    return written;
}

static const char *text_behind(const char *text)
{
    return text + strlen(text) + 1;
}

/* The value of a key, both flattened; NULL where it has none. */
static const char *find_field(const char *fields, const char *end, const char *key)
{
    for (; fields < end; fields = text_behind(text_behind(fields)))
        if (strcmp(fields, key) == 0)
            return text_behind(fields);
    return NULL;
}

/* A JSON object of strings; written in the order in which the company defined the fields. False:
 * out of memory. */
static bool write_fields(struct xml_writer *writer, const struct account_source *source,
                         const char *json)
{
    char *fields;
    const char *end;

    if (strcmp(json, "{}") == 0)
        return true;
    fields = talloc_strdup(writer, json);
    if (fields == NULL)
        return false;
    end = json_text_flatten(fields);
    xml_start(writer, "additional-fields");
    for (int i = 0; i < PQntuples(source->labels); i++) {
        const char *key = PQgetvalue(source->labels, i, 0);
        const char *value = find_field(fields, end, key);

        if (value == NULL)
            continue;
        xml_start(writer, "field");
        xml_attribute(writer, "key", key);
        xml_attribute(writer, "label", PQgetvalue(source->labels, i, 1));
        xml_text(writer, value);
        xml_end(writer);
    }
    xml_end(writer);
    talloc_free(fields);
    return true;
}

/* PostgreSQL's text[] output; no key holds any of its punctuation. False: out of memory. */
static bool write_communities(struct xml_writer *writer, const char *array)
{
    char *keys = talloc_strdup(writer, array);
    char *state;

    if (keys == NULL)
        return false;
    xml_start(writer, "communities");
    for (char *key = strtok_r(keys, "{},\"", &state); key != NULL;
         key = strtok_r(NULL, "{},\"", &state))
        xml_element(writer, "community", key);
    xml_end(writer);
    talloc_free(keys);
    return true;
}

static void write_value(struct xml_writer *writer, const struct account_row *row, const char *text)
{
    if (row->type == NULL && row->attribute == NULL) {
        xml_element(writer, row->name, text);
        return;
    }
    xml_start(writer, row->name);
    if (row->type != NULL)
        xml_attribute(writer, "type", row->type);
    if (row->attribute != NULL)
        xml_attribute(writer, row->attribute, text);
    else
        xml_text(writer, text);
    xml_end(writer);
}

static bool write_row(struct xml_writer *writer, const struct account_source *source, size_t index,
                      const char *value)
{
    const struct account_row *row = &account_rows[index];
    char time[TIME_BYTES];

    if (row->kind == KIND_FIELDS)
        return write_fields(writer, source, value);
    if (row->kind == KIND_COMMUNITIES)
        return write_communities(writer, value);
    if (index == source->relationships)
        return write_relationships(writer, source, value);
    write_value(writer, row, index == source->creation_time ? format_time(time, value) : value);
    return true;
}

/* Whether anything below a container has a value: an element without one is left out. */
static bool has_content(const struct account_source *source, int row, size_t container)
{
    for (size_t i = container + 1; i < source->ends[container]; i++)
        if (value_at(source, row, source->columns[i]) != NULL)
            return true;
    return false;
}

static bool write_children(struct xml_writer *writer, const struct account_source *source, int row,
                           size_t parent)
{
    size_t end = source->ends[parent];

    for (size_t i = parent + 1; i < end; i = source->ends[i]) {
        const struct account_row *child = &account_rows[i];
        const char *value = value_at(source, row, source->columns[i]);

        if (child->kind == KIND_CONTAINER || child->kind == KIND_ADDRESS) {
            if (!has_content(source, row, i))
                continue;
            xml_start(writer, child->name);
            if (!write_children(writer, source, row, i))
                return false;
            xml_end(writer);
        } else if (i == source->full_name) {
            write_full_name(writer, source, row);
        } else if (value != NULL && !write_row(writer, source, i, value)) {
            return false;
        }
    }
    return true;
}

bool account_write(struct xml_writer *writer, const struct account_source *source, int row,
                   bool with_namespace)
{
    xml_start(writer, account_rows[ACCOUNT_ROOT].name);
    if (with_namespace)
        xml_attribute(writer, "xmlns", LEAP_NAMESPACE);
    if (!write_root_attributes(writer, source, row) ||
        !write_children(writer, source, row, ACCOUNT_ROOT))
        return false;
    xml_end(writer);
    return true;
}
