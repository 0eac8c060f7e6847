#include "common/text_pool.h"

#include <stdbool.h>
#include <string.h>

/* Bytes of a block: the first is enough for an account as people have it. */
enum { FIRST_BLOCK = 512, LARGEST_BLOCK = 64 * 1024 };

struct text_pool {
    char *free;
    size_t left;
    size_t next_block;
};

struct text_pool *text_pool_new(TALLOC_CTX *ctx)
{
    struct text_pool *pool = talloc_zero(ctx, struct text_pool);

    if (pool != NULL)
        pool->next_block = FIRST_BLOCK;
    return pool;
}

/* Begins another block, which has room for `size` bytes. What is left of the one before stays. */
static bool begin_block(struct text_pool *pool, size_t size)
{
    size_t block_size = pool->next_block > size ? pool->next_block : size;
    char *block = talloc_size(pool, block_size);

    if (block == NULL)
        return false;
    pool->free = block;
    pool->left = block_size;
    if (pool->next_block < LARGEST_BLOCK)
        pool->next_block *= 2;
    return true;
}

char *text_pool_keep(struct text_pool *pool, const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy;

    if (pool->left < size && !begin_block(pool, size))
        return NULL;
    copy = memcpy(pool->free, text, size);
    pool->free += size;
    pool->left -= size;
    return copy;
}
