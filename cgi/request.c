#include "cgi/request.h"

#include "common/clock.h"
#include "common/text.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Within 5 seconds the client has its answer, also when the database is silent. */
enum { DATABASE_PATIENCE = 4500 * 1000 };

static const char *variable(const struct request *request, const char *name)
{
    const char *value = gateway_variable(request->gateway, name);

    return value != NULL ? value : "";
}

/* The length of a host name without its port and trailing dot; `port` gets what follows, ":8443" or
 * "". */
static size_t split_authority(const char *authority, const char **port)
{
    const char *bracket = strrchr(authority, ']');
    const char *colon = strchr(bracket != NULL ? bracket : authority, ':');
    size_t length = colon != NULL ? (size_t)(colon - authority) : strlen(authority);

    *port = colon != NULL ? colon : "";
    if (length > 0 && authority[length - 1] == '.')
        length--;
    return length;
}

static void lower_ascii(char *text)
{
    for (; *text != '\0'; text++)
        if (*text >= 'A' && *text <= 'Z')
            *text = (char)(*text - 'A' + 'a');
}

/* A port is repeated in references, so nothing but digits may pass for one. */
static bool is_port(const char *port)
{
    return *port == '\0' ||
           (port[0] == ':' && port[1] != '\0' && port[1 + strspn(port + 1, "0123456789")] == '\0');
}

/* The name is the web server's idea of the host (it knows absolute-form targets), the port the
 * client's. The database could not even be asked for a name that is not UTF-8. */
static bool read_host(struct request *request)
{
    const char *sent = variable(request, "HTTP_HOST");
    const char *named = variable(request, "LEAP_HOST");
    const char *scheme = variable(request, "REQUEST_SCHEME");
    const char *port;
    const char *ignored;
    size_t length;
    char *host;

    split_authority(sent, &port);
    if (*named == '\0')
        named = sent;
    length = split_authority(named, &ignored);
    host = talloc_strndup(request, named, length);
    if (host == NULL)
        return false;
    if (!text_is_utf8(host, length))
        *host = '\0';
    lower_ascii(host);
    request->host = host;
    request->base_url =
        talloc_asprintf(request, "%s://%s%s/api/v1", strcmp(scheme, "http") == 0 ? "http" : "https",
                        host, is_port(port) ? port : "");
    return request->base_url != NULL;
}

/* The path of the request line, also where the line held a whole URL (RFC 9112, 3.2.2). */
static const char *path_of_target(const char *target)
{
    const char *rest = strstr(target, "://");

    if (*target == '/' || rest == NULL)
        return target;
    rest = strchr(rest + 3, '/');
    return rest != NULL ? rest : "/";
}

static bool read_target(struct request *request)
{
    const char *path = path_of_target(variable(request, "REQUEST_URI"));
    size_t length = strcspn(path, "?");
    const char *query = path[length] == '?' ? path + length + 1 : "";
    enum uri_result result = URI_MALFORMED;

    if (*path == '/')
        result = uri_split_path(request, path, length, &request->path);
    if (result == URI_NO_MEMORY)
        return false;
    if (result == URI_MALFORMED)
        refuse(&request->refusal, ERROR_MALFORMED_REQUEST,
               "The path is not percent-encoded UTF-8.");
    result = uri_parse_form(request, query, strlen(query), &request->query);
    request->query_malformed = result == URI_MALFORMED;
    return result != URI_NO_MEMORY;
}

struct request *request_new(TALLOC_CTX *ctx, struct worker *worker, const struct gateway *gateway)
{
    struct request *request = talloc_zero(ctx, struct request);

    if (request == NULL)
        return NULL;
    request->worker = worker;
    request->gateway = gateway;
    request->queued = clock_since(variable(request, "LEAP_RECEIVED"));
    request->started = clock_now();
    request->deadline = request->started + DATABASE_PATIENCE;
    /* Who queued behind others that waited for a silent database is not to wait as long again. */
    if (database_is_silent(worker->database))
        request->deadline -= request->queued;
    request->method = variable(request, "REQUEST_METHOD");
    request->request_id = variable(request, "LEAP_REQUEST_ID");
    request->client_address = variable(request, "REMOTE_ADDR");
    request->may_check_health = *variable(request, "LEAP_HEALTH") != '\0';
    request->credentials =
        authentication_read(request, gateway_variable(gateway, "HTTP_AUTHORIZATION"),
                            gateway_variable(gateway, "HTTP_IDEMPOTENCY_KEY") != NULL);
    if (request->credentials == NULL || !read_host(request) || !read_target(request)) {
        talloc_free(request);
        return NULL;
    }
    return request;
}

const char *request_parameter(const struct request *request, const char *name)
{
    for (size_t i = 0; i < request->query.count; i++)
        if (strcmp(request->query.parameters[i].name, name) == 0)
            return request->query.parameters[i].value;
    return NULL;
}

static const char *const token_ends = " \t;";

static bool is_xml_media_type(const char *type, size_t length)
{
    static const char suffix[] = "+xml";
    const size_t suffix_length = sizeof suffix - 1;

    if (length == strlen("text/xml") && strncasecmp(type, "text/xml", length) == 0)
        return true;
    if (length == strlen("application/xml") && strncasecmp(type, "application/xml", length) == 0)
        return true;
    return length > suffix_length && memchr(type, '/', length) != NULL &&
           strncasecmp(type + length - suffix_length, suffix, suffix_length) == 0;
}

/* The value of a media type's charset parameter, with or without quotes; "" where there is none. */
static char *read_charset(TALLOC_CTX *ctx, const char *parameters)
{
    while ((parameters = strchr(parameters, ';')) != NULL) {
        const char *value;
        size_t length;

        parameters += 1 + strspn(parameters + 1, " \t");
        if (strncasecmp(parameters, "charset=", 8) != 0)
            continue;
        value = parameters + 8;
        if (*value == '"') {
            value++;
            length = strcspn(value, "\"");
        } else {
            length = strcspn(value, token_ends);
        }
        return talloc_strndup(ctx, value, length);
    }
    return talloc_strdup(ctx, "");
}

static bool refuse_content_encoding(struct request *request)
{
    return *variable(request, "HTTP_CONTENT_ENCODING") == '\0' ||
           refuse(&request->refusal, ERROR_UNSUPPORTED_MEDIA_TYPE,
                  "Send the body without a Content-Encoding.");
}

bool request_expect_xml(struct request *request)
{
    const char *type = variable(request, "CONTENT_TYPE");
    char *charset;

    if (!refuse_content_encoding(request))
        return false;
    type += strspn(type, " \t");
    if (*type == '\0')
        return true;
    if (!is_xml_media_type(type, strcspn(type, token_ends)))
        return refuse(&request->refusal, ERROR_UNSUPPORTED_MEDIA_TYPE,
                      "Send the body as application/xml.");
    charset = read_charset(request, type);
    if (charset == NULL)
        return refuse_for_memory(&request->refusal);
    request->charset = *charset != '\0' ? charset : NULL;
    return true;
}

bool request_expect_form(struct request *request)
{
    static const char form[] = "application/x-www-form-urlencoded";
    const char *type = variable(request, "CONTENT_TYPE");
    size_t length;

    if (!refuse_content_encoding(request))
        return false;
    type += strspn(type, " \t");
    length = strcspn(type, token_ends);
    if (length == 0 || (length == sizeof form - 1 && strncasecmp(type, form, length) == 0))
        return true;
    return refuse(&request->refusal, ERROR_UNSUPPORTED_MEDIA_TYPE,
                  "Send the body as application/x-www-form-urlencoded.");
}

bool request_read_body(struct request *request)
{
    const char *claim = variable(request, "CONTENT_LENGTH");
    size_t claimed = strtoul(claim, NULL, 10);
    size_t room = BODY_MAX_BYTES + 1;
    size_t count = 0;
    size_t got;
    char *body;

    if (*claim != '\0' && claimed < BODY_MAX_BYTES)
        room = claimed + 1;
    body = talloc_size(request, room);
    if (body == NULL)
        return refuse_for_memory(&request->refusal);
    while (count < room && (got = gateway_read(request->gateway, body + count, room - count)) > 0)
        count += got;
    if (count > BODY_MAX_BYTES)
        return refuse(&request->refusal, ERROR_TOO_LARGE, "Send a body of at most 1 MiB.");
    /* A chunked body may come without a length. */
    if (gateway_broke_off(request->gateway))
        return refuse(&request->refusal, ERROR_MALFORMED_REQUEST, "The body broke off.");
    if (*claim != '\0' && count != claimed)
        return refuse(&request->refusal, ERROR_MALFORMED_REQUEST,
                      "The body is shorter or longer than its Content-Length.");
    request->body = body;
    request->body_length = count;
    return true;
}
