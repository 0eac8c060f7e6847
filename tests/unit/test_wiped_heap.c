/* The program's free() and realloc(), linked in the place of libc's: without the sanitizers, which
 * have theirs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BYTES = 4000, MARK = 0xA5 };

/* The compiler knows realloc, and that what it gave back is no longer to be looked at. */
static void *(*volatile resize)(void *, size_t) = realloc;

static unsigned char *marked(size_t bytes)
{
    unsigned char *block = malloc(bytes);

    assert_non_null(block);
    memset(block, MARK, bytes);
    return block;
}

static bool is_marked(const unsigned char *block, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        if (block[i] != MARK)
            return false;
    return true;
}

/* How many marks are there: asked of the system, since the block is nobody's any more. */
static size_t count_marks(uintptr_t address, size_t bytes)
{
    static unsigned char found[4 * BYTES];
    int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    size_t count = 0;

    assert_true(memory >= 0);
    assert_int_equal(pread(memory, found, bytes, (off_t)address), bytes);
    close(memory);
    for (size_t i = 0; i < bytes; i++)
        count += found[i] == MARK;
    return count;
}

static void what_is_freed_is_wiped(void **state)
{
    unsigned char *block = marked(BYTES);
    uintptr_t address = (uintptr_t)block;

    (void)state;
    assert_int_equal(count_marks(address, BYTES), BYTES);
    free(block);
    assert_int_equal(count_marks(address, BYTES), 0);
    free(NULL);
}

static void a_block_that_grows_leaves_nothing_behind(void **state)
{
    unsigned char *block = marked(BYTES);
    uintptr_t address = (uintptr_t)block;

    (void)state;
    block = resize(block, (size_t)2 * BYTES);
    assert_non_null(block);
    assert_true(is_marked(block, BYTES));
    assert_int_not_equal((uintptr_t)block, address);
    assert_int_equal(count_marks(address, BYTES), 0);
    assert_true(malloc_usable_size(block) >= (size_t)2 * BYTES + BYTES / 2);
    free(block);
}

static void a_block_that_shrinks_keeps_its_place(void **state)
{
    unsigned char *block = marked(BYTES);
    uintptr_t address = (uintptr_t)block;

    (void)state;
    block = resize(block, BYTES - BYTES / 4);
    assert_int_equal((uintptr_t)block, address);
    assert_true(is_marked(block, BYTES));
    block = resize(block, BYTES / 4);
    assert_int_equal((uintptr_t)block, address);
    assert_true(is_marked(block, BYTES / 4));
    assert_int_equal(count_marks(address + BYTES / 4, BYTES - BYTES / 4), 0);
    block = resize(block, 0);
    assert_null(block);
    assert_int_equal(count_marks(address, BYTES), 0);
}

static void no_block_becomes_one(void **state)
{
    unsigned char *block = resize(NULL, BYTES);

    (void)state;
    assert_non_null(block);
    assert_true(malloc_usable_size(block) >= BYTES);
    free(block);
}

static void a_block_that_cannot_grow_stays(void **state)
{
    unsigned char *block = marked(BYTES);

    (void)state;
    assert_null(resize(block, PTRDIFF_MAX));
    assert_null(resize(block, SIZE_MAX));
    assert_true(is_marked(block, BYTES));
    free(block);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_freed_is_wiped),
        cmocka_unit_test(a_block_that_grows_leaves_nothing_behind),
        cmocka_unit_test(a_block_that_shrinks_keeps_its_place),
        cmocka_unit_test(no_block_becomes_one),
        cmocka_unit_test(a_block_that_cannot_grow_stays),
    };

    return cmocka_run_group_tests_name("wiped_heap", tests, NULL, NULL);
}
