#include "cgi/route.h"

#include "cgi/operations.h"
#include "common/text.h"

#include <stdio.h>
#include <string.h>

static const struct operation operations[] = {
    {"create", "POST", "customers", "", PERMISSION_WRITE, create},
    {"list", "GET", "customers", "acked limit offset after identifier extid changed-after",
     PERMISSION_READ, list},
    {"find", "GET", "customers/by-additional-field/{key}/{value}", "limit offset after",
     PERMISSION_READ, find_by_field},
    {"find", "GET", "customers/by-additional-field/{key}", "value limit offset after",
     PERMISSION_READ, find_by_field},
    {"find", "GET", "customers/by_email/{community}/{email}", "", PERMISSION_READ, find_by_email},
    {"acknowledge", "POST", "customers/acked", "", PERMISSION_ACKNOWLEDGE, acknowledge},
    {"acknowledge", "POST", "customers/external/acked", "", PERMISSION_ACKNOWLEDGE,
     acknowledge_by_extid},
    {"show", "GET", "customers/{identifier}", "", PERMISSION_READ, show},
    {"show", "GET", "customers/extid/{extid}", "", PERMISSION_READ, show},
    {"update", "PUT", "customers/{identifier}", "", PERMISSION_WRITE, update},
    {"update", "PUT", "customers/extid/{extid}", "", PERMISSION_WRITE, update},
    {"login", "PUT", "customers/{identifier}/change-login", "", PERMISSION_WRITE, login},
    {"login", "PUT", "customers/extid/{extid}/change-login", "", PERMISSION_WRITE, login},
    {"extid", "POST", "customers/{identifier}/extid", "", PERMISSION_WRITE, set_extid},
    {"extid", "DELETE", "customers/{identifier}/extid", "", PERMISSION_WRITE, remove_extid},
    {"comments", "GET", "customers/{identifier}/comments", "limit before", PERMISSION_READ,
     comments},
    {"comments", "GET", "customers/extid/{extid}/comments", "limit before", PERMISSION_READ,
     comments},
    {"comment", "POST", "customers/{identifier}/comments", "", PERMISSION_WRITE, comment},
    {"comment", "POST", "customers/extid/{extid}/comments", "", PERMISSION_WRITE, comment},
    {"schema", "GET", "leap-ws-v1.0.xsd", "", PERMISSION_NONE, schema},
};

/* Outside the API: the web server says who may ask. */
static const struct operation health_check = {"health", "GET", "", "", PERMISSION_NONE, health};

enum { OPERATIONS = sizeof operations / sizeof operations[0] };

static const char *const base[] = {"api", "v1"};

enum { BASE_SEGMENTS = sizeof base / sizeof base[0], ALLOW_BYTES = 64 };

/* Words that stand where an identifier could: they are never taken for one. */
static bool is_reserved(const char *segment)
{
    static const char *const words[] = {"acked", "external", "extid", "by-additional-field",
                                        "by_email"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(segment, words[i]) == 0)
            return true;
    return false;
}

/* Whether a decoded segment fits one piece of an operation's path; a value is put into *value. */
static bool segment_fits(char *segment, const char *piece, size_t length, char **value)
{
    *value = NULL;
    if (*piece != '{')
        return strlen(segment) == length && memcmp(segment, piece, length) == 0;
    if (*segment == '\0')
        return false;
    if (strncmp(piece, "{identifier}", length) == 0 && is_reserved(segment))
        return false;
    *value = segment;
    return true;
}

static bool path_fits(const struct uri_path *path, const char *pattern, char *values[ROUTE_VALUES])
{
    size_t segment = BASE_SEGMENTS;
    size_t count = 0;

    while (*pattern != '\0') {
        size_t length = strcspn(pattern, "/");
        char *value;

        if (segment == path->count ||
            !segment_fits(path->segments[segment], pattern, length, &value))
            return false;
        if (value != NULL)
            values[count++] = value;
        segment++;
        pattern += length + (pattern[length] == '/');
    }
    return segment == path->count;
}

static bool under_base(const struct uri_path *path)
{
    for (size_t i = 0; i < BASE_SEGMENTS; i++)
        if (i >= path->count || strcmp(path->segments[i], base[i]) != 0)
            return false;
    return true;
}

static bool method_fits(const char *method, const struct operation *operation)
{
    if (strcmp(method, operation->method) == 0)
        return true;
    return strcmp(method, "HEAD") == 0 && strcmp(operation->method, "GET") == 0;
}

static void allow(char list[ALLOW_BYTES], const char *method)
{
    size_t used = strlen(list);

    snprintf(list + used, ALLOW_BYTES - used, "%s%s%s", used > 0 ? ", " : "", method,
             strcmp(method, "GET") == 0 ? ", HEAD" : "");
}

static bool is_health_check(const struct request *request)
{
    return request->may_check_health && request->path.count == 1 &&
           strcmp(request->path.segments[0], "healthz") == 0;
}

/* Only the value of an additional field may hold control characters (it can have line breaks). */
static void check_value(struct request *request, const char *value, bool of_field)
{
    if (!of_field && text_has_control(value))
        refuse(&request->refusal, ERROR_MALFORMED_REQUEST,
               "A value in the path or query holds control characters.");
}

static void take_values(struct request *request, char *const values[ROUTE_VALUES])
{
    const char *name = strchr(request->operation->path, '{');

    for (size_t i = 0; name != NULL; i++) {
        request->values[i] = text_trim(values[i]);
        check_value(request, request->values[i], strncmp(name, "{value}", 7) == 0);
        name = strchr(name + 1, '{');
    }
}

static void check_query(struct request *request)
{
    struct uri_form *query = &request->query;

    if (request->query_malformed)
        refuse(&request->refusal, ERROR_MALFORMED_REQUEST, "The query is not form-encoded UTF-8.");
    for (size_t i = 0; i < query->count; i++) {
        struct uri_parameter *parameter = &query->parameters[i];

        parameter->value = text_trim(parameter->value);
        check_value(request, parameter->value, strcmp(parameter->name, "value") == 0);
        if (!text_in_list(parameter->name, request->operation->parameters))
            refuse(&request->refusal, ERROR_MALFORMED_REQUEST,
                   "The query holds a parameter that this operation does not know.");
        if (request_parameter(request, parameter->name) != parameter->value &&
            strcmp(parameter->name, "extid") != 0)
            refuse(&request->refusal, ERROR_MALFORMED_REQUEST,
                   "The query holds a parameter twice.");
    }
}

bool route_find(struct request *request)
{
    char *values[ROUTE_VALUES] = {NULL};
    char methods[ALLOW_BYTES] = "";

    if (is_health_check(request)) {
        request->operation = &health_check;
        return true;
    }
    for (size_t i = 0; under_base(&request->path) && i < OPERATIONS; i++) {
        if (!path_fits(&request->path, operations[i].path, values))
            continue;
        if (method_fits(request->method, &operations[i])) {
            request->operation = &operations[i];
            take_values(request, values);
            check_query(request);
            return true;
        }
        allow(methods, operations[i].method);
    }
    if (methods[0] == '\0') {
        refuse(&request->refusal, ERROR_UNKNOWN_PATH, "There is nothing at this path.");
        return true;
    }
    refuse(&request->refusal, ERROR_METHOD_NOT_ALLOWED,
           "This path does not have this method; see Allow.");
    allow(methods, "OPTIONS");
    request->allow = talloc_strdup(request, methods);
    return request->allow != NULL;
}

bool route_is_options(const struct request *request)
{
    return request->allow != NULL && strcmp(request->method, "OPTIONS") == 0;
}
