#include "tests/fuzz/fake_database.h"

#include "common/text.h"
#include "queries.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS_MAXIMUM = 40 };

struct database {
    int unused; /* cppcheck-suppress unusedStructMember ; C has no empty structures */
};

static fake_database_watcher *watch;

static const char account_columns[] =
    "identifier extid creation_time account_status family_name given_name additional_names "
    "honorific_prefixes bday gender nationality email tel_pref tel_voice "
    "residential_street_address residential_region residential_postal_code residential_country "
    "billing_street_address billing_region billing_postal_code billing_country "
    "additional_fields communities property_relationships unacked_since version changed_in "
    "generation";

static const char *const account_values[] = {
    "10000001", "A1", "2011-02-08 22:06:43.1+00", "Active", "Banks", "Joseph", "A", "Mr.",
    "1974-09-08", "MALE", "US", "joe@example.net", "(704) 451 3434", "555", "222 Example\nStreet",
    "Example State", "99221", "US", NULL, NULL, NULL, NULL, "{\"shoe-size\": \"9 < 10\"}",
    "{original}", "{\"7 2011-02-08 22:06:43+00\",8}", "2011-02-08 22:06:43+00", "7", "41",
    "12345678-1234-1234-1234-123456789abc",
    /* erased: */
    "10000002", NULL, "2011-02-08 22:06:44+00", "Inactive", NULL, NULL, NULL, NULL, NULL, NULL,
    NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, "{}", "{original}",
    "{}", NULL, "9", "42", "12345678-1234-1234-1234-123456789abc"};

/* A result of rows whose values come row after row; the names of columns are separated by spaces.
 */
static const PGresult *make(const char *columns, int rows, const char *const *values, size_t length)
{
    PGresult *result = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
    PGresAttDesc attributes[COLUMNS_MAXIMUM] = {{0}};
    char *names = strdup(columns);
    char *rest = names;
    int count = 0;

    assert(result != NULL && names != NULL);
    while (rest != NULL)
        attributes[count++].name = strsep(&rest, " ");
    assert(PQsetResultAttrs(result, count, attributes) == 1);
    free(names);
    assert((size_t)rows * (size_t)count <= length);
    for (int row = 0; row < rows; row++)
        for (int column = 0; column < count; column++) {
            const char *value = values[row * count + column];

            assert(PQsetvalue(result, row, column, (char *)(uintptr_t)value,
                              value != NULL ? (int)strlen(value) : -1) == 1);
        }
    return result;
}

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])
#define MAKE(columns, rows, ...)                                                                   \
    make(columns, rows, (const char *const[]){__VA_ARGS__},                                        \
         LENGTH(((const char *const[]){__VA_ARGS__})))

/* Each result is made once. */
static struct {
    const PGresult *authenticated, *entered, *stale, *refused, *resolved;
    const PGresult *account, *accounts, *no_account;
    const PGresult *found, *not_found;
    const PGresult *labels, *definitions, *community, *no_community;
    const PGresult *comments, *health;
    const PGresult *kept, *not_kept;
    const PGresult *conflict, *no_conflict;
    const PGresult *created, *create_conflict, *in_progress, *added;
    const PGresult *updated, *update_conflict, *precondition;
    const PGresult *extid_set, *extid_taken;
    const PGresult *acknowledged, *missing;
} results;

static void make_results(void)
{
    static const char enter[] = "company suspended client permission tenant access_epoch";
    static const char find[] = "identifier extid version account_status communities";
    static const char retry[] = "identifier extid version request_digest secret_digest";
    static const char create[] = "outcome identifier extid version email_taken extid_taken "
                                 "request_digest secret_digest";
    static const char update[] = "outcome identifier extid version email_taken";
    static const char extid[] = "outcome identifier extid version";

    results.authenticated = MAKE(enter, 1, "company", "f", "fuzz", "read-write", "1", "epoch");
    results.refused = MAKE(enter, 1, "company", "f", NULL, NULL, NULL, NULL);
    results.entered = MAKE("permission tenant", 1, "read-write", "1");
    results.stale = MAKE("permission tenant", 0, NULL);
    results.resolved = MAKE("company_id", 1, "1");
    results.account = make(account_columns, 1, account_values, LENGTH(account_values));
    results.accounts = make(account_columns, 2, account_values, LENGTH(account_values));
    results.no_account = make(account_columns, 0, NULL, 0);
    results.found = MAKE(find, 1, "10000001", "A1", "7", "Active", "{original}");
    results.not_found = MAKE(find, 0, NULL);
    results.labels = MAKE("key label", 2, "crm-identifier", "CRM", "shoe-size", "Shoe \"Size\"");
    results.definitions = MAKE("password_score fields communities countries", 1, "1",
                               "crm-identifier shoe-size", "original second", "AU US");
    results.community = MAKE("community", 1, "original");
    results.no_community = MAKE("community", 0, NULL);
    results.comments =
        MAKE("identifier author creation_time comment", 2, "2", "fuzz", "2011-02-08 22:06:43+00",
             "a\nb", "1", "fuzz", "2011-02-08 22:06:43.123456+00", "<&>");
    results.health = MAKE("round", 1, "0");
    results.kept = MAKE(retry, 1, "10000001", "A1", "7", "\\x00", "\\x00");
    results.not_kept = MAKE(retry, 0, NULL);
    results.conflict = MAKE("email_taken extid_taken", 1, "t", "t");
    results.no_conflict = MAKE("email_taken extid_taken", 1, "f", "f");
    results.created = MAKE(create, 1, "created", "10000003", NULL, "1", "f", "f", NULL, NULL);
    results.create_conflict = MAKE(create, 1, "conflict", NULL, NULL, NULL, "t", "t", NULL, NULL);
    results.in_progress =
        MAKE(create, 1, "in-progress", "10000001", NULL, "1", "f", "f", NULL, NULL);
    results.added = MAKE(create, 1, "added", "10000001", "A1", "7", "f", "f", NULL, NULL);
    results.updated = MAKE(update, 1, "updated", "10000001", "A1", "8", "f");
    results.update_conflict = MAKE(update, 1, "conflict", NULL, NULL, NULL, "t");
    results.precondition = MAKE(update, 1, "precondition", NULL, NULL, NULL, "f");
    results.extid_set = MAKE(extid, 1, "set", "10000001", "A2", "7");
    results.extid_taken = MAKE(extid, 1, "taken", NULL, NULL, NULL);
    results.acknowledged = MAKE("position", 0, NULL);
    results.missing = MAKE("position", 1, "1");
}

static bool is_any(const struct query *query, const struct query *const *queries)
{
    while (*queries != NULL && *queries != query)
        queries++;
    return *queries != NULL;
}

static bool is(const char *value, const char *text)
{
    return value != NULL && strcmp(value, text) == 0;
}

static bool names_none(const struct step *step)
{
    return is(step->values[1], "404");
}

/* Whether one of the values holds a word. */
static bool holds(const struct step *step, const char *word)
{
    for (int i = 0; i < step->query->parameters; i++)
        if (step->values[i] != NULL && strstr(step->values[i], word) != NULL)
            return true;
    return false;
}

static const PGresult *answer_write(const struct step *step)
{
    const struct query *query = step->query;

    if (query == &query_create && holds(step, "in-progress"))
        return results.in_progress;
    if (query == &query_create)
        return holds(step, "taken@") ? results.create_conflict : results.created;
    if (query == &query_add_comment)
        return holds(step, "in-progress") ? results.in_progress : results.added;
    if (query == &query_update && holds(step, "gone@"))
        return results.precondition;
    if (query == &query_update)
        return holds(step, "taken@") ? results.update_conflict : results.updated;
    if (query == &query_set_extid)
        return holds(step, "taken") ? results.extid_taken : results.extid_set;
    assert(query == &query_acknowledge || query == &query_acknowledge_by_extid);
    return holds(step, "\"404\"") ? results.missing : results.acknowledged;
}

static const PGresult *answer(const struct step *step)
{
    static const struct query *const lists[] = {
        &query_list_all,     &query_list_acked,    &query_list_unacked,  &query_list_named,
        &query_list_changed, &query_find_by_field, &query_find_by_email, NULL};
    const struct query *query = step->query;

    if (query == &query_resolve)
        return results.resolved;
    if (query == &query_enter)
        return is(step->values[2], "fuzz") ? results.authenticated : results.refused;
    if (query == &query_enter_again)
        return is(step->values[1], "fuzz") ? results.entered : results.stale;
    if (query == &query_show || query == &query_show_by_extid)
        return names_none(step) ? results.no_account : results.account;
    if (query == &query_find || query == &query_find_by_extid)
        return names_none(step) ? results.not_found : results.found;
    if (is_any(query, lists))
        return holds(step, "404") ? results.no_account : results.accounts;
    if (query == &query_field_labels)
        return results.labels;
    if (query == &query_definitions)
        return results.definitions;
    if (query == &query_community)
        return is(step->values[1], "original") ? results.community : results.no_community;
    if (query == &query_comments || query == &query_comments_by_extid)
        return results.comments;
    if (query == &query_health)
        return results.health;
    if (query == &query_retry)
        return holds(step, "kept") ? results.kept : results.not_kept;
    if (query == &query_conflicts)
        return holds(step, "taken") ? results.conflict : results.no_conflict;
    return answer_write(step);
}

static enum database_status run(struct step *steps, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        for (int j = 0; j < steps[i].query->parameters; j++)
            if (steps[i].values[j] != NULL)
                assert(text_is_utf8(steps[i].values[j], strlen(steps[i].values[j])));
        if (watch != NULL)
            watch(&steps[i]);
        steps[i].result = answer(&steps[i]);
    }
    return DATABASE_DONE;
}

void fake_database_watch(fake_database_watcher *watcher)
{
    watch = watcher;
}

struct database *database_new(TALLOC_CTX *ctx, const struct database_options *options)
{
    (void)options;
    make_results();
    return talloc_zero(ctx, struct database);
}

enum database_status database_read(struct database *database, TALLOC_CTX *ctx, struct step *steps,
                                   unsigned count, int64_t deadline)
{
    (void)database;
    (void)ctx;
    (void)deadline;
    return run(steps, count);
}

enum database_status database_write(struct database *database, TALLOC_CTX *ctx, struct step *steps,
                                    unsigned count, int64_t deadline)
{
    (void)database;
    (void)ctx;
    (void)deadline;
    return run(steps, count);
}

enum database_status database_commit(struct database *database, int64_t deadline)
{
    (void)database;
    (void)deadline;
    return DATABASE_DONE;
}

void database_rollback(struct database *database, int64_t deadline)
{
    (void)database;
    (void)deadline;
}

const char *database_sqlstate(const struct database *database)
{
    (void)database;
    return "";
}

bool database_is_silent(const struct database *database)
{
    (void)database;
    return false;
}

int64_t database_take_elapsed(struct database *database)
{
    (void)database;
    return 0;
}
