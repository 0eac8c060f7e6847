#include "common/problem.h"

#include "tests/unit/limited_memory.h"

#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static int make_list(void **state)
{
    *state = problems_new(NULL);
    return *state == NULL;
}

static int free_list(void **state)
{
    return talloc_free(*state);
}

static void assert_problem(const struct problems *list, size_t index, unsigned rank, enum hint hint,
                           const char *xpath)
{
    const struct problem *problem = problems_get(list, index);

    assert_int_equal(problem->rank, rank);
    assert_int_equal(problem->hint, hint);
    assert_string_equal(problem->xpath, xpath);
}

/* Adds a problem whose xpath is made of a letter and a number. */
static void add_numbered(struct problems *list, unsigned rank, char letter, unsigned number)
{
    char xpath[32];

    snprintf(xpath, sizeof xpath, "/%c%u", letter, number);
    assert_true(problems_add(list, rank, HINT_INVALID, xpath, "detail"));
}

static void names_of_hints(void **state)
{
    (void)state;
    assert_string_equal(hint_name(HINT_REQUIRED), "required");
    assert_string_equal(hint_name(HINT_INVALID), "invalid");
    assert_string_equal(hint_name(HINT_DUPLICATE), "duplicate");
    assert_string_equal(hint_name(HINT_WEAK), "weak");
}

static void a_new_list_is_empty(void **state)
{
    assert_int_equal(problems_count(*state), 0);
}

static void strings_are_copied(void **state)
{
    char xpath[] = "/a", detail[] = "Too long.";

    assert_true(problems_add(*state, 1, HINT_INVALID, xpath, detail));
    memset(xpath, 'x', strlen(xpath));
    memset(detail, 'x', strlen(detail));
    assert_string_equal(problems_get(*state, 0)->xpath, "/a");
    assert_string_equal(problems_get(*state, 0)->detail, "Too long.");
}

static void sorted_by_rank_then_arrival(void **state)
{
    assert_true(problems_add(*state, 2, HINT_INVALID, "/c", ""));
    assert_true(problems_add(*state, 3, HINT_REQUIRED, "/e", ""));
    assert_true(problems_add(*state, 1, HINT_WEAK, "/b", ""));
    assert_true(problems_add(*state, 2, HINT_INVALID, "/d", ""));
    assert_true(problems_add(*state, 0, HINT_DUPLICATE, "/a", ""));
    assert_int_equal(problems_count(*state), 5);
    assert_problem(*state, 0, 0, HINT_DUPLICATE, "/a");
    assert_problem(*state, 1, 1, HINT_WEAK, "/b");
    assert_problem(*state, 2, 2, HINT_INVALID, "/c");
    assert_problem(*state, 3, 2, HINT_INVALID, "/d");
    assert_problem(*state, 4, 3, HINT_REQUIRED, "/e");
    assert_true(problems_get(*state, 2)->serial < problems_get(*state, 3)->serial);
}

static void an_xpath_has_each_hint_once(void **state)
{
    assert_true(problems_add(*state, 1, HINT_INVALID, "/a", "first"));
    assert_true(problems_add(*state, 1, HINT_INVALID, "/a", "second"));
    assert_true(problems_add(*state, 0, HINT_INVALID, "/a", "third"));
    assert_true(problems_add(*state, 1, HINT_DUPLICATE, "/a", "fourth"));
    assert_true(problems_add(*state, 1, HINT_INVALID, "/aa", "fifth"));
    assert_int_equal(problems_count(*state), 3);
    assert_string_equal(problems_get(*state, 0)->detail, "first");
    assert_string_equal(problems_get(*state, 1)->detail, "fourth");
    assert_string_equal(problems_get(*state, 2)->detail, "fifth");
}

static void parts_make_an_xpath(void **state)
{
    char *long_name = talloc_zero_size(*state, 5000);

    memset(long_name, 'x', 4999);
    assert_true(problems_add(*state, 1, HINT_INVALID, "/a/b[1]/@c", "whole"));
    assert_true(problems_add_parts(*state, 1, HINT_INVALID, XPATH_PARTS("/a/b[", "1", "]/@c"), ""));
    assert_true(problems_add_parts(*state, 1, HINT_INVALID, XPATH_PARTS("", "/a", "/", "b"), ""));
    assert_true(problems_add_parts(*state, 1, HINT_INVALID, XPATH_PARTS("/", long_name), ""));
    assert_true(problems_add_parts(*state, 1, HINT_INVALID, XPATH_PARTS("/a/b"), ""));
    assert_int_equal(problems_count(*state), 3);
    assert_problem(*state, 0, 1, HINT_INVALID, "/a/b[1]/@c");
    assert_problem(*state, 1, 1, HINT_INVALID, "/a/b");
    assert_string_equal(problems_get(*state, 2)->xpath + 1, long_name);
}

/* What is told by its address is still one problem of the list, and none of another rank or path.
 */
static void named_problems_are_those_of_their_parts(void **state)
{
    static const char path[] = "/a", other_path[] = "/b", name[] = "c";

    for (unsigned i = 0; i < 3; i++) {
        assert_true(problems_add_named(*state, 1, HINT_INVALID, path, "/", name, ""));
        assert_true(problems_add_named(*state, 1, HINT_INVALID, path, "/@", name, ""));
        assert_true(problems_add_named(*state, 1, HINT_INVALID, other_path, "/", name, ""));
        assert_true(problems_add_named(*state, 2, HINT_INVALID, path, "/", name, ""));
        assert_true(problems_add_named(*state, 2, HINT_REQUIRED, path, "/", name, ""));
        assert_true(problems_add(*state, 2, HINT_INVALID, "/a/c", ""));
    }
    assert_int_equal(problems_count(*state), 4);
    assert_problem(*state, 0, 1, HINT_INVALID, "/a/c");
    assert_problem(*state, 1, 1, HINT_INVALID, "/a/@c");
    assert_problem(*state, 2, 1, HINT_INVALID, "/b/c");
    assert_problem(*state, 3, 2, HINT_REQUIRED, "/a/c");
}

static void a_list_is_full_for_what_comes_after(void **state)
{
    for (unsigned i = 0; i < PROBLEMS_MAXIMUM; i++) {
        assert_false(problems_full(*state, UINT32_MAX));
        add_numbered(*state, 5, 'a', i);
    }
    assert_false(problems_full(*state, 4));
    assert_true(problems_full(*state, 5));
    assert_true(problems_full(*state, 6));
}

static void a_full_list_ignores_what_comes_after(void **state)
{
    for (unsigned i = 0; i < 150; i++)
        add_numbered(*state, 5, 'a', i);
    assert_int_equal(problems_count(*state), PROBLEMS_MAXIMUM);
    assert_problem(*state, 0, 5, HINT_INVALID, "/a0");
    assert_problem(*state, 99, 5, HINT_INVALID, "/a99");
}

static void a_full_list_takes_what_comes_before(void **state)
{
    for (unsigned i = 0; i < PROBLEMS_MAXIMUM; i++)
        add_numbered(*state, 5, 'a', i);
    add_numbered(*state, 4, 'b', 0);
    add_numbered(*state, 4, 'b', 1);
    add_numbered(*state, 6, 'c', 0);
    assert_int_equal(problems_count(*state), PROBLEMS_MAXIMUM);
    assert_problem(*state, 0, 4, HINT_INVALID, "/b0");
    assert_problem(*state, 1, 4, HINT_INVALID, "/b1");
    assert_problem(*state, 2, 5, HINT_INVALID, "/a0");
    assert_problem(*state, 99, 5, HINT_INVALID, "/a97");
}

/* The same hundred are kept in whatever order a thousand come. */
static void what_is_kept_does_not_depend_on_the_order(void **state)
{
    for (unsigned i = 0; i < 1000; i++) {
        unsigned rank = i * 389 % 1000;

        add_numbered(*state, rank, 'r', rank);
    }
    assert_int_equal(problems_count(*state), PROBLEMS_MAXIMUM);
    for (unsigned i = 0; i < PROBLEMS_MAXIMUM; i++)
        assert_int_equal(problems_get(*state, i)->rank, i);
}

static void what_is_dropped_is_freed(void **state)
{
    size_t size;

    for (unsigned i = 0; i < PROBLEMS_MAXIMUM; i++)
        add_numbered(*state, 1000, 'a', i + 100);
    size = talloc_total_blocks(*state);
    for (unsigned i = 0; i < PROBLEMS_MAXIMUM; i++)
        add_numbered(*state, 10, 'b', i + 100);
    assert_int_equal(talloc_total_blocks(*state), size);
}

static void without_memory_the_list_stays_as_it_was(void **state)
{
    size_t size, limit = 0;
    bool added = false;

    add_numbered(*state, 1, 'a', 1);
    size = talloc_total_size(*state);
    assert_true(limit_talloc(*state, size));
    while (!added) {
        size_t blocks = talloc_total_blocks(*state);

        assert_true(limit_talloc(*state, size + limit++));
        added = problems_add(*state, 0, HINT_INVALID, "/b", "detail");
        assert_int_equal(problems_count(*state), added ? 2 : 1);
        assert_problem(*state, added ? 1 : 0, 1, HINT_INVALID, "/a1");
        assert_int_equal(talloc_total_blocks(*state), added ? blocks + 2 : blocks);
    }
    assert_true(limit > 2);
    assert_problem(*state, 0, 0, HINT_INVALID, "/b");
}

static void no_list_without_memory(void **state)
{
    TALLOC_CTX *ctx = talloc_new(NULL);

    (void)state;
    assert_true(limit_talloc(ctx, 100));
    assert_null(problems_new(ctx));
    assert_null(xpath_with_key(ctx, "/account/additional-fields/field", "key", "shoe-size"));
    talloc_free(ctx);
}

static void quotes_of_keys(void **state)
{
    static const struct {
        const char *value;
        const char *xpath;
    } cases[] = {
        {"shoe-size", "/a/field[@key='shoe-size']"},
        {"", "/a/field[@key='']"},
        {"two words", "/a/field[@key='two words']"},
        {"a\"b", "/a/field[@key='a\"b']"},
        {"it's", "/a/field[@key=\"it's\"]"},
        {"'", "/a/field[@key=\"'\"]"},
        {"\"", "/a/field[@key='\"']"},
        {"'\"", "/a/field[@key=concat(\"'\", '\"')]"},
        {"\"'", "/a/field[@key=concat('\"', \"'\")]"},
        {"it's \"x\"", "/a/field[@key=concat('it', \"'\", 's \"x\"')]"},
        {"a''\"", "/a/field[@key=concat('a', \"''\", '\"')]"},
        {"]<&\xc3\xa9", "/a/field[@key=']<&\xc3\xa9']"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *xpath = xpath_with_key(NULL, "/a/field", "key", cases[i].value);

        assert_string_equal(xpath, cases[i].xpath);
        talloc_free(xpath);
    }
}

/* Whether an XPath, evaluated on an element with this key, finds it. */
static bool finds(const char *xpath, const char *value)
{
    xmlDocPtr document = xmlNewDoc(BAD_CAST "1.0");
    xmlNodePtr root = xmlNewDocNode(document, NULL, BAD_CAST "a", NULL);
    xmlXPathContextPtr context = xmlXPathNewContext(document);
    xmlXPathObjectPtr found;
    bool result;

    xmlDocSetRootElement(document, root);
    xmlNewProp(xmlNewChild(root, NULL, BAD_CAST "field", NULL), BAD_CAST "key", BAD_CAST value);
    found = xmlXPathEvalExpression(BAD_CAST xpath, context);
    result = found != NULL && !xmlXPathNodeSetIsEmpty(found->nodesetval);
    xmlXPathFreeObject(found);
    xmlXPathFreeContext(context);
    xmlFreeDoc(document);
    return result;
}

/* Every string of up to six letters out of three, two of them quotes. */
static void xpaths_find_their_element(void **state)
{
    (void)state;
    for (unsigned number = 0; number < 4096; number++) {
        char value[7] = "";
        char *xpath;

        for (unsigned rest = number, i = 0; rest > 0; rest /= 4)
            value[i++] = "'\"x"[rest % 4 == 0 ? 2 : rest % 4 - 1];
        xpath = xpath_with_key(NULL, "/a/field", "key", value);
        assert_true(finds(xpath, value));
        assert_false(finds(xpath, "other"));
        talloc_free(xpath);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_hints),
        cmocka_unit_test_setup_teardown(a_new_list_is_empty, make_list, free_list),
        cmocka_unit_test_setup_teardown(strings_are_copied, make_list, free_list),
        cmocka_unit_test_setup_teardown(sorted_by_rank_then_arrival, make_list, free_list),
        cmocka_unit_test_setup_teardown(an_xpath_has_each_hint_once, make_list, free_list),
        cmocka_unit_test_setup_teardown(parts_make_an_xpath, make_list, free_list),
        cmocka_unit_test_setup_teardown(named_problems_are_those_of_their_parts, make_list,
                                        free_list),
        cmocka_unit_test_setup_teardown(a_list_is_full_for_what_comes_after, make_list, free_list),
        cmocka_unit_test_setup_teardown(a_full_list_ignores_what_comes_after, make_list, free_list),
        cmocka_unit_test_setup_teardown(a_full_list_takes_what_comes_before, make_list, free_list),
        cmocka_unit_test_setup_teardown(what_is_kept_does_not_depend_on_the_order, make_list,
                                        free_list),
        cmocka_unit_test_setup_teardown(what_is_dropped_is_freed, make_list, free_list),
        cmocka_unit_test_setup_teardown(without_memory_the_list_stays_as_it_was, make_list,
                                        free_list),
        cmocka_unit_test(no_list_without_memory),
        cmocka_unit_test(quotes_of_keys),
        cmocka_unit_test(xpaths_find_their_element),
    };

    return cmocka_run_group_tests_name("problem", tests, NULL, NULL);
}
