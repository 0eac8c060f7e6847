#include "common/password.h"

#include "common/password_common.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

#define E_ACUTE "é"
#define GRINNING_FACE "😀"

static const char *const nothing[] = {NULL};
static const char *const joseph[] = {"joe@example.net", "Joseph", "Banks", "",
                                     "Joseph Banks",    NULL};

static int make_context(void **state)
{
    *state = talloc_new(NULL);
    return *state == NULL ? -1 : 0;
}

static int free_context(void **state)
{
    return talloc_free(*state);
}

static bool is_strong(const char *password, const char *const *own, int minimum_score)
{
    bool no_memory = true;
    const char *problem = password_check(password, own, minimum_score, &no_memory);

    assert_false(no_memory);
    if (problem != NULL) {
        assert_in_range(problem[0], 'A', 'Z');
        assert_int_equal(problem[strlen(problem) - 1], '.');
    }
    return problem == NULL;
}

static void assert_strong(const char *password, const char *const *own)
{
    if (!is_strong(password, own, 0))
        fail_msg("\"%s\" is refused", password);
}

static void assert_weak(const char *password, const char *const *own)
{
    if (is_strong(password, own, 0))
        fail_msg("\"%s\" is accepted", password);
}

/* The score is the highest minimum that is reached. */
static int score_of(const char *password, const char *const *own)
{
    int score = 0;

    while (score < 4 && is_strong(password, own, score + 1))
        score++;
    return score;
}

/* `count` times `piece`, in a buffer that the next call uses again. */
static const char *repeat(const char *piece, size_t count)
{
    static char text[4096];
    size_t length = strlen(piece);

    assert_true(length * count < sizeof text);
    for (size_t i = 0; i < count; i++)
        memcpy(text + i * length, piece, length);
    text[length * count] = '\0';
    return text;
}

static void length_is_8_to_128_code_points(void **state)
{
    static const char *const characters[] = {"~", E_ACUTE, "€", GRINNING_FACE};

    (void)state;
    for (size_t i = 0; i < COUNT(characters); i++) {
        assert_weak(repeat(characters[i], 7), nothing);
        assert_strong(repeat(characters[i], 8), nothing);
        assert_strong(repeat(characters[i], 128), nothing);
        assert_weak(repeat(characters[i], 129), nothing);
    }
    assert_weak("", nothing);
    assert_weak("kqzwvpx", nothing);
    assert_strong("kqzwvpxj", nothing);
    assert_weak(repeat("y", 4000), nothing);
}

static void nothing_is_asked_of_the_composition(void **state)
{
    (void)state;
    assert_strong("wzkvqpxm", nothing);
    assert_strong("83920174", nothing);
    assert_strong("        ", nothing);
    assert_strong("newpassword", joseph);
    assert_strong(repeat(GRINNING_FACE, 8), nothing);
}

static void the_list_of_common_passwords_is_sound(void **state)
{
    (void)state;
    assert_int_equal(password_common_count, 3000);
    for (size_t i = 0; i < password_common_count; i++) {
        const char *password = password_common[i];

        assert_in_range(strlen(password), 8, 128);
        for (const char *c = password; *c != '\0'; c++)
            assert_false(*c >= 'A' && *c <= 'Z');
        if (i > 0)
            assert_true(strcmp(password_common[i - 1], password) < 0);
    }
}

static void every_common_password_is_weak(void **state)
{
    (void)state;
    for (size_t i = 0; i < password_common_count; i++)
        assert_weak(password_common[i], nothing);
}

static void common_passwords_are_compared_without_case(void **state)
{
    (void)state;
    assert_weak("password", nothing);
    assert_weak("PASSWORD", nothing);
    assert_weak("PassWord", nothing);
    assert_weak("12345678", nothing);
    assert_weak("QWERTYuiop", nothing);
    assert_weak("trustNo1", nothing);
    assert_weak("paſſword", nothing); /* the long s folds to s */
    assert_strong("passwords of mine", nothing);
    assert_strong(" password", nothing);
    assert_strong("password ", nothing);
}

static void own_values_are_weak(void **state)
{
    static const char *const own[] = {"joe@example.net", "Wilhelmina", "Featherstone",
                                      "Wilhelmina Featherstone", NULL};

    (void)state;
    assert_weak("joe@example.net", own);
    assert_weak("JOE@Example.Net", own);
    assert_weak("wilhelmina", own);
    assert_weak("FEATHERSTONE", own);
    assert_weak("wilhelmina featherstone", own);
    assert_strong("wilhelmina", nothing);
    assert_strong("wilhelminas", own);
    assert_strong("wilhelmin", own);
    assert_strong("wilhelmina.featherstone", own);
    assert_strong("joe@example.com", own);
}

static void own_values_among_digits_are_weak(void **state)
{
    static const char *const own[] = {"99red@example.net", "Anna", "4ever2", "Anna 4ever2", NULL};

    (void)state;
    assert_weak("anna2024", own);
    assert_weak("2024anna", own);
    assert_weak("19ANNA84", own);
    assert_weak("0000000000anna0000000000", own);
    assert_weak("99red@example.net", own);
    assert_weak("199red@example.net1", own);
    assert_weak("99991999red@example.net007", own);
    assert_weak("14ever21", own);
    assert_weak("444ever222", own);
    assert_weak("11Anna 4ever211", own);
    assert_strong("anna-2024", own);
    assert_strong("anna2024!", own);
    assert_strong("an2024na", own);
    assert_strong("annaanna", own);
    assert_strong("2024ann4", own);
    assert_strong("1ever2222", own);
    assert_strong("anna١٢٣٤", own); /* other digits than ASCII's */
}

static void own_values_are_compared_without_case_beyond_ascii(void **state)
{
    static const char *const own[] = {"x@example.net", "Éloïse-Amélie", "Екатерина", "Großbauer",
                                      "Σίσυφος",       "ΐΐΐΐΐΐΐΐ",      NULL};

    (void)state;
    assert_weak("éLOÏSE-AMÉLIE", own);
    assert_weak("12éloïse-amélie34", own);
    assert_weak("екатеринА7", own);
    assert_weak("GROSSBAUER", own);
    assert_weak("GROẞBAUER1", own);      /* with a capital sharp s */
    assert_weak("σίσυφοσ99", own);       /* without a final sigma */
    assert_weak("ΐΐΐΐΐΐΐΐ", own);        /* three times as long when folded */
    assert_strong("eloise-amelie", own); /* an accent is no matter of case */
}

static void empty_own_values_are_skipped(void **state)
{
    static const char *const empty[] = {"", "", NULL};
    static const char *const late[] = {"", "Wilhelmina", NULL};

    (void)state;
    assert_strong("83920174", empty);
    assert_int_equal(score_of("wzkvqpxm", empty), 4);
    assert_weak("wilhelmina1", late);
}

static void own_values_longer_than_a_password_do_no_harm(void **state)
{
    char *name = strdup(repeat("ab", 1000));
    char *longest = strdup(repeat(E_ACUTE, 128));
    const char *const own[] = {name, longest, NULL};

    (void)state;
    assert_strong("abababab", own);
    assert_int_equal(score_of("wzkvqpxm", own), 4);
    assert_weak(longest, own);
    free(name);
    free(longest);
}

/* libzxcvbn's estimates: 10^2.9, 10^4.4, 10^6.5, 10^9.3 and 10^14.3 guesses. */
static void scores_begin_above_their_number_of_guesses(void **state)
{
    (void)state;
    assert_int_equal(score_of("newpassword1", nothing), 0);
    assert_int_equal(score_of("qwertyuiopas", nothing), 1);
    assert_int_equal(score_of("elephantgiraffe", nothing), 2);
    assert_int_equal(score_of("zebra-walnut", nothing), 3);
    assert_int_equal(score_of("k7Hq2vXp", nothing), 4);
    assert_true(is_strong("newpassword1", nothing, 0));
}

static void the_floor_holds_whatever_the_score(void **state)
{
    static const char *const own[] = {"kqzwvpxj@example.net", "Kqzwvpxj", NULL};

    (void)state;
    for (int minimum = 0; minimum <= 4; minimum++) {
        assert_false(is_strong("password", nothing, minimum));
        assert_false(is_strong("k7Hq2vX", nothing, minimum));
        assert_false(is_strong(repeat("k7Hq2vXp", 17), nothing, minimum));
        assert_false(is_strong("77kqzwvpxj77", own, minimum));
    }
}

static void own_values_are_known_words(void **state)
{
    static const char *const own[] = {"zqxwvk@mailbox.example", "Kprtzvbn", "Xwqlmfgh",
                                      "Kprtzvbn Xwqlmfgh", NULL};

    (void)state;
    assert_int_equal(score_of("kprtzvbn!", nothing), 4);
    assert_in_range(score_of("kprtzvbn!", own), 0, 1);
    assert_in_range(score_of("KprtzvbnXwqlmfgh", own), 0, 1);
    assert_in_range(score_of("kprtzvbn xwqlmfgh!", own), 0, 2);
    assert_int_equal(score_of("zqxwvk@mailbox.example!", nothing), 4);
    assert_in_range(score_of("zqxwvk@mailbox.example!", own), 0, 1);
    assert_int_equal(score_of("zqxwvk12", nothing), 4);
    assert_in_range(score_of("zqxwvk12", own), 0, 2); /* without the domain */
    assert_int_equal(score_of("m7Gw2yRd", own), 4);
}

static void own_words_beyond_ascii_are_known_in_either_case(void **state)
{
    static const char *const own[] = {"ÉztwpqrÖ", NULL};

    (void)state;
    assert_int_equal(score_of("éztwpqrö!", nothing), 4);
    assert_in_range(score_of("éztwpqrö!", own), 0, 1);
    assert_in_range(score_of("ÉztwpqrÖ!", own), 0, 1);
}

static void own_words_longer_than_what_is_rated_are_known(void **state)
{
    static const char *const own[] = {"qzkv.wxpt.mjrl.bdfg.hnsc.ytqw.zpxk.vmlr.jbtd@example.net",
                                      NULL};
    char password[128];

    (void)state;
    snprintf(password, sizeof password, "%s!", own[0]);
    assert_int_equal(score_of(password, nothing), 4);
    assert_in_range(score_of(password, own), 0, 1);
}

/* Unbounded, libzxcvbn takes seconds for the first of these. */
static void rating_takes_a_bounded_time(void **state)
{
    static const struct {
        const char *piece;
        size_t count;
    } passwords[] = {
        {"12", 64},     {"45", 64},         {"787", 42},    {"0.", 64},
        {"121212", 21}, {"20112011", 16},   {"a", 128},     {"as", 64},
        {"qwqa", 32},   {"!1", 64},         {"1|7l", 32},   {"password", 16},
        {"joe", 42},    {"45" E_ACUTE, 42}, {E_ACUTE, 128}, {GRINNING_FACE, 128},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(passwords); i++) {
        clock_t start = clock();

        is_strong(repeat(passwords[i].piece, passwords[i].count), joseph, 4);
        assert_in_range((clock() - start) * 1000 / CLOCKS_PER_SEC, 0, 250);
    }
}

static void patterns_of_any_length_are_weak(void **state)
{
    (void)state;
    assert_in_range(score_of(repeat("a", 128), nothing), 0, 1);
    assert_in_range(score_of(repeat("12", 64), nothing), 0, 1);
    assert_in_range(score_of(repeat("password", 16), nothing), 0, 1);
    assert_int_equal(
        score_of("correct horse battery staple, and then a walk along the river in spring",
                 nothing),
        4);
}

static void costs_are_read(void **state)
{
    static const struct {
        const char *text;
        struct password_cost cost;
    } good[] = {
        {PASSWORD_DEFAULT_COST, {14, 8, 5}}, {"ln=13,r=8,p=10", {13, 8, 10}},
        {"ln=14,r=8,p=5", {14, 8, 5}},       {"ln=15,r=8,p=3", {15, 8, 3}},
        {"ln=16,r=8,p=2", {16, 8, 2}},       {"ln=17,r=8,p=1", {17, 8, 1}},
        {"ln=18,r=8,p=1", {18, 8, 1}},       {"ln=20,r=8,p=1", {20, 8, 1}},
        {"ln=14,r=16,p=5", {14, 16, 5}},     {"ln=13,r=8,p=128", {13, 8, 128}},
        {"ln=13,r=102,p=10", {13, 102, 10}},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        struct password_cost cost = {0, 0, 0};

        if (!password_parse_cost(good[i].text, &cost))
            fail_msg("\"%s\" is refused", good[i].text);
        assert_memory_equal(&cost, &good[i].cost, sizeof cost);
    }
}

static void bad_costs_are_refused(void **state)
{
    static const char *const bad[] = {
        /* less than OWASP's */
        "ln=12,r=8,p=20",
        "ln=13,r=8,p=9",
        "ln=14,r=8,p=4",
        "ln=15,r=8,p=2",
        "ln=16,r=8,p=1",
        "ln=17,r=7,p=1",
        "ln=20,r=1,p=1",
        "ln=17,r=8,p=0",
        "ln=0,r=8,p=1",
        "ln=14,r=0,p=5",
        /* more than 1 GiB */
        "ln=21,r=8,p=1",
        "ln=20,r=9,p=1",
        "ln=20,r=8,p=2",
        "ln=13,r=8,p=129",
        "ln=14,r=8,p=65",
        "ln=13,r=103,p=10",
        "ln=13,r=9999,p=9999",
        "ln=99,r=9999,p=9999",
        "ln=63,r=8,p=1",
        "ln=64,r=8,p=1",
        /* another form */
        "",
        "14",
        "ln=14",
        "ln=14,r=8",
        "ln=14,r=8,p=",
        "ln=14,r=8,p=5,",
        "ln=14,r=8,p=5 ",
        " ln=14,r=8,p=5",
        "ln= 14,r=8,p=5",
        "ln=14, r=8,p=5",
        "ln=14,r=8,p=+5",
        "ln=-14,r=8,p=5",
        "ln=014,r=8,p=5",
        "ln=14,r=08,p=5",
        "LN=14,R=8,P=5",
        "ln=14;r=8;p=5",
        "r=8,ln=14,p=5",
        "ln=14,r=8,p=5x",
        "ln=0x0e,r=8,p=5",
        "ln=14,r=8,p=00005",
        "ln=4294967310,r=8,p=5",
        "ln=14,r=8,p=4294967301",
        "$scrypt$ln=14,r=8,p=5",
        "ln=14,r=8,p=-4294967291",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct password_cost cost = {1, 2, 3};

        if (password_parse_cost(bad[i], &cost))
            fail_msg("\"%s\" is accepted", bad[i]);
        assert_int_equal(cost.ln * 100 + cost.r * 10 + cost.p, 123);
    }
}

/* Decodes base64 without padding. Returns the number of bytes. */
static size_t decode_base64(unsigned char *bytes, const char *text, size_t length)
{
    char padded[128];
    size_t padding = (4 - length % 4) % 4;

    assert_true(length + padding < sizeof padded);
    memcpy(padded, text, length);
    memset(padded + length, '=', padding);
    assert_int_equal(EVP_DecodeBlock(bytes, (unsigned char *)padded, (int)(length + padding)),
                     (length + padding) / 4 * 3);
    return (length + padding) / 4 * 3 - padding;
}

/* Takes a PHC string apart and computes the hash again. */
static void assert_hash_of(const char *phc, const char *prefix, const char *password,
                           uint64_t rounds, uint64_t r, uint64_t p)
{
    unsigned char salt[96];
    unsigned char hash[96];
    unsigned char expected[32];
    const char *encoded_salt = phc + strlen(prefix);
    const char *encoded_hash;

    assert_memory_equal(phc, prefix, strlen(prefix));
    assert_int_equal(strcspn(encoded_salt, "$"), 22);
    assert_int_equal(decode_base64(salt, encoded_salt, 22), 16);
    encoded_hash = encoded_salt + 23;
    assert_int_equal(strlen(encoded_hash), 43);
    assert_int_equal(decode_base64(hash, encoded_hash, 43), 32);
    assert_int_equal(EVP_PBE_scrypt(password, strlen(password), salt, 16, rounds, r, p,
                                    UINT64_C(1) << 30, expected, sizeof expected),
                     1);
    assert_memory_equal(hash, expected, sizeof expected);
}

static void the_hash_is_scrypt_of_the_bytes_as_sent(void **state)
{
    static const char *const passwords[] = {"newpassword", "", " with spaces ",
                                            ("p" E_ACUTE GRINNING_FACE), "pé"};
    const struct password_cost cost = {14, 8, 5};

    for (size_t i = 0; i < COUNT(passwords); i++)
        assert_hash_of(password_hash(*state, passwords[i], &cost), "$scrypt$ln=14,r=8,p=5$",
                       passwords[i], 1 << 14, 8, 5);
    /* Nothing is truncated: the hash is that of all 512 bytes. */
    assert_hash_of(password_hash(*state, repeat(GRINNING_FACE, 128), &cost),
                   "$scrypt$ln=14,r=8,p=5$", repeat(GRINNING_FACE, 128), 1 << 14, 8, 5);
}

static void other_costs_are_written_and_used(void **state)
{
    const struct password_cost small = {4, 8, 1};
    const struct password_cost large = {17, 8, 1}; /* more memory than OpenSSL allows by itself */

    assert_hash_of(password_hash(*state, "newpassword", &small), "$scrypt$ln=4,r=8,p=1$",
                   "newpassword", 1 << 4, 8, 1);
    assert_hash_of(password_hash(*state, "newpassword", &large), "$scrypt$ln=17,r=8,p=1$",
                   "newpassword", 1 << 17, 8, 1);
}

static void every_hash_has_a_salt_of_its_own(void **state)
{
    const struct password_cost cost = {4, 8, 1};
    const char *first = password_hash(*state, "newpassword", &cost);
    const char *second = password_hash(*state, "newpassword", &cost);
    const char *salt = first + strlen("$scrypt$ln=4,r=8,p=1$");

    assert_ptr_equal(talloc_parent(first), *state);
    assert_string_not_equal(first, second);
    assert_memory_not_equal(salt, second + (salt - first), 22);
}

static void a_cost_that_scrypt_refuses_gives_no_hash(void **state)
{
    const struct password_cost cost = {0, 8, 1};

    assert_null(password_hash(*state, "newpassword", &cost));
    assert_int_equal(talloc_total_blocks(*state), 1);
}

/* Deprecated without a successor, and just what is wanted here. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

static void limit_memory(TALLOC_CTX *ctx, size_t limit)
{
    assert_int_equal(talloc_set_memlimit(ctx, limit), 0);
}

#pragma GCC diagnostic pop

/* Checks under a limit on all that talloc gives out, which null tracking puts below one parent. */
static bool check_within(TALLOC_CTX *everything, size_t limit)
{
    size_t blocks = talloc_total_blocks(everything);
    const char *problem;
    bool no_memory;

    limit_memory(everything, talloc_total_size(everything) + limit);
    problem = password_check("m7Gw2yRd", joseph, 4, &no_memory);
    limit_memory(everything, 0);
    assert_null(problem);
    assert_int_equal(talloc_total_blocks(everything), blocks);
    return !no_memory;
}

static void want_of_memory_is_told(void **state)
{
    const struct password_cost cost = {4, 8, 1};
    TALLOC_CTX *probe;
    TALLOC_CTX *everything;
    size_t limit = 1;

    (void)state;
    talloc_enable_null_tracking();
    probe = talloc_new(NULL);
    everything = talloc_parent(probe);
    assert_non_null(everything);
    assert_false(check_within(everything, limit));
    while (!check_within(everything, limit))
        limit += 8;
    limit_memory(probe, 1);
    assert_null(password_hash(probe, "newpassword", &cost));
    talloc_free(probe);
    talloc_disable_null_tracking();
}

#define HASH_TEST(function) cmocka_unit_test_setup_teardown(function, make_context, free_context)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(length_is_8_to_128_code_points),
        cmocka_unit_test(nothing_is_asked_of_the_composition),
        cmocka_unit_test(the_list_of_common_passwords_is_sound),
        cmocka_unit_test(every_common_password_is_weak),
        cmocka_unit_test(common_passwords_are_compared_without_case),
        cmocka_unit_test(own_values_are_weak),
        cmocka_unit_test(own_values_among_digits_are_weak),
        cmocka_unit_test(own_values_are_compared_without_case_beyond_ascii),
        cmocka_unit_test(empty_own_values_are_skipped),
        cmocka_unit_test(own_values_longer_than_a_password_do_no_harm),
        cmocka_unit_test(scores_begin_above_their_number_of_guesses),
        cmocka_unit_test(the_floor_holds_whatever_the_score),
        cmocka_unit_test(own_values_are_known_words),
        cmocka_unit_test(own_words_beyond_ascii_are_known_in_either_case),
        cmocka_unit_test(own_words_longer_than_what_is_rated_are_known),
        cmocka_unit_test(rating_takes_a_bounded_time),
        cmocka_unit_test(patterns_of_any_length_are_weak),
        cmocka_unit_test(costs_are_read),
        cmocka_unit_test(bad_costs_are_refused),
        HASH_TEST(the_hash_is_scrypt_of_the_bytes_as_sent),
        HASH_TEST(other_costs_are_written_and_used),
        HASH_TEST(every_hash_has_a_salt_of_its_own),
        HASH_TEST(a_cost_that_scrypt_refuses_gives_no_hash),
        cmocka_unit_test(want_of_memory_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
