/*
 * The account document: one table, in the order of the document, that reading, checking, binding
 * and writing walk. A new value is one row here and one column in the database.
 */
#ifndef LEAP_ACCOUNT_H
#define LEAP_ACCOUNT_H

#include "cgi/request.h"
#include "common/problem.h"
#include "common/xml_writer.h"

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>

enum account_kind {
    KIND_CONTAINER,   /* holds elements */
    KIND_ADDRESS,     /* a container that an update replaces whole */
    KIND_FIELDS,      /* holds field elements, told apart by @key */
    KIND_COMMUNITIES, /* holds community elements */
    KIND_READ_ONLY,   /* of the service: ignored in requests, with all that is in it */
    KIND_TEXT,        /* one line */
    KIND_LINES,
    KIND_DATE,
    KIND_GENDER,
    KIND_COUNTRY,
    KIND_EMAIL,
    KIND_PASSWORD,
    KIND_PHONE,
};

enum account_need {
    NEED_NEVER,
    NEED_ON_CREATE,
    NEED_ALWAYS,
    NEED_IF_ON_RECORD, /* an update must give it where the account has one */
};

struct account_row {
    unsigned depth;        /* of the element, 0 for the root */
    const char *name;      /* of the element */
    const char *attribute; /* that holds the value; NULL: the element's text */
    const char *type;      /* that the element's @type must be; NULL: it has none */
    const char *column;    /* of leap.account; NULL: not kept there */
    enum account_kind kind;
    size_t maximum; /* code points */
    enum account_need need;
};

enum { ACCOUNT_ROWS = 31 };

extern const struct account_row account_rows[ACCOUNT_ROWS];

/* The root element's row; the row before it is its external identifier. */
enum { ACCOUNT_EXTID = 0, ACCOUNT_ROOT = 1 };

/* About how many bytes an account has in a document. */
enum { ACCOUNT_BYTES = 2048 };

/* The row of a column. The column must be one of the table's. */
size_t account_row_of(const char *column);

/* Gives for each row the first that is not below it, which walks of the table go on with. */
void account_row_ends(size_t ends[ACCOUNT_ROWS]);

/* The row of a child element, the first where @type tells several apart; ACCOUNT_ROWS where there
 * is none. */
size_t account_row_child(const size_t ends[ACCOUNT_ROWS], size_t parent, const char *name);

/* The row of `first`'s element with this @type; ACCOUNT_ROWS where there is none. */
size_t account_row_of_type(size_t first, const char *type);

/* The xpath of a row's value. NULL: out of memory. */
char *account_row_xpath(TALLOC_CTX *ctx, size_t row);

/* Where problems stand in the order of the document: of a row's attributes, of itself, of the
 * entries of its list (fields, communities), and of unknown elements, which come last in their
 * parent. */
unsigned account_rank_of_attribute(size_t row);
unsigned account_rank(size_t row);
unsigned account_rank_of_entry(size_t row);
unsigned account_rank_of_unknown(size_t parent);

/* The elements of the two lists, without what tells them apart. */
#define ACCOUNT_FIELD_PATH "/account/additional-fields/field"
#define ACCOUNT_COMMUNITY_PATH "/account/communities/community"

/* What values are checked against, from the first round trip. */
struct account_context {
    const PGresult *definitions; /* of the query `definitions` */
    const PGresult *current;     /* update: the account as it is, one row; create: NULL */
};

struct account_field {
    const char *key;
    const char *value; /* "": to be cleared */
};

struct account_community {
    const char *key;
    unsigned position; /* among the community elements, from 1 */
};

/* An account as a request gives it. A value is NULL where it is absent and "" where it is there but
 * empty. */
struct account {
    const char *values[ACCOUNT_ROWS];
    const char *identifier; /* the root's attribute */
    struct account_field *fields;
    unsigned field_count;
    struct account_community *communities;
    unsigned community_count;
    unsigned community_elements; /* also empty ones */
    bool communities_given;
    struct problems *problems;
};

/*
 * Reads the request's body into an account. What does not fit the document is in its `problems`.
 * NULL: refused, with malformed XML or for memory. Owned by the request.
 */
struct account *account_read(struct request *request);

/*
 * Checks the values that were read, and adds their problems: all of them but those that only the
 * database knows. On an update, values that only repeat what is on record (e-mail, external
 * identifier) are taken out. False: refused, for memory.
 */
bool account_check(struct request *request, struct account *account,
                   const struct account_context *context);

/* Adds a problem at the row of a column; `detail` may be NULL. False: refused, for memory. */
bool account_problem(struct request *request, struct account *account, const char *column,
                     enum hint hint, const char *detail);

/* Adds a problem of one of the account's communities, NULL: of there being none. False: out of
 * memory. */
bool account_community_problem(struct account *account, const struct account_community *community,
                               enum hint hint, const char *detail);

/* The value of a column, NULL where it is absent or empty. */
const char *account_value(const struct account *account, const char *column);

/* The communities as PostgreSQL's text[] input, without those that are no keys and so do not exist.
 * NULL: out of memory. */
char *account_communities(TALLOC_CTX *ctx, const struct account *account);

/* The account as JSON by the names of columns: what is absent is left out, what is empty is null.
 * Never the password. NULL: out of memory. */
char *account_json(TALLOC_CTX *ctx, const struct account *account);

/* The columns of a result that holds accounts, and the definitions of additional fields: found once
 * for all its rows. */
struct account_source {
    const PGresult *accounts;
    const PGresult *labels; /* of the query `field_labels` */
    const char *base_url;
    int columns[ACCOUNT_ROWS];
    size_t ends[ACCOUNT_ROWS]; /* account_row_ends */
    size_t creation_time;      /* rows that are written in a way of their own */
    size_t full_name;
    size_t relationships;
    int identifier;
    int unacked_since;
    int version;
    int given_name;
    int family_name;
};

/* Prepares to write accounts from a result of a query that includes include/account.sql. */
void account_source(struct account_source *source, const PGresult *accounts, const PGresult *labels,
                    const char *base_url);

/* Writes PostgreSQL's text of a timestamp (time zone UTC) as an attribute; NULL: nothing. */
void account_write_time(struct xml_writer *writer, const char *attribute, const char *timestamp);

/* Writes the account of a result's row. `namespace`: give the element its namespace, for the root.
 * False: out of memory. */
bool account_write(struct xml_writer *writer, const struct account_source *source, int row,
                   bool with_namespace);

#endif
