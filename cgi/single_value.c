#include "cgi/single_value.h"

#include "common/text.h"
#include "common/xml_reader.h"

#include <string.h>

struct reading {
    struct request *request;
    struct single_value *single;
    const char *root;
    const char *root_path;
    const char *child;
    bool seen;
    const char *wrong_root; /* a message, where the root is another */
};

static bool add(struct reading *reading, unsigned rank, const char *path, const char *step,
                const char *name, const char *detail)
{
    return problems_add_named(reading->single->problems, rank, HINT_INVALID, path, step, name,
                              detail);
}

static bool refuse_attributes(struct reading *reading, const struct xml_element *element,
                              const char *path, unsigned rank)
{
    for (size_t i = 0; i < element->attribute_count; i++)
        if (!add(reading, rank, path, "/@", element->attributes[i].name,
                 "There is no such attribute here."))
            return false;
    return true;
}

static bool start_root(struct reading *reading, struct xml_element *element)
{
    if (element->foreign || strcmp(element->name, reading->root) != 0) {
        reading->wrong_root =
            talloc_asprintf(reading->request, "The root element must be %s (line %lu).",
                            reading->root, element->line);
        return false;
    }
    return refuse_attributes(reading, element, reading->root_path, SINGLE_RANK_ROOT);
}

/* Elements deeper than the value are those of an element that is refused or of the value itself. */
static bool start_element(void *context, struct xml_element *element)
{
    struct reading *reading = context;
    struct single_value *single = reading->single;
    bool known;

    if (element->depth == 1)
        return start_root(reading, element);
    known = element->depth == 2 && !element->foreign && strcmp(element->name, reading->child) == 0;
    if (element->depth == 2 && !known)
        return add(reading, SINGLE_RANK_UNKNOWN, reading->root_path, "/", element->name,
                   "There is no such element here.");
    if (element->depth == 3 && element->parent->data != NULL)
        return add(reading, SINGLE_RANK_UNKNOWN, single->path, "/", element->name,
                   "There is no such element here.");
    if (!known)
        return true;
    if (reading->seen)
        return problems_add(single->problems, SINGLE_RANK_VALUE, HINT_DUPLICATE, single->path,
                            "This is given twice.");
    reading->seen = true;
    element->data = single;
    return refuse_attributes(reading, element, single->path, SINGLE_RANK_VALUE);
}

static bool end_element(void *context, struct xml_element *element, char *text)
{
    struct reading *reading = context;

    if (element->depth == 1 && *text_trim(text) != '\0')
        return add(reading, SINGLE_RANK_ROOT, reading->root_path, "", "",
                   "Text is not allowed here.");
    if (element->data == NULL)
        return true;
    reading->single->value = talloc_strdup(reading->single, element->nil ? "" : text_trim(text));
    return reading->single->value != NULL;
}

static struct single_value *refuse_document(struct reading *reading, enum xml_status status,
                                            const char *message)
{
    if (status == XML_STOPPED)
        message = reading->wrong_root;
    else if (status != XML_MALFORMED)
        message = NULL;
    if (message != NULL)
        refuse(&reading->request->refusal, ERROR_MALFORMED_XML, message);
    else
        refuse_for_memory(&reading->request->refusal);
    return NULL;
}

struct single_value *single_value_read(struct request *request, const char *root, const char *child)
{
    static const struct xml_handler handler = {.start = start_element, .end = end_element};
    struct single_value *single = talloc_zero(request, struct single_value);
    struct reading reading = {.request = request, .single = single, .root = root, .child = child};
    enum xml_status status;
    char *message = NULL;

    if (single != NULL) {
        single->value = "";
        single->path = talloc_asprintf(single, "/%s/%s", root, child);
        single->problems = problems_new(single);
        reading.root_path = talloc_asprintf(single, "/%s", root);
    }
    if (single == NULL || reading.root_path == NULL || single->path == NULL ||
        single->problems == NULL) {
        refuse_for_memory(&request->refusal);
        return NULL;
    }
    if (!request_read_body(request))
        return NULL;
    status = xml_read(request, request->body, request->body_length, request->charset, &handler,
                      &reading, &message);
    return status == XML_OK ? single : refuse_document(&reading, status, message);
}
