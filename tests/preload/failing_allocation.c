#include "tests/preload/failing_allocation.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct allocation_plan nothing_fails;
volatile struct allocation_plan *allocation_plan = &nothing_fails;

static struct {
    void *(*malloc)(size_t);
    void *(*calloc)(size_t, size_t);
    void *(*realloc)(void *, size_t);
    void (*free)(void *);
    int (*posix_memalign)(void **, size_t, size_t);
} real;

/* What is allocated while the real functions are looked up. Nothing is freed then, nor any of it
 * later. */
static _Alignas(16) char early[64 * 1024];
static size_t early_used;
static int looking_up;

static void look_up(const char *name, void *function)
{
    void *found = dlsym(RTLD_NEXT, name);

    if (found == NULL)
        abort();
    /* A function is not a pointer to data in C, but in POSIX. */
    memcpy(function, &found, sizeof found);
}

/* Looking up allocates and frees itself. */
static void prepare(void)
{
    if (real.malloc != NULL)
        return;
    looking_up = 1;
    look_up("free", &real.free);
    look_up("calloc", &real.calloc);
    look_up("realloc", &real.realloc);
    look_up("posix_memalign", &real.posix_memalign);
    look_up("malloc", &real.malloc);
    looking_up = 0;
}

static void *allocate_early(size_t size)
{
    char *place = early + early_used;

    size = (size + 15) & ~(size_t)15;
    if (size > sizeof early - early_used)
        abort();
    early_used += size;
    return place;
}

static int is_early(const void *memory)
{
    return (uintptr_t)memory >= (uintptr_t)early &&
           (uintptr_t)memory < (uintptr_t)early + sizeof early;
}

static int fails(void)
{
    uint64_t number = ++allocation_plan->count;

    if (allocation_plan->first == 0 || number < allocation_plan->first ||
        number > allocation_plan->last)
        return 0;
    errno = ENOMEM;
    return 1;
}

/* Not before the libraries are set up: the plan is made for a process that serves. */
__attribute__((constructor)) static void map_plan(void)
{
    const char *path = getenv("FAILING_ALLOCATIONS");
    int file = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;
    void *mapped;

    if (file < 0)
        return;
    mapped = mmap(NULL, sizeof *allocation_plan, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (mapped == MAP_FAILED)
        abort();
    allocation_plan = mapped;
}

void *malloc(size_t size)
{
    if (looking_up)
        return allocate_early(size);
    prepare();
    return fails() ? NULL : real.malloc(size);
}

void *calloc(size_t count, size_t size)
{
    if (looking_up)
        return allocate_early(count * size);
    prepare();
    return fails() ? NULL : real.calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
    prepare();
    if (is_early(memory))
        abort();
    return fails() ? NULL : real.realloc(memory, size);
}

void free(void *memory)
{
    if (looking_up || is_early(memory))
        return;
    prepare();
    real.free(memory);
}

int posix_memalign(void **memory, size_t alignment, size_t size)
{
    prepare();
    return fails() ? ENOMEM : real.posix_memalign(memory, alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    void *memory = NULL;
    int error = posix_memalign(&memory, alignment, size);

    errno = error;
    return memory;
}

/* The sanitizers' would not call malloc above. */
char *strndup(const char *text, size_t size)
{
    size_t length = strnlen(text, size);
    char *copy = malloc(length + 1);

    if (copy == NULL)
        return NULL;
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

char *strdup(const char *text)
{
    return strndup(text, strlen(text));
}
