#include "common/problem.h"

#include <string.h>

struct problems {
    unsigned arrived;
    size_t count;
    struct problem sorted[PROBLEMS_MAXIMUM];
};

const char *hint_name(enum hint hint)
{
    static const char *const names[] = {
        [HINT_REQUIRED] = "required",
        [HINT_INVALID] = "invalid",
        [HINT_DUPLICATE] = "duplicate",
        [HINT_WEAK] = "weak",
    };

    return names[hint];
}

struct problems *problems_new(TALLOC_CTX *ctx)
{
    return talloc_zero(ctx, struct problems);
}

static bool is_known(const struct problems *problems, enum hint hint, const char *xpath)
{
    for (size_t i = 0; i < problems->count; i++) {
        const struct problem *problem = &problems->sorted[i];

        if (problem->hint == hint && strcmp(problem->xpath, xpath) == 0)
            return true;
    }
    return false;
}

/* Where a problem that arrives now belongs: after those of its own rank. */
static size_t find_place(const struct problems *problems, unsigned rank)
{
    size_t place = problems->count;

    while (place > 0 && problems->sorted[place - 1].rank > rank)
        place--;
    return place;
}

static void drop_last(struct problems *problems)
{
    struct problem *last = &problems->sorted[--problems->count];

    talloc_free((void *)last->xpath);
    talloc_free((void *)last->detail);
}

static void insert(struct problems *problems, size_t place, const struct problem *problem)
{
    if (problems->count == PROBLEMS_MAXIMUM)
        drop_last(problems);
    memmove(&problems->sorted[place + 1], &problems->sorted[place],
            (problems->count - place) * sizeof *problem);
    problems->sorted[place] = *problem;
    problems->count++;
}

bool problems_add(struct problems *problems, unsigned rank, enum hint hint, const char *xpath,
                  const char *detail)
{
    size_t place = find_place(problems, rank);
    char *own_xpath, *own_detail;

    /* First the cheap question: a hostile document has a hundred thousand problems. */
    if (place == PROBLEMS_MAXIMUM || is_known(problems, hint, xpath))
        return true;
    own_xpath = talloc_strdup(problems, xpath);
    own_detail = talloc_strdup(problems, detail);
    if (own_xpath == NULL || own_detail == NULL) {
        talloc_free(own_xpath);
        talloc_free(own_detail);
        return false;
    }
    insert(problems, place,
           &(struct problem){.rank = rank,
                             .serial = problems->arrived++,
                             .hint = hint,
                             .xpath = own_xpath,
                             .detail = own_detail});
    return true;
}

size_t problems_count(const struct problems *problems)
{
    return problems->count;
}

const struct problem *problems_get(const struct problems *problems, size_t index)
{
    return &problems->sorted[index];
}

/* Writes `length` bytes between two quotes and returns the end. */
static char *write_quoted(char *out, char quote, const char *text, size_t length)
{
    *out++ = quote;
    memcpy(out, text, length);
    out[length] = quote;
    return out + length + 1;
}

/* Writes concat() of runs without and of runs with apostrophes, each in the quotes it can bear. */
static char *write_concat(char *out, const char *value)
{
    out = stpcpy(out, "concat(");
    for (const char *run = value; *run != '\0';) {
        size_t apostrophes = strspn(run, "'");
        size_t length = apostrophes > 0 ? apostrophes : strcspn(run, "'");

        if (run > value)
            out = stpcpy(out, ", ");
        out = write_quoted(out, apostrophes > 0 ? '"' : '\'', run, length);
        run += length;
    }
    return stpcpy(out, ")");
}

char *xpath_with_key(TALLOC_CTX *ctx, const char *path, const char *attribute, const char *value)
{
    static const char frame[] = "[@=concat()]";
    size_t length = strlen(value);
    /* At worst each character is a run of its own, with two quotes, a comma and a space. */
    char *xpath =
        talloc_size(ctx, strlen(path) + strlen(attribute) + 5 * length + sizeof frame + 4);
    char *out = xpath;

    if (xpath == NULL)
        return NULL;
    out = stpcpy(out, path);
    out = stpcpy(out, "[@");
    out = stpcpy(out, attribute);
    out = stpcpy(out, "=");
    if (strchr(value, '\'') == NULL)
        out = write_quoted(out, '\'', value, length);
    else if (strchr(value, '"') == NULL)
        out = write_quoted(out, '"', value, length);
    else
        out = write_concat(out, value);
    stpcpy(out, "]");
    return xpath;
}
