/*
 * A row of the database becomes an account element, walking the table in the order of the document.
 */
#include "cgi/account.h"
#include "cgi/reply.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum { TIME_BYTES = 32, URL_BYTES = 1024, NAME_BYTES = 1024, DEPTH = 4 };

/* A column's number. Those of include/account.sql stand in the order in which they are asked for,
 * so it is mostly the one that comes next. */
static int column_of(const PGresult *accounts, const char *name, int *next)
{
    if (*next < PQnfields(accounts) && strcmp(PQfname(accounts, *next), name) == 0)
        return (*next)++;
    return PQfnumber(accounts, name);
}

void account_source(struct account_source *source, const PGresult *accounts, const PGresult *labels,
                    const char *base_url)
{
    int next = 0;

    source->accounts = accounts;
    source->labels = labels;
    source->base_url = base_url;
    for (size_t i = 0; i < ACCOUNT_ROWS; i++)
        source->columns[i] = account_rows[i].column != NULL
                                 ? column_of(accounts, account_rows[i].column, &next)
                                 : -1;
    source->identifier = column_of(accounts, "identifier", &next);
    source->unacked_since = column_of(accounts, "unacked_since", &next);
    source->version = column_of(accounts, "version", &next);
    source->given_name = source->columns[account_row_of("given_name")];
    source->family_name = source->columns[account_row_of("family_name")];
}

static const char *value_at(const struct account_source *source, int row, int column)
{
    if (column < 0 || PQgetisnull(source->accounts, row, column))
        return NULL;
    return PQgetvalue(source->accounts, row, column);
}

/*
 * PostgreSQL's "2011-02-08 22:06:43.1+00" (time zone UTC, any number of decimals) as the document
 * writes it, "2011-02-08T22:06:43.100+0000", cut to milliseconds.
 */
static const char *format_time(char text[TIME_BYTES], const char *timestamp)
{
    char milliseconds[4] = "000";
    const char *point = strchr(timestamp, '.');

    for (size_t i = 0; point != NULL && i < 3 && point[i + 1] >= '0' && point[i + 1] <= '9'; i++)
        milliseconds[i] = point[i + 1];
    snprintf(text, TIME_BYTES, "%.10sT%.8s.%s+0000", timestamp, timestamp + 11, milliseconds);
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
    int length = snprintf(url, sizeof url, "%s/customers/%s", source->base_url, identifier);

    if (length < 0 || (size_t)length >= sizeof url)
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

    if (given == NULL || family == NULL)
        return;
    snprintf(full_name, sizeof full_name, "%s %s", given, family);
    xml_element(writer, "full-name", full_name);
}

/* "identifier", or "identifier time". */
static bool write_relationship(struct xml_writer *writer, const struct account_source *source,
                               char *relationship)
{
    const char *identifier = strsep(&relationship, " ");
    char url[URL_BYTES];
    int length =
        snprintf(url, sizeof url, "%s/property-relationship/%s", source->base_url, identifier);

    if (length < 0 || (size_t)length >= sizeof url)
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

/* A JSON object of strings; written in the order in which the company defined the fields. False:
 * out of memory. */
static bool write_fields(struct xml_writer *writer, const struct account_source *source,
                         const char *json)
{
    json_t *fields;

    if (strcmp(json, "{}") == 0)
        return true;
    fields = json_loads(json, 0, NULL);
    if (fields == NULL)
        return false;
    xml_start(writer, "additional-fields");
    for (int i = 0; i < PQntuples(source->labels); i++) {
        const char *key = PQgetvalue(source->labels, i, 0);
        const char *value = json_string_value(json_object_get(fields, key));

        if (value == NULL)
            continue;
        xml_start(writer, "field");
        xml_attribute(writer, "key", key);
        xml_attribute(writer, "label", PQgetvalue(source->labels, i, 1));
        xml_text(writer, value);
        xml_end(writer);
    }
    xml_end(writer);
    json_decref(fields);
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

static void write_value(struct xml_writer *writer, const struct account_row *row, const char *value)
{
    char time[TIME_BYTES];
    const char *text = strcmp(row->name, "creation-time") == 0 ? format_time(time, value) : value;

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

    if (row->kind == KIND_FIELDS)
        return write_fields(writer, source, value);
    if (row->kind == KIND_COMMUNITIES)
        return write_communities(writer, value);
    if (strcmp(row->name, "property-relationships") == 0)
        return write_relationships(writer, source, value);
    write_value(writer, row, value);
    return true;
}

/* Whether anything below a container has a value: an element without one is left out. */
static bool has_content(const struct account_source *source, int row, size_t container)
{
    for (size_t i = container + 1; i < account_row_end(container); i++)
        if (value_at(source, row, source->columns[i]) != NULL)
            return true;
    return false;
}

static bool write_children(struct xml_writer *writer, const struct account_source *source, int row,
                           size_t parent)
{
    size_t end = account_row_end(parent);

    for (size_t i = parent + 1; i < end; i = account_row_end(i)) {
        const struct account_row *child = &account_rows[i];
        const char *value = value_at(source, row, source->columns[i]);

        if (child->kind == KIND_CONTAINER || child->kind == KIND_ADDRESS) {
            if (!has_content(source, row, i))
                continue;
            xml_start(writer, child->name);
            if (!write_children(writer, source, row, i))
                return false;
            xml_end(writer);
        } else if (strcmp(child->name, "full-name") == 0) {
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
