#include "common/xml_markup.h"

#include <string.h>

static bool begins_with(const char *text, const char *end, const char *prefix)
{
    size_t length = strlen(prefix);

    return (size_t)(end - text) >= length && memcmp(text, prefix, length) == 0;
}

/* The place after the next `delimiter`, or `end`. */
static const char *after(const char *text, const char *end, const char *delimiter)
{
    for (; (text = memchr(text, *delimiter, (size_t)(end - text))) != NULL; text++)
        if (begins_with(text, end, delimiter))
            return text + strlen(delimiter);
    return end;
}

/* The place after a tag. It ends at a less-than sign in it, since no parser goes beyond that. Each
 * of its quoted values is counted as an attribute. */
static const char *after_tag(const char *tag, const char *end, unsigned *attributes)
{
    char quote = '\0';

    *attributes = 0;
    for (const char *place = tag + 1; place < end; place++) {
        if (*place == '<')
            return place;
        if (quote == '\0' && *place == '>')
            return place + 1;
        if (quote == '\0' && (*place == '"' || *place == '\'')) {
            quote = *place;
            (*attributes)++;
        } else if (*place == quote) {
            quote = '\0';
        }
    }
    return end;
}

static const char *check_length(const char *markup, const char *after_markup, const char **sentence)
{
    if (after_markup - markup > XML_MARKUP_BYTES)
        *sentence = "a tag, comment or processing instruction is longer than 8192 bytes";
    return after_markup;
}

static const char *check_tag(const char *tag, const char *end, const char **sentence)
{
    unsigned attributes;
    const char *after_it = after_tag(tag, end, &attributes);

    if (attributes > XML_MARKUP_ATTRIBUTES)
        *sentence = "a tag has more than 256 attributes";
    return check_length(tag, after_it, sentence);
}

/* Checks the markup that begins at a less-than sign, and returns the place after it. */
static const char *check_markup(const char *markup, const char *end, const char **sentence)
{
    if (begins_with(markup, end, "<![CDATA["))
        return after(markup + strlen("<![CDATA["), end, "]]>");
    if (begins_with(markup, end, "<!--"))
        return check_length(markup, after(markup + strlen("<!--"), end, "-->"), sentence);
    if (begins_with(markup, end, "<!"))
        *sentence = "a document type or other <! declaration is not allowed";
    if (begins_with(markup, end, "<?"))
        return check_length(markup, after(markup + strlen("<?"), end, "?>"), sentence);
    return check_tag(markup, end, sentence);
}

bool xml_markup_check(const struct xml_source *source, struct xml_fault *fault)
{
    const char *end = source->bytes + source->length;
    const char *nul = memchr(source->bytes, '\0', source->length);
    const char *next;

    if (nul != NULL) {
        *fault = (struct xml_fault){xml_line(source->bytes, nul), "NUL is not allowed"};
        return false;
    }
    for (const char *markup = source->bytes;
         (markup = memchr(markup, '<', (size_t)(end - markup))) != NULL; markup = next) {
        const char *sentence = NULL;

        next = check_markup(markup, end, &sentence);
        if (sentence != NULL) {
            *fault = (struct xml_fault){xml_line(source->bytes, markup), sentence};
            return false;
        }
    }
    return true;
}
