/*
 * Many short strings that live and die together, one after the other in few blocks: a hostile
 * document has fifty thousand of them, and each as a block of its own takes ten times its length.
 */
#ifndef LEAP_TEXT_POOL_H
#define LEAP_TEXT_POOL_H

#include <talloc.h>

struct text_pool;

/* An empty pool, owned by `ctx`. NULL: out of memory. */
struct text_pool *text_pool_new(TALLOC_CTX *ctx);

/* A copy of a string, which the caller may change within its length, valid as long as the pool.
 * NULL: out of memory, with the pool as it was. */
char *text_pool_keep(struct text_pool *pool, const char *text);

#endif
