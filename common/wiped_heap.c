/*
 * The program's free() and realloc(), in the place of libc's, for the program and its libraries
 * alike: what a block held is wiped before the block is given back. So nothing of a request
 * outlives it in freed memory, whichever library kept it, and none of it is in a dump of the
 * process's memory. The blocks are glibc's, which lets a program do so ("Replacing malloc" in its
 * manual).
 */
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The names by which glibc keeps its own. */
/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): glibc's to give */
extern void __libc_free(void *block);
extern void *__libc_realloc(void *block, size_t size);
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

void free(void *block)
{
    if (block == NULL)
        return;
    explicit_bzero(block, malloc_usable_size(block));
    __libc_free(block);
}

/*
 * glibc's frees the old block by itself where it moves one, so it only gets to shrink them, which
 * moves none. Since a block that grows is always copied, it gets room to grow on, as who adds to a
 * block again and again counts on the time being in proportion to its size.
 */
void *realloc(void *block, size_t size)
{
    size_t held = block != NULL ? malloc_usable_size(block) : 0;
    void *moved;

    if (block != NULL && size == 0) {
        free(block);
        return NULL;
    }
    if (block != NULL && size <= held && size >= held / 2)
        return block;
    if (block != NULL && size < held) {
        explicit_bzero((char *)block + size, held - size);
        return __libc_realloc(block, size);
    }
    moved = malloc(size < SIZE_MAX - held / 2 ? size + held / 2 : size);
    if (moved == NULL)
        return NULL;
    if (block != NULL) {
        memcpy(moved, block, held);
        free(block);
    }
    return moved;
}
