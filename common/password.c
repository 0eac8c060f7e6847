#include "common/password.h"

#include "common/password_common.h"
#include "common/text.h"

#include <limits.h>
#include <malloc.h>
#include <math.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <zxcvbn.h>

enum { MINIMUM_LENGTH = 8, MAXIMUM_LENGTH = 128 };

/*
 * How much of a password libzxcvbn gets to see. Its time rises with the fifth power of the length
 * of a run on the keypad: "1212..." takes two seconds at 100 bytes, 15 milliseconds at 40. What
 * comes after so many bytes hardly matters: without a pattern they are far beyond the best score.
 */
enum { RATED_BYTES = 40 };

/* Full case folding makes no text more than three times as long (U+0390 is among the longest). */
enum { FOLDING_GROWTH = 3 };

enum { SALT_BYTES = 16, HASH_BYTES = 32 };

/* The size of base64 with padding and NUL. */
#define BASE64_SIZE(bytes) (((bytes) + 2) / 3 * 4 + 1)

/* The least that OWASP's Password Storage Cheat Sheet asks for: r, and p by ln from LEAST_LN on. */
enum { LEAST_LN = 13, GREATEST_LN = 20, LEAST_R = 8 };
static const unsigned least_p[] = {10, 5, 3, 2, 1, 1, 1, 1};

/* 128 * r * N * p, which bounds both memory and time. */
static const uint64_t greatest_work = UINT64_C(1) << 30;

/* A value of the account, as given and case-folded. */
struct own_value {
    const char *given;
    const char *folded;
};

static int wipe(char *secret)
{
    OPENSSL_cleanse(secret, talloc_get_size(secret));
    return 0;
}

/* Folds case for comparing without case, in no language in particular. NULL: out of memory. */
static char *fold_case(TALLOC_CTX *ctx, const char *text)
{
    size_t length = strlen(text);
    size_t size = FOLDING_GROWTH * length + 1;
    char *folded = talloc_size(ctx, size);

    if (folded == NULL)
        return NULL;
    talloc_set_destructor(folded, wipe);
    /* With a buffer that is large enough it makes no other copy, which would not be wiped. */
    return (char *)u8_casefold((const uint8_t *)text, length + 1, NULL, NULL, (uint8_t *)folded,
                               &size);
}

/* The values that are not empty, the list ended by a NULL. NULL: out of memory. */
static struct own_value *fold_own(TALLOC_CTX *ctx, const char *const *own)
{
    struct own_value *values;
    unsigned count = 0;

    while (own[count] != NULL)
        count++;
    values = talloc_zero_array(ctx, struct own_value, count + 1);
    if (values == NULL)
        return NULL;
    for (struct own_value *next = values; *own != NULL; own++) {
        if (**own == '\0')
            continue;
        *next = (struct own_value){*own, fold_case(values, *own)};
        if (next->folded == NULL)
            return NULL;
        next++;
    }
    return values;
}

/* Whether the password is this value with any number of digits before and after it. */
static bool is_among_digits(const char *password, const char *value)
{
    size_t length = strlen(value);
    size_t digits = strspn(password, TEXT_DIGITS);

    for (const char *start = password; start <= password + digits; start++)
        if (strncmp(start, value, length) == 0 &&
            start[length + strspn(start + length, TEXT_DIGITS)] == '\0')
            return true;
    return false;
}

static bool is_own(const char *password, const struct own_value *own)
{
    for (; own->folded != NULL; own++)
        if (is_among_digits(password, own->folded))
            return true;
    return false;
}

static int compare_common(const void *password, const void *member)
{
    return strcmp(password, *(const char *const *)member);
}

static bool is_common(const char *password)
{
    return bsearch(password, password_common, password_common_count, sizeof *password_common,
                   compare_common) != NULL;
}

static size_t at_most(size_t length, size_t maximum)
{
    return length < maximum ? length : maximum;
}

/*
 * libzxcvbn's dictionary, its list ended by a NULL: the own values, cut like the password, also
 * with their case folded, since it folds only ASCII itself, and then, for an e-mail address,
 * without the domain. NULL: out of memory.
 */
static const char **own_words(TALLOC_CTX *ctx, const struct own_value *own)
{
    const char **words;
    unsigned count = 0;

    while (own[count].folded != NULL)
        count++;
    words = talloc_zero_array(ctx, const char *, 2 * count + 1);
    if (words == NULL)
        return NULL;
    for (const char **next = words; own->folded != NULL; own++) {
        size_t name = strcspn(own->folded, "@");

        next[0] = talloc_strndup(words, own->given, RATED_BYTES);
        next[1] = talloc_strndup(words, own->folded, at_most(name, RATED_BYTES));
        if (next[0] == NULL || next[1] == NULL)
            return NULL;
        next += 2;
    }
    return words;
}

static int score(const char *password, const char **words)
{
    static const double guesses[] = {1e3, 1e6, 1e8, 1e10};
    static const int best = sizeof guesses / sizeof *guesses;
    char rated[RATED_BYTES + 1] = "";
    double estimate;
    int reached = 0;

    /* NOLINTNEXTLINE(bugprone-not-null-terminated-result): its last byte is zero and stays so */
    memcpy(rated, password, at_most(strlen(password), RATED_BYTES));
    /* Without memory it ends the process, which has written nothing yet; another takes its place.
     */
    estimate = exp2(ZxcvbnMatch(rated, words, NULL));
    OPENSSL_cleanse(rated, sizeof rated);
    while (reached < best && estimate > guesses[reached])
        reached++;
    return reached;
}

static const char *check_content(TALLOC_CTX *ctx, const char *password, const char *const *own,
                                 int minimum_score, bool *no_memory)
{
    const char *folded = fold_case(ctx, password);
    const struct own_value *values = fold_own(ctx, own);
    const char **words = values == NULL ? NULL : own_words(ctx, values);

    *no_memory = folded == NULL || words == NULL;
    if (*no_memory)
        return NULL;
    if (is_common(folded))
        return "Use another password; this is one of the most common.";
    if (is_own(folded, values))
        return "Use another password; this is the account's own e-mail address or name.";
    if (minimum_score > 0 && score(password, words) < minimum_score)
        return "Use another password; this is too easy to guess.";
    return NULL;
}

const char *password_check(const char *password, const char *const *own, int minimum_score,
                           bool *no_memory)
{
    size_t length = text_length(password);
    TALLOC_CTX *ctx;
    const char *problem;

    *no_memory = false;
    if (length < MINIMUM_LENGTH)
        return "Use at least 8 characters.";
    if (length > MAXIMUM_LENGTH)
        return "Use at most 128 characters.";
    ctx = talloc_new(NULL);
    if (ctx == NULL) {
        *no_memory = true;
        return NULL;
    }
    problem = check_content(ctx, password, own, minimum_score, no_memory);
    talloc_free(ctx);
    return problem;
}

/* "ln=14,r=8,p=5" */
static char *write_cost(char text[64], const struct password_cost *cost)
{
    snprintf(text, 64, "ln=%u,r=%u,p=%u", cost->ln, cost->r, cost->p);
    return text;
}

bool password_parse_cost(const char *text, struct password_cost *cost)
{
    struct password_cost read;
    char written[64];

    if (sscanf(text, "ln=%2u,r=%4u,p=%4u", &read.ln, &read.r, &read.p) != 3)
        return false;
    /* sscanf takes spaces, signs, leading zeros and whatever follows; written again they show. */
    if (strcmp(text, write_cost(written, &read)) != 0)
        return false;
    if (read.ln < LEAST_LN || read.ln > GREATEST_LN || read.r < LEAST_R ||
        read.p < least_p[read.ln - LEAST_LN])
        return false;
    if ((UINT64_C(128) * read.r * read.p) << read.ln > greatest_work)
        return false;
    *cost = read;
    return true;
}

/* Base64 without padding, into BASE64_SIZE(size) bytes. */
static const char *encode_base64(char *text, const unsigned char *bytes, int size)
{
    EVP_EncodeBlock((unsigned char *)text, bytes, size);
    text[strcspn(text, "=")] = '\0';
    return text;
}

static char *write_phc(TALLOC_CTX *ctx, const struct password_cost *cost,
                       const unsigned char salt[SALT_BYTES], const unsigned char hash[HASH_BYTES])
{
    char cost_text[64];
    char salt_text[BASE64_SIZE(SALT_BYTES)];
    char hash_text[BASE64_SIZE(HASH_BYTES)];

    return talloc_asprintf(ctx, "$scrypt$%s$%s$%s", write_cost(cost_text, cost),
                           encode_base64(salt_text, salt, SALT_BYTES),
                           encode_base64(hash_text, hash, HASH_BYTES));
}

/*
 * Keeps the memory of a hash for the next one. Given back to the system and got again, its pages
 * cost a twentieth of the hash. More than 32 MiB glibc does not keep.
 */
static void keep_memory_of_hash(uint64_t size)
{
    enum { HEADER_BYTES = 64 };

    if (size < INT_MAX / 2 && mallopt(M_MMAP_THRESHOLD, (int)size + HEADER_BYTES) == 1)
        mallopt(M_TRIM_THRESHOLD, 2 * (int)size);
}

char *password_hash(TALLOC_CTX *ctx, const char *password, const struct password_cost *cost)
{
    uint64_t rounds = UINT64_C(1) << cost->ln;
    /* All that OpenSSL counts; its own limit of 32 MiB would refuse the larger costs. */
    uint64_t memory = UINT64_C(128) * cost->r * (rounds + cost->p + 2);
    unsigned char salt[SALT_BYTES];
    unsigned char hash[HASH_BYTES];
    char *phc = NULL;

    keep_memory_of_hash(memory);
    if (RAND_bytes(salt, SALT_BYTES) == 1 &&
        EVP_PBE_scrypt(password, strlen(password), salt, SALT_BYTES, rounds, cost->r, cost->p,
                       memory, hash, HASH_BYTES) == 1)
        phc = write_phc(ctx, cost, salt, hash);
    OPENSSL_cleanse(hash, HASH_BYTES);
    return phc;
}
