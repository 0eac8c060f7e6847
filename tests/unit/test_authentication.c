#include "common/authentication.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static int make_context(void **state)
{
    *state = talloc_new(NULL);
    return *state == NULL ? -1 : 0;
}

static int free_context(void **state)
{
    return talloc_free(*state);
}

/* The SHA-256 of "secret". */
static const char digest[] = "\\x2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";

static void credentials_are_read(void **state)
{
    static const char *const headers[] = {
        "Basic bmFtZTpzZWNyZXQ=",
        "bASIC bmFtZTpzZWNyZXQ=",
        "Basic    bmFtZTpzZWNyZXQ=  ",
    };

    for (size_t i = 0; i < COUNT(headers); i++) {
        const struct credentials *credentials = authentication_read(*state, headers[i], true);

        assert_string_equal(credentials->client, "name");
        assert_string_equal(credentials->digest, digest);
    }
}

static void a_secret_may_hold_colons_and_be_empty(void **state)
{
    const struct credentials *colons =
        authentication_read(*state, "Basic YTpiOmM=", true); /* a:b:c */
    const struct credentials *empty =
        authentication_read(*state, "Basic bmFtZTo=", true); /* name: */

    assert_string_equal(colons->client, "a");
    assert_string_equal(empty->client, "name");
    assert_string_equal(empty->digest,
                        "\\xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

/* What is not well-formed is nobody's, whatever a lenient decoder makes of it. */
static void malformed_headers_give_no_credentials(void **state)
{
    static const char *const headers[] = {
        NULL,
        "",
        "Basic",
        "Basic ",
        "Bearer bmFtZTpzZWNyZXQ=",
        "Basic bmFtZTpzZWNyZXQ",      /* without padding */
        "Basic bmFtZTpzZWNyZXQ=----", /* hyphens end an old kind of mail */
        "Basic \tbmFtZTpzZWNyZXQ=",
        "Basic \t\t\t\tbmFtZTpzZWNyZXQ=",
        "Basic bmFtZTpzZWNyZXQ=\n\n\n\n",
        "Basic bmFtZTpzZWN=ZXQ=", /* padding within */
        "Basic bmFtZTpzZWNyZXQ===",
        "Basic ====",
        "Basic bmFt ZTpzZWNyZXQ=",
        "Basic bmFtZTpzZWNyZXQ_",
        "Basic bmFtZQ==",     /* name */
        "Basic OnNlY3JldA==", /* :secret */
        "Basic YSBiOmM=",     /* a b:c */
        "Basic YTpiAGM=",     /* a:b NUL c */
    };

    for (size_t i = 0; i < COUNT(headers); i++) {
        const struct credentials *credentials = authentication_read(*state, headers[i], true);

        assert_non_null(credentials);
        if (*credentials->client != '\0' || strcmp(credentials->digest, "\\x") != 0)
            fail_msg("\"%s\" is taken for %s", headers[i], credentials->client);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(credentials_are_read),
        cmocka_unit_test(a_secret_may_hold_colons_and_be_empty),
        cmocka_unit_test(malformed_headers_give_no_credentials),
    };

    return cmocka_run_group_tests(tests, make_context, free_context);
}
