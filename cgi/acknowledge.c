/*
 * Acknowledges the changes of accounts, all of those that are given or none: by identifiers or by
 * external identifiers.
 */
#include "cgi/access.h"
#include "cgi/operations.h"
#include "common/json_text.h"
#include "common/problem.h"
#include "common/text.h"
#include "common/value.h"
#include "common/xml_reader.h"
#include "queries.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ACKNOWLEDGEMENTS_MAXIMUM = 1000, PATH_SIZE = 64 };

static const char root_path[] = "/acknowledgements";
static const char entry_path[] = "/acknowledgements/acknowledgement";

struct acknowledgement {
    const char *identifier; /* or the external one */
    const char *version;    /* NULL: whatever it is */
};

struct reading {
    struct request *request;
    bool external;
    struct problems *problems;
    struct acknowledgement entries[ACKNOWLEDGEMENTS_MAXIMUM];
    unsigned count;    /* of the elements, also those beyond the maximum */
    unsigned numbered; /* the last entry with a problem; one may have a hundred thousand */
    char numbered_path[PATH_SIZE];
    const char *wrong_root;
};

/* Problems in the order of the document: the root's own, those of each entry, unknown elements. */
enum { RANK_ROOT = 0, RANK_FIRST_ENTRY = 1, RANK_UNKNOWN = UINT32_MAX };

static bool add(struct reading *reading, unsigned rank, enum hint hint, const char *const path[],
                const char *detail)
{
    return problems_add_parts(reading->problems, rank, hint, path, detail);
}

/* A problem with the entry of this number, or with what `step` ("/@", "/") and `name` say of it. */
static bool refuse_numbered(struct reading *reading, unsigned number, const char *step,
                            const char *name, enum hint hint, const char *detail)
{
    if (problems_full(reading->problems, number))
        return true;
    if (reading->numbered != number)
        snprintf(reading->numbered_path, sizeof reading->numbered_path, "%s[%u]", entry_path,
                 number);
    reading->numbered = number;
    return problems_add_named(reading->problems, number, hint, reading->numbered_path, step, name,
                              detail);
}

static bool refuse_entry(struct reading *reading, enum hint hint, const char *detail)
{
    return refuse_numbered(reading, reading->count, "", "", hint, detail);
}

static bool refuse_attribute(struct reading *reading, const char *name, const char *detail)
{
    return refuse_numbered(reading, reading->count, "/@", name, HINT_INVALID, detail);
}

static bool start_root(struct reading *reading, const struct xml_element *element)
{
    if (element->foreign || strcmp(element->name, root_path + 1) != 0) {
        reading->wrong_root =
            talloc_asprintf(reading->request,
                            "The root element must be acknowledgements (line %lu).", element->line);
        return false;
    }
    for (size_t i = 0; i < element->attribute_count; i++)
        if (!add(reading, RANK_ROOT, HINT_INVALID,
                 XPATH_PARTS(root_path, "/@", element->attributes[i].name),
                 "There is no such attribute here."))
            return false;
    return true;
}

/* An attribute of only white space has no value, like one that is absent. */
static bool read_version(struct reading *reading, const char *value)
{
    int64_t version;

    if (value[strspn(value, " \t\r\n")] == '\0')
        return true;
    if (!text_parse_identifier(value, &version))
        return refuse_attribute(reading, "version", "A version is a number of 1 to 18 digits.");
    reading->entries[reading->count - 1].version = talloc_strdup(reading, value);
    return reading->entries[reading->count - 1].version != NULL;
}

static bool start_entry(struct reading *reading, struct xml_element *element)
{
    reading->count++;
    if (reading->count > ACKNOWLEDGEMENTS_MAXIMUM)
        return reading->count > ACKNOWLEDGEMENTS_MAXIMUM + 1 ||
               refuse_entry(reading, HINT_INVALID, "Acknowledge at most 1,000 accounts at once.");
    element->data = &reading->entries[reading->count - 1];
    for (size_t i = 0; i < element->attribute_count; i++) {
        const struct xml_attribute_value *attribute = &element->attributes[i];
        bool read =
            !attribute->foreign && strcmp(attribute->name, "version") == 0
                ? read_version(reading, attribute->value)
                : refuse_attribute(reading, attribute->name, "There is no such attribute here.");

        if (!read)
            return false;
    }
    return true;
}

static bool start_element(void *context, struct xml_element *element)
{
    struct reading *reading = context;

    if (element->depth == 1)
        return start_root(reading, element);
    if (element->depth == 2 && !element->foreign && strcmp(element->name, "acknowledgement") == 0)
        return start_entry(reading, element);
    if (element->depth == 2)
        return problems_add_named(reading->problems, RANK_UNKNOWN, HINT_INVALID, root_path, "/",
                                  element->name, "There is no such element here.");
    if (element->depth == 3 && element->parent->data != NULL)
        return refuse_numbered(reading, reading->count, "/", element->name, HINT_INVALID,
                               "There is no such element here.");
    return true;
}

/* Without its leading zeros, as the database has it. */
static bool read_identifier(struct reading *reading, struct acknowledgement *entry,
                            const char *text)
{
    int64_t identifier;

    if (!text_parse_identifier(text, &identifier))
        return refuse_entry(reading, HINT_INVALID, "An identifier is a number of 1 to 18 digits.");
    entry->identifier = talloc_asprintf(reading, "%" PRId64, identifier);
    return entry->identifier != NULL;
}

static bool read_extid(struct reading *reading, struct acknowledgement *entry, const char *text)
{
    const char *wrong = value_check_extid(text);

    if (wrong != NULL)
        return refuse_entry(reading, HINT_INVALID, wrong);
    entry->identifier = talloc_strdup(reading, text);
    return entry->identifier != NULL;
}

static bool end_element(void *context, struct xml_element *element, char *text)
{
    struct reading *reading = context;
    const char *value;

    if (element->depth > 1 && element->data == NULL)
        return true;
    value = element->nil ? "" : text_trim(text);
    if (element->depth == 1)
        return *value == '\0' || add(reading, RANK_ROOT, HINT_INVALID, XPATH_PARTS(root_path),
                                     "Text is not allowed here.");
    if (*value == '\0')
        return refuse_entry(reading, HINT_REQUIRED, "A value is required.");
    return reading->external ? read_extid(reading, element->data, value)
                             : read_identifier(reading, element->data, value);
}

/* Reads the body; what is wrong with it is a refusal. */
static bool read_document(struct reading *reading)
{
    static const struct xml_handler handler = {.start = start_element, .end = end_element};
    struct request *request = reading->request;
    enum xml_status status;
    char *message = NULL;

    if (!request_read_body(request))
        return false;
    status = xml_read(request, request->body, request->body_length, request->charset, &handler,
                      reading, &message);
    if (status == XML_STOPPED)
        message = (char *)(uintptr_t)reading->wrong_root;
    if ((status == XML_MALFORMED || status == XML_STOPPED) && message != NULL)
        return refuse(&request->refusal, ERROR_MALFORMED_XML, message);
    if (status != XML_OK)
        return refuse_for_memory(&request->refusal);
    if (reading->count == 0 && !problems_add(reading->problems, RANK_FIRST_ENTRY, HINT_REQUIRED,
                                             entry_path, "Give at least one account."))
        return refuse_for_memory(&request->refusal);
    if (problems_count(reading->problems) > 0)
        return refuse_validation(&request->refusal, 400, reading->problems);
    return true;
}

/* The entries as JSON, [[identifier, version or null], …]. NULL: out of memory. */
static char *entries_json(struct reading *reading)
{
    json_t *pairs = json_array();
    bool added = pairs != NULL;

    for (unsigned i = 0; added && i < reading->count; i++) {
        const struct acknowledgement *entry = &reading->entries[i];
        json_t *pair = json_array();

        added = json_array_append_new(pair, json_string(entry->identifier)) == 0 &&
                json_array_append_new(pair, entry->version != NULL ? json_string(entry->version)
                                                                   : json_null()) == 0;
        added = json_array_append_new(pairs, pair) == 0 && added;
    }
    if (added)
        return json_text_write(reading, pairs);
    json_decref(pairs);
    return NULL;
}

/* Names every account that does not exist. Always refuses. */
static void refuse_unknown(struct reading *reading, const PGresult *missing)
{
    struct request *request = reading->request;
    char *message = talloc_strdup(request, "There is no account");

    for (int i = 0; i < PQntuples(missing); i++) {
        unsigned number = (unsigned)atoi(PQgetvalue(missing, i, 0));
        const char *identifier = reading->entries[number - 1].identifier;

        if (message != NULL)
            message = talloc_asprintf_append_buffer(message, "%s %s", i > 0 ? "," : "", identifier);
        if (message == NULL ||
            !refuse_numbered(reading, number, "", "", HINT_INVALID, "There is no such account.")) {
            refuse_for_memory(&request->refusal);
            return;
        }
    }
    message = talloc_strdup_append_buffer(message, ". Nothing was acknowledged.");
    if (message == NULL) {
        refuse_for_memory(&request->refusal);
        return;
    }
    refuse(&request->refusal, ERROR_UNKNOWN_ACCOUNT, message);
    request->refusal.problems = reading->problems;
}

static void acknowledge_all(struct request *request, struct reply *reply, bool external)
{
    struct step step = {.query = external ? &query_acknowledge_by_extid : &query_acknowledge};
    struct reading *reading = talloc_zero(request, struct reading);

    request_expect_xml(request);
    if (!access_read(request, NULL, 0))
        return;
    if (reading == NULL || (reading->problems = problems_new(reading)) == NULL) {
        refuse_for_memory(&request->refusal);
        return;
    }
    reading->request = request;
    reading->external = external;
    if (!read_document(reading))
        return;
    step.values[1] = entries_json(reading);
    if (step.values[1] == NULL) {
        refuse_for_memory(&request->refusal);
        return;
    }
    if (!access_write(request, &step, 1))
        return;
    if (PQntuples(step.result) > 0) {
        access_rollback(request);
        refuse_unknown(reading, step.result);
    } else if (access_commit(request)) {
        reply->status = 204;
    }
}

void acknowledge(struct request *request, struct reply *reply)
{
    acknowledge_all(request, reply, false);
}

void acknowledge_by_extid(struct request *request, struct reply *reply)
{
    acknowledge_all(request, reply, true);
}
