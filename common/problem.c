#include "common/problem.h"

#include <stdint.h>
#include <string.h>

enum { RECENT = 256 };

/* A problem that problems_add_named has dealt with. What is not kept once is never kept later. */
struct recent {
    unsigned rank;
    enum hint hint;
    const char *path;
    const char *step;
    const char *name;
};

struct problems {
    unsigned arrived;
    size_t count;
    struct problem sorted[PROBLEMS_MAXIMUM];
    uint64_t hashes[PROBLEMS_MAXIMUM]; /* of their xpaths, at the same places */
    char *joined;                      /* the xpath that was last put together */
    size_t joined_size;
    struct recent recent[RECENT]; /* by their names' addresses */
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

/* Puts an xpath together, in memory that serves the next one too. NULL: out of memory. */
static const char *join(struct problems *problems, const char *const parts[], size_t *length)
{
    *length = 0;
    for (; *parts != NULL; parts++) {
        size_t part_length = strlen(*parts);

        if (problems->joined_size <= *length + part_length) {
            size_t size = 2 * (*length + part_length) + 1;
            char *larger = talloc_realloc_size(problems, problems->joined, size);

            if (larger == NULL)
                return NULL;
            problems->joined = larger;
            problems->joined_size = size;
        }
        memcpy(problems->joined + *length, *parts, part_length + 1);
        *length += part_length;
    }
    return problems->joined;
}

/* Eight bytes at a time. Who makes paths that share a hash has them compared, no more. */
static uint64_t hash_of(const char *text, size_t length)
{
    uint64_t hash = length;

    for (size_t i = 0; i < length; i += sizeof hash) {
        uint64_t word = 0;

        memcpy(&word, text + i, length - i < sizeof word ? length - i : sizeof word);
        hash = (hash ^ word) * 0x9e3779b97f4a7c15;
        hash ^= hash >> 32;
    }
    return hash;
}

static bool is_known(const struct problems *problems, enum hint hint, const char *xpath,
                     uint64_t hash)
{
    for (size_t i = 0; i < problems->count; i++)
        if (problems->hashes[i] == hash && problems->sorted[i].hint == hint &&
            strcmp(problems->sorted[i].xpath, xpath) == 0)
            return true;
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

static void insert(struct problems *problems, size_t place, const struct problem *problem,
                   uint64_t hash)
{
    size_t behind;

    if (problems->count == PROBLEMS_MAXIMUM)
        drop_last(problems);
    behind = problems->count - place;
    memmove(&problems->sorted[place + 1], &problems->sorted[place], behind * sizeof *problem);
    memmove(&problems->hashes[place + 1], &problems->hashes[place], behind * sizeof hash);
    problems->sorted[place] = *problem;
    problems->hashes[place] = hash;
    problems->count++;
}

bool problems_full(const struct problems *problems, unsigned rank)
{
    return problems->count == PROBLEMS_MAXIMUM &&
           problems->sorted[PROBLEMS_MAXIMUM - 1].rank <= rank;
}

bool problems_add_parts(struct problems *problems, unsigned rank, enum hint hint,
                        const char *const parts[], const char *detail)
{
    const char *xpath;
    size_t length;
    uint64_t hash;
    char *own_xpath, *own_detail;

    /* First the cheap questions: a hostile document has a hundred thousand problems. */
    if (problems_full(problems, rank))
        return true;
    xpath = join(problems, parts, &length);
    if (xpath == NULL)
        return false;
    hash = hash_of(xpath, length);
    if (is_known(problems, hint, xpath, hash))
        return true;
    own_xpath = talloc_strdup(problems, xpath);
    own_detail = talloc_strdup(problems, detail);
    if (own_xpath == NULL || own_detail == NULL) {
        talloc_free(own_xpath);
        talloc_free(own_detail);
        return false;
    }
    insert(problems, find_place(problems, rank),
           &(struct problem){.rank = rank,
                             .serial = problems->arrived++,
                             .hint = hint,
                             .xpath = own_xpath,
                             .detail = own_detail},
           hash);
    return true;
}

bool problems_add(struct problems *problems, unsigned rank, enum hint hint, const char *xpath,
                  const char *detail)
{
    return problems_add_parts(problems, rank, hint, XPATH_PARTS(xpath), detail);
}

bool problems_add_named(struct problems *problems, unsigned rank, enum hint hint, const char *path,
                        const char *step, const char *name, const char *detail)
{
    /* Addresses of short strings differ in their lower bits. */
    struct recent *recent = &problems->recent[((uintptr_t)name ^ (uintptr_t)name >> 8) % RECENT];

    if (recent->name == name && recent->path == path && recent->step == step &&
        recent->rank == rank && recent->hint == hint)
        return true;
    if (!problems_add_parts(problems, rank, hint, XPATH_PARTS(path, step, name), detail))
        return false;
    *recent = (struct recent){rank, hint, path, step, name};
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
