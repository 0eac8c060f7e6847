#include "common/text_pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "tests/unit/limited_memory.h"

enum { MANY = 50000, LONG = 300000 };

static void what_is_kept_stays_as_it_was(void **state)
{
    static char *kept[MANY];
    struct text_pool *pool = text_pool_new(NULL);
    char text[16];

    (void)state;
    assert_non_null(pool);
    for (unsigned i = 0; i < MANY; i++) {
        snprintf(text, sizeof text, "%u", i);
        kept[i] = text_pool_keep(pool, text);
        assert_non_null(kept[i]);
    }
    for (unsigned i = 0; i < MANY; i++) {
        snprintf(text, sizeof text, "%u", i);
        assert_string_equal(kept[i], text);
    }
    talloc_free(pool);
}

static void an_empty_text_and_one_longer_than_a_block_are_kept(void **state)
{
    static char long_text[LONG + 1];
    struct text_pool *pool = text_pool_new(NULL);
    char *before, *kept, *after;

    (void)state;
    memset(long_text, 'x', LONG);
    before = text_pool_keep(pool, "");
    kept = text_pool_keep(pool, long_text);
    after = text_pool_keep(pool, "after");
    assert_string_equal(before, "");
    assert_string_equal(kept, long_text);
    assert_string_equal(after, "after");
    talloc_free(pool);
}

static void many_take_few_blocks(void **state)
{
    struct text_pool *pool = text_pool_new(NULL);

    (void)state;
    for (unsigned i = 0; i < MANY; i++)
        assert_non_null(text_pool_keep(pool, "shoe-size"));
    /* 500,000 bytes in blocks that double up to 64 KiB. */
    assert_in_range(talloc_total_blocks(pool), 2, 20);
    assert_in_range(talloc_total_size(pool), 500000, 600000);
    talloc_free(pool);
}

static void without_memory_the_pool_stays_as_it_was(void **state)
{
    struct text_pool *pool = text_pool_new(NULL);
    char *kept = text_pool_keep(pool, "kept");
    char long_text[1025] = "";

    (void)state;
    memset(long_text, 'x', sizeof long_text - 1);
    assert_true(limit_talloc(pool, talloc_total_size(pool)));
    assert_null(text_pool_keep(pool, long_text));
    assert_string_equal(text_pool_keep(pool, "fits"), "fits");
    assert_string_equal(kept, "kept");
    talloc_free(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_kept_stays_as_it_was),
        cmocka_unit_test(an_empty_text_and_one_longer_than_a_block_are_kept),
        cmocka_unit_test(many_take_few_blocks),
        cmocka_unit_test(without_memory_the_pool_stays_as_it_was),
    };

    return cmocka_run_group_tests_name("text_pool", tests, NULL, NULL);
}
