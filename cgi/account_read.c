/*
 * Bytes become an account: the elements of the body are matched with the table's rows as they come,
 * and what does not fit is recorded. The values themselves are checked later.
 */
#include "cgi/account.h"
#include "common/text.h"
#include "common/xml_reader.h"

#include <stdlib.h>
#include <string.h>

static const char detail_unknown[] = "There is no such element here.";
static const char detail_unknown_attribute[] = "There is no such attribute here.";
static const char detail_text[] = "Text is not allowed here.";
static const char detail_twice[] = "This is given twice.";

/* What an open element is to the table. */
struct node {
    enum { NODE_ROW, NODE_FIELD, NODE_COMMUNITY, NODE_IGNORED } role;
    size_t row;
    const char *path;
    const char *key;   /* of a field */
    const char *value; /* in an attribute */
};

static const char detail_type[] = "Give the type pref or voice.";

struct reading {
    struct request *request;
    struct account *account;
    bool seen[ACCOUNT_ROWS];
    unsigned typed_elements; /* those that @type tells apart */
    unsigned field_elements;
    struct node ignored;    /* of every element that is passed over */
    const char *wrong_root; /* a message, where the root is not an account */
};

static bool add(struct reading *reading, unsigned rank, enum hint hint, const char *path,
                const char *detail)
{
    return path != NULL && problems_add(reading->account->problems, rank, hint, path, detail);
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
        char *path;
        bool added;

        if (!attribute->foreign && text_in_list(attribute->name, known))
            continue;
        path = talloc_asprintf(reading->account, "%s/@%s", node->path, attribute->name);
        added = add(reading, account_rank_of_attribute(node->row), HINT_INVALID, path,
                    detail_unknown_attribute);
        talloc_free(path);
        if (!added)
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
    node->row = row;
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
                           enum hint hint, const char *path, const char *detail)
{
    element->data = &reading->ignored;
    return add(reading, rank, hint, path, detail);
}

static bool refuse_unknown(struct reading *reading, struct xml_element *element,
                           const struct node *parent)
{
    char *path = talloc_asprintf(reading->account, "%s/%s", parent->path, element->name);
    bool added = refuse_element(reading, element, account_rank_of_unknown(parent->row),
                                HINT_INVALID, path, detail_unknown);

    talloc_free(path);
    return added;
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
    const char *path;

    reading->typed_elements++;
    path = talloc_asprintf(reading->account, "%s/%s", parent->path, element->name);
    if (path == NULL)
        return false;
    if (type == NULL || is_blank(type)) {
        path = talloc_asprintf(reading->account, "%s[%u]/@type", path, reading->typed_elements);
        *row = ACCOUNT_ROWS;
        return refuse_element(reading, element, rank, HINT_REQUIRED, path, detail_type);
    }
    *row = account_row_of_type(first, type);
    if (*row != ACCOUNT_ROWS)
        return true;
    path = xpath_with_key(reading->account, path, "type", type);
    return refuse_element(reading, element, rank, HINT_INVALID, path, detail_type);
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
    node = open_node(reading, element, row, parent->path);
    if (node == NULL)
        return false;
    if (known->type != NULL) {
        node->path = xpath_with_key(reading->account, node->path, "type", known->type);
        if (node->path == NULL)
            return false;
    }
    if (reading->seen[row])
        return refuse_element(reading, element, account_rank(row), HINT_DUPLICATE, node->path,
                              detail_twice);
    reading->seen[row] = true;
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
        row = account_row_child(parent->row, element->name);
    if (row == ACCOUNT_ROWS)
        return refuse_unknown(reading, element, parent);
    if (account_rows[row].type != NULL && !choose_by_type(reading, element, parent, &row))
        return false;
    if (row == ACCOUNT_ROWS)
        return true;
    return start_known(reading, element, parent, row);
}

/* A field of additional-fields: told apart by its key, by its place where it has none. */
static bool start_field(struct reading *reading, struct xml_element *element,
                        const struct node *parent)
{
    unsigned rank = account_rank_of_entry(parent->row);
    const char *key = find_attribute(element, "key");
    struct node *node;

    if (element->foreign || strcmp(element->name, "field") != 0)
        return refuse_unknown(reading, element, parent);
    reading->field_elements++;
    if (key == NULL || is_blank(key)) {
        const char *path = talloc_asprintf(reading->account, "%s/field[%u]/@key", parent->path,
                                           reading->field_elements);

        return refuse_element(reading, element, rank, HINT_REQUIRED, path,
                              "Give the key of an additional field.");
    }
    node = open_node(reading, element, parent->row, parent->path);
    if (node == NULL)
        return false;
    node->role = NODE_FIELD;
    node->key = talloc_strdup(node, key);
    node->path = xpath_with_key(node, node->path, "key", key);
    if (node->key == NULL || node->path == NULL)
        return false;
    return refuse_attributes(reading, element, node, "key label");
}

static bool start_community(struct reading *reading, struct xml_element *element,
                            const struct node *parent)
{
    struct node *node;

    if (element->foreign || strcmp(element->name, "community") != 0)
        return refuse_unknown(reading, element, parent);
    node = open_node(reading, element, parent->row, parent->path);
    if (node == NULL)
        return false;
    node->role = NODE_COMMUNITY;
    reading->account->community_elements++;
    return refuse_attributes(reading, element, node, "");
}

static bool start_element(void *context, struct xml_element *element)
{
    struct reading *reading = context;
    const struct node *parent;

    if (element->parent == NULL)
        return start_root(reading, element);
    parent = element->parent->data;
    if (parent->role == NODE_IGNORED) {
        element->data = element->parent->data;
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
    return is_blank(text) ||
           add(reading, account_rank(node->row), HINT_INVALID, node->path, detail_text);
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
        for (size_t i = node->row + 1; i < account_row_end(node->row); i++)
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
    struct account_field *field;
    char *value = talloc_strdup(account, text);

    account->fields =
        with_room(account, account->fields, account->field_count, sizeof *account->fields);
    if (value == NULL || account->fields == NULL)
        return false;
    field = &account->fields[account->field_count++];
    *field = (struct account_field){.key = node->key, .path = node->path, .value = value};
    return true;
}

static bool end_community(struct reading *reading, const char *text)
{
    struct account *account = reading->account;
    char *key;

    if (*text == '\0')
        return true;
    key = talloc_strdup(account, text);
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
    const char *value = element->nil ? "" : trim_value(node, text);

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

    if (account == NULL || (account->problems = problems_new(account)) == NULL) {
        refuse_for_memory(&request->refusal);
        return NULL;
    }
    if (!request_read_body(request))
        return NULL;
    status = xml_read(request, request->body, request->body_length, request->charset, &handler,
                      &reading, &message);
    if (status != XML_OK)
        return refuse_document(&reading, status, message);
    return account;
}
