/*
 * Lists of accounts, a page at a time.
 */
#ifndef LEAP_PAGE_H
#define LEAP_PAGE_H

#include "cgi/reply.h"
#include "cgi/request.h"

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

/* Which of the accounts that fit are listed, as text for the database. */
struct page {
    const char *limit;
    const char *offset;
    const char *after; /* an identifier */
};

/*
 * A parameter that is a number of decimal digits from `minimum` to `maximum`; `otherwise` where it
 * is not given. NULL: it is no such number. Owned by the request.
 */
const char *page_number(const struct request *request, const char *name, const char *otherwise,
                        int64_t minimum, int64_t maximum);

/* The parameter limit; a wrong one is recorded as a refusal. Never NULL. */
const char *page_limit(struct request *request);

/* Reads the parameters limit, offset and after; wrong ones are recorded as refusals. */
void page_read(struct request *request, struct page *page);

/* Gives the reply a Link to the next page, `target` below the base URL. False: refused, for memory.
 */
bool page_link(struct request *request, struct reply *reply, const char *target);

/*
 * Gives the reply of a full page a Link to the next, by the last identifier, whatever named this
 * page. `filter` is the list's path below the base URL with its query, if it has one. False:
 * refused, for memory.
 */
bool page_link_after(struct request *request, struct reply *reply, const struct page *page,
                     const PGresult *accounts, const char *filter);

/* Makes the reply an <accounts> document of a result of a query that includes include/account.sql.
 * False: refused, for memory. */
bool page_reply(struct request *request, struct reply *reply, const PGresult *accounts,
                const PGresult *labels);

#endif
