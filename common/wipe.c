#include "common/wipe.h"

#include <string.h>

/* A request reaches 6 KiB down. */
enum { STACK_BYTES = 16 * 1024 };

/* A frame of its own, below the caller's, which is why it may not be inlined; AddressSanitizer
 * would leave gaps in it. */
static __attribute__((noinline, no_sanitize_address)) void wipe_stack(void)
{
    char frames[STACK_BYTES];

    explicit_bzero(frames, sizeof frames);
}

/* All that the compiler itself makes use of; clang knows it from 15 on. */
#if __has_attribute(zero_call_used_regs)
#define ZERO_CALL_USED_REGISTERS __attribute__((zero_call_used_regs("all")))
#else
#define ZERO_CALL_USED_REGISTERS
#endif

#ifdef __x86_64__

/* The wide ones, too, in which copies and digests are made. */
static __attribute__((noinline, target("avx"))) void wipe_avx(void)
{
    __asm__ volatile("vzeroall" ::
                         : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8",
                           "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
}

#define WIPE_UPPER(number)                                                                         \
    __asm__ volatile("vpxord %%zmm" number ", %%zmm" number ", %%zmm" number ::: "xmm" number)

static __attribute__((noinline, target("avx512f"))) void wipe_avx512(void)
{
    WIPE_UPPER("16");
    WIPE_UPPER("17");
    WIPE_UPPER("18");
    WIPE_UPPER("19");
    WIPE_UPPER("20");
    WIPE_UPPER("21");
    WIPE_UPPER("22");
    WIPE_UPPER("23");
    WIPE_UPPER("24");
    WIPE_UPPER("25");
    WIPE_UPPER("26");
    WIPE_UPPER("27");
    WIPE_UPPER("28");
    WIPE_UPPER("29");
    WIPE_UPPER("30");
    WIPE_UPPER("31");
}

static void wipe_vectors(void)
{
    if (__builtin_cpu_supports("avx"))
        wipe_avx();
    if (__builtin_cpu_supports("avx512f"))
        wipe_avx512();
}

#else

static void wipe_vectors(void)
{
}

#endif

ZERO_CALL_USED_REGISTERS void wipe_stack_and_registers(void)
{
    wipe_stack();
    wipe_vectors();
}
