/*
 * Mutates one part of a request that fuzz_request.c takes, its request line, its header fields or
 * its body, and leaves the others as they are: so most of what libFuzzer makes is still a request.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* libFuzzer's own mutations; not there where inputs are only replayed, which mutates nothing. */
__attribute__((weak)) size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

/* Where a separator ends, at or after `from`; the end of the request where there is none. */
static size_t after(const uint8_t *data, size_t size, size_t from, const char *separator)
{
    const uint8_t *found = memmem(data + from, size - from, separator, strlen(separator));

    return found != NULL ? (size_t)(found - data) + strlen(separator) : size;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    size_t line = after(data, size, 0, "\n");
    size_t head = line > 0 ? after(data, size, line - 1, "\n\n") : 0;
    const size_t bounds[] = {0, line, head, size};
    size_t begin = bounds[seed % 3];
    size_t end = bounds[seed % 3 + 1];
    size_t tail = size - end;
    uint8_t *kept = malloc(tail + 1);
    size_t length;

    if (kept == NULL || end < begin)
        abort();
    if (begin + tail >= max_size) { /* There is no room for this part. */
        free(kept);
        return size;
    }
    memcpy(kept, data + end, tail);
    length = LLVMFuzzerMutate(data + begin, end - begin, max_size - begin - tail);
    memcpy(data + begin + length, kept, tail);
    free(kept);
    return begin + length + tail;
}
