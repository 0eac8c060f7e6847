/*
 * The decoding of paths, queries and forms: what is accepted is UTF-8, and encoded again it is read
 * as the same; what has no percent sign comes back as it was.
 */
#include "common/text.h"
#include "common/uri.h"
#include "tests/fuzz/target.h"

#include <assert.h>
#include <string.h>

static size_t count_of(const char *text, size_t length, char c)
{
    size_t count = 0;

    for (size_t i = 0; i < length; i++)
        count += text[i] == c;
    return count;
}

static void check_text(const char *decoded)
{
    assert(text_is_utf8(decoded, strlen(decoded)));
}

static void check_path(TALLOC_CTX *ctx, const char *raw, size_t length)
{
    char *encoded = talloc_strdup(ctx, "");
    struct uri_path path;
    struct uri_path again;

    if (uri_split_path(ctx, raw, length, &path) != URI_OK) {
        assert(path.segments == NULL && path.count == 0);
        return;
    }
    assert(raw[0] == '/');
    assert(path.count == count_of(raw, length, '/') - (raw[length - 1] == '/'));
    for (size_t i = 0; i < path.count; i++) {
        check_text(path.segments[i]);
        encoded = talloc_asprintf_append(encoded, "/%s", uri_encode(ctx, path.segments[i]));
    }
    encoded = talloc_strdup_append(encoded, "/");
    assert(uri_split_path(ctx, encoded, strlen(encoded), &again) == URI_OK);
    assert(again.count == path.count);
    for (size_t i = 0; i < path.count; i++)
        assert(strcmp(again.segments[i], path.segments[i]) == 0);
}

static void check_form(TALLOC_CTX *ctx, const char *raw, size_t length)
{
    char *encoded = talloc_strdup(ctx, "&");
    struct uri_form form;
    struct uri_form again;

    if (uri_parse_form(ctx, raw, length, &form) != URI_OK) {
        assert(form.parameters == NULL && form.count == 0);
        return;
    }
    assert(form.count <= count_of(raw, length, '&') + 1);
    for (size_t i = 0; i < form.count; i++) {
        check_text(form.parameters[i].name);
        check_text(form.parameters[i].value);
        encoded =
            talloc_asprintf_append(encoded, "%s=%s&", uri_encode(ctx, form.parameters[i].name),
                                   uri_encode(ctx, form.parameters[i].value));
    }
    assert(uri_parse_form(ctx, encoded, strlen(encoded), &again) == URI_OK);
    assert(again.count == form.count);
    for (size_t i = 0; i < form.count; i++) {
        assert(strcmp(again.parameters[i].name, form.parameters[i].name) == 0);
        assert(strcmp(again.parameters[i].value, form.parameters[i].value) == 0);
    }
}

/* `text` is a C string. */
static void check_decoding(TALLOC_CTX *ctx, const char *text)
{
    char *encoded = uri_encode(ctx, text);
    char *decoded = talloc_strdup(ctx, text);
    bool utf8 = text_is_utf8(text, strlen(text));

    if (uri_decode(decoded, false))
        check_text(decoded);
    if (strchr(text, '%') == NULL)
        assert(strcmp(decoded, text) == 0);
    assert(uri_decode(encoded, true) == utf8);
    if (utf8)
        assert(strcmp(encoded, text) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TALLOC_CTX *ctx = talloc_new(NULL);
    const char *raw = (const char *)data;

    check_path(ctx, raw, size);
    check_form(ctx, raw, size);
    check_decoding(ctx, talloc_strndup(ctx, raw, size));
    talloc_free(ctx);
    return 0;
}
