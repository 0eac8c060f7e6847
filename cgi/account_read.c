/*
 * Bytes become an account: the elements of the body are matched with the table's rows as they come,
 * and what does not fit is recorded. The values themselves are checked later.
 */
#include "cgi/account.h"
#include "common/text.h"
#include "common/text_pool.h"
#include "common/xml_reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_SIZE = 16 };

static const char detail_unknown[] = "There is no such element here.";
static const char detail_unknown_attribute[] = "There is no such attribute here.";
static const char detail_text[] = "Text is not allowed here.";
static const char detail_twice[] = "This is given twice.";

/* What an open element is to the table. */
struct node {
    enum { NODE_ROW, NODE_FIELD, NODE_COMMUNITY, NODE_IGNORED } role;
    size_t row;
    unsigned rank_of_unknown;
    const char *path;  /* of a field NULL, until it is asked for */
    const char *key;   /* of a field, the element's own */
    const char *value; /* in an attribute */
};

static const char detail_type[] = "Give the type pref or voice.";

struct reading {
    struct request *request;
    struct account *account;
    struct text_pool *entries; /* what fields and communities hold */
    size_t ends[ACCOUNT_ROWS]; /* account_row_ends */
    bool seen[ACCOUNT_ROWS];
    unsigned typed_elements; /* those that @type tells apart */
    unsigned field_elements;
    const char *unknown; /* the name of the last unknown element; its reader keeps each once */
    const struct node *unknown_parent;
    struct node ignored;    /* of every element that is passed over */
    struct node entry;      /* of the field or community that is open: there is one at a time */
    const char *wrong_root; /* a message, where the root is not an account */
};

static bool add(struct reading *reading, unsigned rank, enum hint hint, const char *const path[],
                const char *detail)
{
    return problems_add_parts(reading->account->problems, rank, hint, path, detail);
}

/* Records what is not known in an open element. The path of a field is seldom needed, and does not
 * stay. */
static bool add_named(struct reading *reading, unsigned rank, const struct node *node,
                      const char *step, const char *name, const char *detail)
{
    if (node->role != NODE_FIELD)
        return problems_add_named(reading->account->problems, rank, HINT_INVALID, node->path, step,
                                  name, detail);
    if (reading->entry.path == NULL)
        reading->entry.path =
            xpath_with_key(reading->account, ACCOUNT_FIELD_PATH, "key", node->key);
    return reading->entry.path != NULL &&
           add(reading, rank, HINT_INVALID, XPATH_PARTS(reading->entry.path, step, name), detail);
}

static const char *find_attribute(const struct xml_element *element, const char *name)
{
    for (size_t i = 0; i < element->attribute_count; i++)
        if (!element->attributes[i].foreign && strcmp(element->attributes[i].name, name) == 0)
            return element->attributes[i].value;
    return NULL;
}

/* Whether a value is only XML's white space, which is the same as none. */
static bool is_blank(const char *value)
{
    return value[strspn(value, " \t\r\n")] == '\0';
}

/* Records every attribute that is not one of the known ones (separated by spaces). */
static bool refuse_attributes(struct reading *reading, const struct xml_element *element,
                              const struct node *node, const char *known)
{
    for (size_t i = 0; i < element->attribute_count; i++) {
        const struct xml_attribute_value *attribute = &element->attributes[i];

        if (!attribute->foreign && text_in_list(attribute->name, known))
            continue;
        if (!add_named(reading, account_rank_of_attribute(node->row), node, "/@", attribute->name,
                       detail_unknown_attribute))
            return false;
    }
    return true;
}

static struct node *open_node(struct reading *reading, struct xml_element *element, size_t row,
                              const char *parent_path)
{
    struct node *node = talloc_zero(reading->account, struct node);

    if (node == NULL)
        return NULL;
    reading->unknown_parent = NULL;
    node->row = row;
    node->rank_of_unknown = account_rank_of_unknown(row);
    node->path = talloc_asprintf(node, "%s/%s", parent_path, element->name);
    if (node->path == NULL)
        return NULL;
    element->data = node;
    return node;
}

static bool start_root(struct reading *reading, struct xml_element *element)
{
    struct account *account = reading->account;
    struct node *node = open_node(reading, element, ACCOUNT_ROOT, "");
    const char *extid = find_attribute(element, "extid");
    const char *identifier = find_attribute(element, "identifier");

    if (node == NULL)
        return false;
    if (element->foreign || strcmp(element->name, "account") != 0) {
        reading->wrong_root = talloc_asprintf(
            reading->request, "The root element must be account (line %lu).", element->line);
        return false;
    }
    if (extid != NULL) {
        char *copy = talloc_strdup(account, extid);

        if (copy == NULL)
            return false;
        account->values[ACCOUNT_EXTID] = text_trim(copy);
    }
    if (identifier != NULL) {
        account->identifier = talloc_strdup(account, is_blank(identifier) ? "" : identifier);
        if (account->identifier == NULL)
            return false;
    }
    return refuse_attributes(reading, element, node, "extid identifier ref unacked-since version");
}

/* Records one problem with the element that is being opened, and ignores what is in it. */
static bool refuse_element(struct reading *reading, struct xml_element *element, unsigned rank,
                           enum hint hint, const char *const path[], const char *detail)
{
    element->data = &reading->ignored;
    return add(reading, rank, hint, path, detail);
}

static bool refuse_unknown(struct reading *reading, struct xml_element *element,
                           const struct node *parent)
{
    element->data = &reading->ignored;
    reading->unknown = element->name;
    reading->unknown_parent = element->foreign ? NULL : parent;
    return add_named(reading, parent->rank_of_unknown, parent, "/", element->name, detail_unknown);
}

/* Records that the n-th of the elements of this name lacks the attribute that tells them apart. */
static bool refuse_without(struct reading *reading, struct xml_element *element, unsigned rank,
                           const struct node *parent, unsigned number, const char *attribute,
                           const char *detail)
{
    char digits[NUMBER_SIZE];

    if (problems_full(reading->account->problems, rank))
        return refuse_element(reading, element, rank, HINT_REQUIRED, XPATH_PARTS(""), detail);
    snprintf(digits, sizeof digits, "%u", number);
    return refuse_element(
        reading, element, rank, HINT_REQUIRED,
        XPATH_PARTS(parent->path, "/", element->name, "[", digits, "]/@", attribute), detail);
}

/* Records a @type that no row has. */
static bool refuse_type(struct reading *reading, struct xml_element *element, unsigned rank,
                        const struct node *parent, const char *type)
{
    char *path = NULL;
    bool refused;

    if (problems_full(reading->account->problems, rank))
        return refuse_element(reading, element, rank, HINT_INVALID, XPATH_PARTS(""), detail_type);
    path = xpath_with_key(reading->account, element->name, "type", type);
    refused = path != NULL && refuse_element(reading, element, rank, HINT_INVALID,
                                             XPATH_PARTS(parent->path, "/", path), detail_type);
    talloc_free(path);
    return refused;
}

/*
 * Chooses among rows of one element by its @type. False: there is no such row (a problem is
 * recorded, and *row is ACCOUNT_ROWS), or out of memory.
 */
static bool choose_by_type(struct reading *reading, struct xml_element *element,
                           const struct node *parent, size_t *row)
{
    const char *type = find_attribute(element, "type");
    unsigned rank = account_rank_of_unknown(*row);
    size_t first = *row;

    reading->typed_elements++;
    if (type == NULL || is_blank(type)) {
        *row = ACCOUNT_ROWS;
        return refuse_without(reading, element, rank, parent, reading->typed_elements, "type",
                              detail_type);
    }
    *row = account_row_of_type(first, type);
    return *row != ACCOUNT_ROWS || refuse_type(reading, element, rank, parent, type);
}

/* Records that an element is there a second time. */
static bool refuse_twice(struct reading *reading, struct xml_element *element,
                         const struct node *parent, size_t row)
{
    const char *type = account_rows[row].type;
    bool typed = type != NULL;

    return refuse_element(reading, element, account_rank(row), HINT_DUPLICATE,
                          XPATH_PARTS(parent->path, "/", element->name, typed ? "[@type='" : "",
                                      typed ? type : "", typed ? "']" : ""),
                          detail_twice);
}

/* An element that the table has. */
static bool start_known(struct reading *reading, struct xml_element *element,
                        const struct node *parent, size_t row)
{
    const struct account_row *known = &account_rows[row];
    struct node *node;

    if (known->kind == KIND_READ_ONLY) {
        element->data = &reading->ignored;
        return true;
    }
    if (reading->seen[row])
        return refuse_twice(reading, element, parent, row);
    reading->seen[row] = true;
    node = open_node(reading, element, row, parent->path);
    if (node == NULL)
        return false;
    if (known->type != NULL) {
        node->path = xpath_with_key(reading->account, node->path, "type", known->type);
        if (node->path == NULL)
            return false;
    }
    if (known->attribute != NULL) {
        const char *value = find_attribute(element, known->attribute);

        node->value = talloc_strdup(node, value == NULL || is_blank(value) ? "" : value);
        if (node->value == NULL)
            return false;
    }
    if (known->kind == KIND_COMMUNITIES)
        reading->account->communities_given = true;
    return refuse_attributes(reading, element, node,
                             known->attribute != NULL ? known->attribute
                             : known->type != NULL    ? "type"
                                                      : "");
}

static bool start_child(struct reading *reading, struct xml_element *element,
                        const struct node *parent)
{
    size_t row = ACCOUNT_ROWS;

    if (!element->foreign)
        row = account_row_child(reading->ends, parent->row, element->name);
    if (row == ACCOUNT_ROWS)
        return refuse_unknown(reading, element, parent);
    if (account_rows[row].type != NULL && !choose_by_type(reading, element, parent, &row))
        return false;
    if (row == ACCOUNT_ROWS)
        return true;
    return start_known(reading, element, parent, row);
}

/* Opens an entry of a list. Its node is the one that all entries have in turn. */
static struct node *open_entry(struct reading *reading, struct xml_element *element,
                               const struct node *entry)
{
    reading->entry = *entry;
    reading->unknown_parent = NULL;
    element->data = &reading->entry;
    return &reading->entry;
}

/* A field of additional-fields: told apart by its key, by its place where it has none. */
static bool start_field(struct reading *reading, struct xml_element *element,
                        const struct node *parent)
{
    const char *key = find_attribute(element, "key");
    const struct node field = {.role = NODE_FIELD,
                               .row = parent->row,
                               .rank_of_unknown = parent->rank_of_unknown,
                               .key = key};

    if (element->foreign || strcmp(element->name, "field") != 0)
        return refuse_unknown(reading, element, parent);
    reading->field_elements++;
    if (key == NULL || is_blank(key))
        return refuse_without(reading, element, account_rank_of_entry(parent->row), parent,
                              reading->field_elements, "key",
                              "Give the key of an additional field.");
    return refuse_attributes(reading, element, open_entry(reading, element, &field), "key label");
}

static bool start_community(struct reading *reading, struct xml_element *element,
                            const struct node *parent)
{
    const struct node community = {.role = NODE_COMMUNITY,
                                   .row = parent->row,
                                   .rank_of_unknown = parent->rank_of_unknown,
                                   .path = ACCOUNT_COMMUNITY_PATH};

    if (element->foreign || strcmp(element->name, "community") != 0)
        return refuse_unknown(reading, element, parent);
    reading->account->community_elements++;
    return refuse_attributes(reading, element, open_entry(reading, element, &community), "");
}

/* Whether it is as the element before it, whose problem is recorded: hostile documents have a
 * hundred thousand. */
static bool is_unknown_again(const struct reading *reading, const struct xml_element *element,
                             const struct node *parent)
{
    return reading->unknown_parent == parent && reading->unknown == element->name &&
           !element->foreign;
}

static bool start_element(void *context, struct xml_element *element)
{
    struct reading *reading = context;
    const struct node *parent;

    if (element->parent == NULL)
        return start_root(reading, element);
    parent = element->parent->data;
    if (parent->role == NODE_IGNORED || is_unknown_again(reading, element, parent)) {
        element->data = &reading->ignored;
        return true;
    }
    if (parent->role != NODE_ROW)
        return refuse_unknown(reading, element, parent);
    if (account_rows[parent->row].kind == KIND_FIELDS)
        return start_field(reading, element, parent);
    if (account_rows[parent->row].kind == KIND_COMMUNITIES)
        return start_community(reading, element, parent);
    return start_child(reading, element, parent);
}

/* Text between elements, or beside a value that is in an attribute, means nothing and is refused.
 */
static bool refuse_text(struct reading *reading, const struct node *node, const char *text)
{
    return is_blank(text) || add(reading, account_rank(node->row), HINT_INVALID,
                                 XPATH_PARTS(node->path), detail_text);
}

static bool end_row(struct reading *reading, const struct node *node, const char *text)
{
    struct account *account = reading->account;

    switch (account_rows[node->row].kind) {
    case KIND_CONTAINER:
    case KIND_FIELDS:
    case KIND_COMMUNITIES:
        return refuse_text(reading, node, text);
    case KIND_ADDRESS:
        for (size_t i = node->row + 1; i < reading->ends[node->row]; i++)
            if (account->values[i] == NULL)
                account->values[i] = "";
        return refuse_text(reading, node, text);
    default:
        break;
    }
    if (account_rows[node->row].attribute != NULL) {
        account->values[node->row] = node->value;
        return refuse_text(reading, node, text);
    }
    account->values[node->row] = talloc_strdup(account, text);
    return account->values[node->row] != NULL;
}

/* An array with room for one more than `count` elements: it doubles as it grows. NULL: out of
 * memory. */
static void *with_room(struct account *account, void *array, unsigned count, size_t size)
{
    if (array != NULL && (count & (count - 1)) != 0)
        return array;
    return talloc_realloc_size(account, array, (count > 0 ? 2 * (size_t)count : 1) * size);
}

static bool end_field(struct reading *reading, const struct node *node, const char *text)
{
    struct account *account = reading->account;
    const char *key = text_pool_keep(reading->entries, node->key);
    const char *value = text_pool_keep(reading->entries, text);

    talloc_free((void *)(uintptr_t)node->path);
    account->fields =
        with_room(account, account->fields, account->field_count, sizeof *account->fields);
    if (key == NULL || value == NULL || account->fields == NULL)
        return false;
    account->fields[account->field_count++] = (struct account_field){.key = key, .value = value};
    return true;
}

static bool end_community(struct reading *reading, const char *text)
{
    struct account *account = reading->account;
    char *key;

    /* An account has one: what makes no problem of its own is of no use. */
    if (*text == '\0' || account->community_count > PROBLEMS_MAXIMUM)
        return true;
    key = text_pool_keep(reading->entries, text);
    account->communities = with_room(account, account->communities, account->community_count,
                                     sizeof *account->communities);
    if (key == NULL || account->communities == NULL)
        return false;
    account->communities[account->community_count].key = key;
    account->communities[account->community_count].position = account->community_elements;
    account->community_count++;
    return true;
}

/* A password is taken as it was sent; everything else without the white space around it. */
static char *trim_value(const struct node *node, char *text)
{
    if (node->role == NODE_ROW && account_rows[node->row].kind == KIND_PASSWORD && !is_blank(text))
        return text;
    return text_trim(text);
}

static bool end_element(void *context, struct xml_element *element, char *text)
{
    struct reading *reading = context;
    const struct node *node = element->data;
    const char *value;

    if (node->role == NODE_IGNORED)
        return true;
    value = element->nil ? "" : trim_value(node, text);
    switch (node->role) {
    case NODE_ROW:
        return end_row(reading, node, value);
    case NODE_FIELD:
        return end_field(reading, node, value);
    case NODE_COMMUNITY:
        return end_community(reading, value);
    default:
        return true;
    }
}

/* Refuses a body that is no account document. */
static struct account *refuse_document(struct reading *reading, enum xml_status status,
                                       const char *message)
{
    if (status == XML_STOPPED && reading->wrong_root != NULL)
        message = reading->wrong_root;
    else if (status != XML_MALFORMED)
        message = NULL;
    if (message != NULL)
        refuse(&reading->request->refusal, ERROR_MALFORMED_XML, message);
    else
        refuse_for_memory(&reading->request->refusal);
    return NULL;
}

struct account *account_read(struct request *request)
{
    static const struct xml_handler handler = {.start = start_element, .end = end_element};
    struct account *account = talloc_zero(request, struct account);
    struct reading reading = {
        .request = request, .account = account, .ignored = {.role = NODE_IGNORED}};
    enum xml_status status;
    char *message = NULL;

    if (account == NULL || (account->problems = problems_new(account)) == NULL ||
        (reading.entries = text_pool_new(account)) == NULL) {
        refuse_for_memory(&request->refusal);
        return NULL;
    }
    if (!request_read_body(request))
        return NULL;
    account_row_ends(reading.ends);
    status = xml_read(request, request->body, request->body_length, request->charset, &handler,
                      &reading, &message);
    if (status != XML_OK)
        return refuse_document(&reading, status, message);
    return account;
}
