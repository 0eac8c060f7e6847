#include "cgi/reply.h"

#include "common/text.h"

#include <stdio.h>
#include <string.h>

/* Seconds after which a client may try again what was refused for now. */
static const char retry_after[] = "2";

/* About how many bytes a reference or an error has. */
enum { MESSAGE_BYTES = 512 };

/* Room for a number; of how many texts a head is put together, and each header field of its own. */
enum { NUMBER_BYTES = 24, HEAD_TEXTS = 10, HEADER_TEXTS = 4 };

struct reply *reply_new(TALLOC_CTX *ctx)
{
    return talloc_zero(ctx, struct reply);
}

bool reply_header(struct reply *reply, const char *name, const char *value)
{
    char *copy = talloc_strdup(reply, value);

    if (copy == NULL || reply->header_count == REPLY_HEADERS)
        return false;
    reply->headers[reply->header_count].name = name;
    reply->headers[reply->header_count].value = copy;
    reply->header_count++;
    return true;
}

bool reply_document(struct request *request, struct reply *reply, int status,
                    struct xml_writer *writer)
{
    reply->body = xml_writer_finish(writer, &reply->length);
    if (reply->body == NULL ||
        !reply_header(reply, "Content-Type", "application/xml; charset=UTF-8"))
        return refuse_for_memory(&request->refusal);
    reply->status = status;
    return true;
}

const char *reply_account_url(struct request *request, const char *identifier)
{
    return talloc_asprintf(request, "%s/customers/%s", request->base_url, identifier);
}

struct reference reply_reference_of(const PGresult *result)
{
    int extid = PQfnumber(result, "extid");

    return (struct reference){
        .identifier = PQgetvalue(result, 0, PQfnumber(result, "identifier")),
        .extid = PQgetisnull(result, 0, extid) ? NULL : PQgetvalue(result, 0, extid),
        .version = PQgetvalue(result, 0, PQfnumber(result, "version")),
    };
}

bool reply_reference(struct request *request, struct reply *reply, int status, const char *reason,
                     const struct reference *reference)
{
    const char *url = reply_account_url(request, reference->identifier);
    struct xml_writer *writer = xml_writer_new(request, MESSAGE_BYTES);

    if (url == NULL || writer == NULL)
        return refuse_for_memory(&request->refusal);
    xml_start(writer, "ref");
    xml_attribute(writer, "xmlns", LEAP_NAMESPACE);
    xml_attribute(writer, "ref", url);
    xml_attribute(writer, "identifier", reference->identifier);
    if (reference->extid != NULL)
        xml_attribute(writer, "extid", reference->extid);
    if (reference->version != NULL)
        xml_attribute(writer, "version", reference->version);
    xml_end(writer);
    reply->reason = reason;
    return reply_document(request, reply, status, writer);
}

bool reply_created(struct request *request, struct reply *reply, const struct reference *reference)
{
    const char *url = reply_account_url(request, reference->identifier);

    if (url == NULL || !reply_header(reply, "Location", url))
        return refuse_for_memory(&request->refusal);
    return reply_reference(request, reply, 201, NULL, reference);
}

static void write_problems(struct xml_writer *writer, const struct problems *problems)
{
    size_t count = problems != NULL ? problems_count(problems) : 0;

    xml_start(writer, "field-errors");
    for (size_t i = 0; i < count; i++) {
        const struct problem *problem = problems_get(problems, i);

        xml_start(writer, "field");
        xml_attribute(writer, "xpath", problem->xpath);
        xml_attribute(writer, "errorhint", hint_name(problem->hint));
        if (problem->detail != NULL)
            xml_attribute(writer, "detail", problem->detail);
        xml_end(writer);
    }
    xml_end(writer);
}

/* Header fields that go with a status (RFC 9110, 11.6.1, 10.2.1 and 10.2.3). */
static bool add_refusal_headers(struct reply *reply, const struct request *request)
{
    enum error_code code = request->refusal.code;
    int status = request->refusal.status;

    if (status == 405)
        return reply_header(reply, "Allow", request->allow);
    if (status == 401)
        return reply_header(reply, "WWW-Authenticate",
                            "Basic realm=\"leap-ws\", charset=\"UTF-8\"");
    if (status == 503 || code == ERROR_KEY_IN_PROGRESS)
        return reply_header(reply, "Retry-After", retry_after);
    return true;
}

bool reply_refusal(struct request *request, struct reply *reply)
{
    const struct refusal *refusal = &request->refusal;
    struct xml_writer *writer = xml_writer_new(request, MESSAGE_BYTES);

    if (writer == NULL || !add_refusal_headers(reply, request))
        return false;
    xml_start(writer, "error");
    xml_attribute(writer, "xmlns", LEAP_NAMESPACE);
    xml_attribute(writer, "code", error_code_name(refusal->code));
    xml_element(writer, "message", refusal->message);
    write_problems(writer, refusal->problems);
    xml_end(writer);
    return reply_document(request, reply, refusal->status, writer);
}

bool reply_options(struct request *request, struct reply *reply)
{
    reply->status = 204;
    return reply_header(reply, "Allow", request->allow);
}

static bool has_header(const struct reply *reply, const char *name)
{
    for (size_t i = 0; i < reply->header_count; i++)
        if (strcmp(reply->headers[i].name, name) == 0)
            return true;
    return false;
}

/* The reason phrase, which HTTP/1.1 clients may show (RFC 9110, 15). */
static const char *reason_of(const struct reply *reply)
{
    static const struct {
        int status;
        const char *phrase;
    } reasons[] = {
        {200, "OK"},
        {201, "Created"},
        {204, "No Content"},
        {304, "Not Modified"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {409, "Conflict"},
        {412, "Precondition Failed"},
        {413, "Content Too Large"},
        {415, "Unsupported Media Type"},
        {422, "Unprocessable Content"},
        {500, "Internal Server Error"},
        {503, "Service Unavailable"},
    };

    if (reply->reason != NULL)
        return reply->reason;
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        if (reasons[i].status == reply->status)
            return reasons[i].phrase;
    return "";
}

const char *reply_head(struct request *request, const struct reply *reply)
{
    const char *texts[HEAD_TEXTS + HEADER_TEXTS * REPLY_HEADERS];
    char numbers[2][NUMBER_BYTES];
    bool has_length = reply->status != 204 && reply->status != 304;
    size_t count = 0;
    size_t size = 1;
    char *head;

    snprintf(numbers[0], NUMBER_BYTES, "%d", reply->status);
    snprintf(numbers[1], NUMBER_BYTES, "%zu", reply->length);
    texts[count++] = "Status: ";
    texts[count++] = numbers[0];
    texts[count++] = " ";
    texts[count++] = reason_of(reply);
    for (size_t i = 0; i < reply->header_count; i++) {
        texts[count++] = "\r\n";
        texts[count++] = reply->headers[i].name;
        texts[count++] = ": ";
        texts[count++] = reply->headers[i].value;
    }
    texts[count++] = has_length ? "\r\nContent-Length: " : "";
    texts[count++] = has_length ? numbers[1] : "";
    texts[count++] = "\r\nCache-Control: private, ";
    texts[count++] = has_header(reply, "ETag") ? "no-cache" : "no-store";
    texts[count++] = "\r\nX-Content-Type-Options: nosniff\r\n\r\n";
    texts[count] = NULL;
    for (size_t i = 0; i < count; i++)
        size += strlen(texts[i]);
    head = talloc_size(request, size);
    return head != NULL && text_join(head, size, texts) ? head : NULL;
}

void reply_send(const struct request *request, const struct reply *reply, const char *head)
{
    bool bare = reply->body == NULL || strcmp(request->method, "HEAD") == 0;

    if (gateway_write(request->gateway, head, strlen(head)) && !bare)
        gateway_write(request->gateway, reply->body, reply->length);
}
