#include "common/wipe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { BYTES = 8 * 1024, MARK = 0xA5 };

/* Leaves marks on the stack below its caller's frame, and tells where. */
static __attribute__((noinline)) void leave_marks(uintptr_t *address)
{
    volatile unsigned char marks[BYTES];

    for (size_t i = 0; i < sizeof marks; i++)
        marks[i] = MARK;
    *address = (uintptr_t)marks;
}

/* How many words of marks are there: asked of the system, since no variable is there any more. (A
 * byte may be one of an address by chance.) */
static size_t count_marks(uintptr_t address)
{
    static unsigned char found[BYTES];
    static const unsigned char word[] = {MARK, MARK, MARK, MARK, MARK, MARK, MARK, MARK};
    int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    size_t count = 0;

    assert_true(memory >= 0);
    assert_int_equal(pread(memory, found, sizeof found, (off_t)address), BYTES);
    close(memory);
    for (size_t i = 0; i < sizeof found; i += sizeof word)
        count += memcmp(found + i, word, sizeof word) == 0;
    return count;
}

static void what_functions_left_on_the_stack_is_wiped(void **state)
{
    uintptr_t address;

    (void)state;
    leave_marks(&address);
    assert_true(count_marks(address) > BYTES / 8 / 2);
    leave_marks(&address);
    wipe_stack_and_registers();
    assert_int_equal(count_marks(address), 0);
}

#ifdef __x86_64__

/* Moves marks into a register, and out of it what the wiping has left. */
#define WIPE_REGISTER(move, name, mark, found)                                                     \
    do {                                                                                           \
        __asm__ volatile(move " %0, %%" name ::"m"(mark) : "memory");                              \
        wipe_stack_and_registers();                                                                \
        __asm__ volatile(move " %%" name ", %0" : "=m"(found)::"memory");                          \
    } while (0)

static void vector_registers_are_wiped(void **state)
{
    static const unsigned char none[64];
    unsigned char mark[64];
    unsigned char found[64] = {0};

    (void)state;
    memset(mark, MARK, sizeof mark);
    WIPE_REGISTER("movups", "xmm0", mark, found);
    assert_memory_equal(found, none, 16);
    WIPE_REGISTER("movups", "xmm15", mark, found);
    assert_memory_equal(found, none, 16);
    if (__builtin_cpu_supports("avx")) {
        WIPE_REGISTER("vmovups", "ymm7", mark, found);
        assert_memory_equal(found, none, 32);
    }
    if (__builtin_cpu_supports("avx512f")) {
        WIPE_REGISTER("vmovups", "zmm31", mark, found);
        assert_memory_equal(found, none, 64);
    }
}

#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_functions_left_on_the_stack_is_wiped),
#ifdef __x86_64__
        cmocka_unit_test(vector_registers_are_wiped),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
