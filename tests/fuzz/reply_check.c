#include "tests/fuzz/reply_check.h"

#include "cgi/reply.h"
#include "common/text.h"

#include <assert.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xpath.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* The API's codes, with the status that each comes with; validation has two. */
static const struct {
    const char *code;
    int status;
} codes[] = {
    {"malformed-request", 400},
    {"malformed-xml", 400},
    {"malformed-identifier", 400},
    {"unknown-key", 400},
    {"validation", 400},
    {"validation", 409},
    {"unauthenticated", 401},
    {"not-permitted", 403},
    {"account-limit", 403},
    {"unknown-host", 404},
    {"unknown-path", 404},
    {"unknown-account", 404},
    {"inactive-account", 404},
    {"method-not-allowed", 405},
    {"extid-in-use", 409},
    {"key-in-progress", 409},
    {"precondition-failed", 412},
    {"too-large", 413},
    {"unsupported-media-type", 415},
    {"key-reused", 422},
};

static bool is_code_of(const char *code, int status)
{
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (codes[i].status == status && strcmp(codes[i].code, code) == 0)
            return true;
    return false;
}

/* A line break that came from a request would begin a line that is no header field of the API's. */
static void check_head(struct exchange *exchange)
{
    static const char names[] =
        "Status Content-Type Content-Length Cache-Control X-Content-Type-Options ETag Link "
        "Location Allow WWW-Authenticate Retry-After Idempotency-Replayed";

    for (const char *line = exchange->head; *line != '\0'; line = strstr(line, "\r\n") + 2) {
        size_t length = strcspn(line, "\r\n");
        char *name = talloc_strndup(exchange, line, strcspn(line, ":"));

        assert(line[length] == '\r' && line[length + 1] == '\n');
        assert(text_is_utf8(line, length));
        assert(text_in_list(name, names));
        talloc_free(name);
    }
}

/* An attribute's value; it has to be there and not empty. */
static char *attribute(struct exchange *exchange, xmlNode *element, const char *name)
{
    xmlChar *value = xmlGetNoNsProp(element, (const xmlChar *)name);
    char *copy;

    assert(value != NULL && *value != '\0');
    copy = talloc_strdup(exchange, (const char *)value);
    assert(copy != NULL);
    xmlFree(value);
    return copy;
}

static void check_field(struct exchange *exchange, xmlNode *field)
{
    char *xpath = attribute(exchange, field, "xpath");
    xmlXPathCompExpr *compiled;

    /* libxml2's XPath does not know all the letters that XML has for names. */
    for (char *c = xpath; *c != '\0'; c++)
        if ((*c & 0x80) != 0)
            *c = 'x';
    compiled = xmlXPathCompile((const xmlChar *)xpath);

    assert(xpath[0] == '/' && compiled != NULL);
    xmlXPathFreeCompExpr(compiled);
    assert(
        text_in_list(attribute(exchange, field, "errorhint"), "required invalid duplicate weak"));
    attribute(exchange, field, "detail");
}

static void check_error(struct exchange *exchange, xmlNode *root)
{
    const char *code = attribute(exchange, root, "code");
    xmlNode *message = xmlFirstElementChild(root);
    xmlNode *fields = xmlNextElementSibling(message);
    unsigned long count = xmlChildElementCount(fields);
    xmlChar *text = xmlNodeGetContent(message);

    assert(is_code_of(code, exchange->status));
    assert(strcmp((const char *)message->name, "message") == 0 && *text != '\0');
    assert(strcmp((const char *)fields->name, "field-errors") == 0);
    assert(xmlNextElementSibling(fields) == NULL);
    assert(count <= 100);
    assert((count > 0) == (strcmp(code, "validation") == 0) ||
           strcmp(code, "unknown-account") == 0);
    for (xmlNode *field = xmlFirstElementChild(fields); field != NULL;
         field = xmlNextElementSibling(field))
        check_field(exchange, field);
    xmlFree(text);
}

static void check_document(struct exchange *exchange)
{
    xmlDoc *document = xmlReadMemory(exchange->body, (int)exchange->body_length, NULL, NULL,
                                     XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    xmlNode *root = xmlDocGetRootElement(document);
    bool is_error = root != NULL && strcmp((const char *)root->name, "error") == 0;

    assert(root != NULL && root->ns != NULL);
    assert(is_error == (exchange->status >= 400));
    /* The XML Schema is the one document of another namespace. */
    if (strcmp((const char *)root->name, "schema") != 0)
        assert(strcmp((const char *)root->ns->href, LEAP_NAMESPACE) == 0);
    if (is_error)
        check_error(exchange, root);
    xmlFreeDoc(document);
}

/*
 * Whether the same document came with this status before; remembers it by its hash. Most replies
 * are one of few, and taking one apart costs more than all the rest of a request.
 */
static bool is_known(const struct exchange *exchange)
{
    static uint64_t known[4096];
    uint64_t hash = UINT64_C(14695981039346656037) + (uint64_t)exchange->status; /* FNV-1a */
    uint64_t *place;

    for (size_t i = 0; i < exchange->body_length; i++)
        hash = (hash ^ (unsigned char)exchange->body[i]) * UINT64_C(1099511628211);
    place = &known[hash % (sizeof known / sizeof known[0])];
    if (*place == hash)
        return true;
    *place = hash;
    return false;
}

void reply_check(struct exchange *exchange)
{
    int status = exchange->status;
    const char *length = exchange_header(exchange, "Content-Length");
    const char *type = exchange_header(exchange, "Content-Type");

    check_head(exchange);
    assert(status == 200 || status == 201 || status == 204 || status == 304 || status >= 400);
    assert((status == 204 || status == 304) == (length == NULL));
    if (length == NULL || strcmp(exchange->method, "HEAD") == 0) {
        assert(exchange->body_length == 0);
        return;
    }
    assert(strtoul(length, NULL, 10) == exchange->body_length);
    assert(type != NULL && strcmp(type, "application/xml; charset=UTF-8") == 0);
    if (!is_known(exchange))
        check_document(exchange);
}
