#include "common/authentication.h"
#include "common/json_text.h"
#include "common/password.h"
#include "common/problem.h"
#include "common/uri.h"
#include "common/xml_encoding.h"
#include "common/xml_reader.h"
#include "common/xml_writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/failing_work.h"
#include "tests/unit/limited_memory.h"

/* What the work allocates on; the test's own, so that it can be looked at when memory is back. */
static TALLOC_CTX *ctx;

static enum work judge(bool made, bool right)
{
    memory_returns();
    if (!made)
        return WORK_REFUSED;
    return right ? WORK_DONE : WORK_WRONG;
}

static enum work read_credentials(void)
{
    struct credentials *read = authentication_read(ctx, "Basic Y3JtOnNlY3JldA==", true);

    return judge(read != NULL, read != NULL && strcmp(read->client, "crm") == 0 &&
                                   strlen(read->digest) == 66 && read->retry_key[0] != 0);
}

static enum work hash_password(void)
{
    static const struct password_cost cheap = {.ln = 1, .r = 1, .p = 1};
    char *hash = password_hash(ctx, "orbit-walnut-47", &cheap);

    return judge(hash != NULL, hash != NULL && strncmp(hash, "$scrypt$ln=1,r=1,p=1$", 21) == 0);
}

static enum work check_password(void)
{
    static const char *const own[] = {"zo\u00eb@example.net", "Zo\u00eb", NULL};
    bool no_memory = false;
    const char *wrong = password_check("12ZO\u00cb345", own, 0, &no_memory);

    return judge(!no_memory, wrong != NULL && strstr(wrong, "own") != NULL);
}

static enum work add_problems(void)
{
    struct problems *problems = problems_new(ctx);
    char *path = xpath_with_key(ctx, "/account/field", "key", "it's \"quoted\"");
    bool added = problems != NULL && path != NULL &&
                 problems_add(problems, 2, HINT_INVALID, path, "detail") &&
                 problems_add(problems, 1, HINT_WEAK, "/account", "detail");

    return judge(added, added && problems_count(problems) == 2 &&
                            strcmp(problems_get(problems, 1)->xpath, path) == 0);
}

static enum work split_uri(void)
{
    static const char target[] = "/api/v1/customers/extid/a%2Fb";
    static const char query[] = "limit=1&extid=a+b";
    struct uri_path path;
    struct uri_form form;
    enum uri_result split = uri_split_path(ctx, target, sizeof target - 1, &path);
    enum uri_result parsed = uri_parse_form(ctx, query, sizeof query - 1, &form);
    char *encoded = uri_encode(ctx, "a/b");

    memory_returns();
    if (split == URI_MALFORMED || parsed == URI_MALFORMED)
        return WORK_WRONG;
    return judge(split == URI_OK && parsed == URI_OK && encoded != NULL,
                 path.count == 5 && form.count == 2 && encoded != NULL &&
                     strcmp(path.segments[4], "a/b") == 0 && strcmp(encoded, "a%2Fb") == 0);
}

static enum work write_json(void)
{
    json_t *object = json_object();
    bool set = json_object_set_new(object, "a-name-that-is-longer", json_string("value")) == 0 &&
               json_object_set_new(object, "another-name-of-a-length", json_string("value")) == 0;
    char *text = set ? json_text_write(ctx, object) : NULL;

    if (!set)
        json_decref(object);
    return judge(text != NULL,
                 text != NULL && strcmp(text, "{\"a-name-that-is-longer\":\"value\","
                                              "\"another-name-of-a-length\":\"value\"}") == 0);
}

static enum work write_xml(void)
{
    static size_t right;
    struct xml_writer *writer = xml_writer_new(ctx, 0);
    const char *text = NULL;
    size_t length = 0;

    if (writer != NULL) {
        xml_start(writer, "accounts");
        for (int i = 0; i < 1000; i++)
            xml_element(writer, "account", "a value & more");
        xml_end(writer);
        text = xml_writer_finish(writer, &length);
    }
    if (right == 0)
        right = length; /* the first is without a failure */
    return judge(text != NULL, length == right);
}

/* Counts the elements and the text of a document. */
struct seen {
    unsigned elements;
    size_t text;
};

static bool on_start(void *context, struct xml_element *element)
{
    struct seen *seen = context;

    seen->elements += 1 + (unsigned)element->attribute_count;
    return true;
}

static bool on_end(void *context, struct xml_element *element, char *text)
{
    struct seen *seen = context;

    (void)element;
    seen->text += strlen(text);
    return true;
}

static enum work read_xml(const char *body, size_t length, enum xml_status expected)
{
    static const struct xml_handler handler = {on_start, on_end};
    struct seen seen = {0};
    char *message = NULL;
    enum xml_status status = xml_read(ctx, body, length, NULL, &handler, &seen, &message);

    memory_returns();
    if (status != XML_NO_MEMORY && status != expected)
        return WORK_WRONG;
    return judge(status == expected,
                 status != XML_OK ? message != NULL : seen.elements == 5 && seen.text == 6);
}

static enum work read_document(void)
{
    static const char body[] = "<a xmlns:x='urn:x' b='1' x:c='2'><d>text</d><e>&amp;&lt;</e></a>";

    return read_xml(body, sizeof body - 1, XML_OK);
}

static enum work read_utf_16(void)
{
    static const char body[] = "\xFF\xFE<\0a\0>\0t\0<\0/\0b\0>\0";

    return read_xml(body, sizeof body - 1, XML_MALFORMED);
}

static void no_allocation_that_fails_spoils_anything(void **state)
{
    static work_done *const works[] = {read_credentials, hash_password, check_password,
                                       add_problems,     split_uri,     write_json,
                                       write_xml,        read_document, read_utf_16};

    (void)state;
    xmlInitParser();
    xmlSetGenericErrorFunc(NULL, ignore_message);
    for (size_t i = 0; i < sizeof works / sizeof *works; i++) {
        ctx = talloc_new(NULL);
        fail_each(works[i]);
        talloc_free(ctx);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_allocation_that_fails_spoils_anything),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
