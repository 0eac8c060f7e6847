"""
The requests and replies that doc/openapi.yaml shows, as cases: a case is a name that examples of an operation share.

A request consists of what has an example of the case's name: parameters, headers, the body. Values of the path, and
what else is required, have one of their own otherwise. A case that no reply shows is answered with the success.
"""

import json
import types
import urllib.parse

import yaml

from leap_instance import SOURCE

DOCUMENT = yaml.safe_load((SOURCE / "doc" / "openapi.yaml").read_text())
METHODS = ("get", "post", "put", "delete")
FORM = "application/x-www-form-urlencoded"


def resolved(part):
    """A part of the document, with what its reference stands for."""
    while "$ref" in part:
        found = DOCUMENT
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        part = found
    return part


def examples(part):
    """{name: value} of a parameter or a media type; one without a name is that of no case."""
    part = resolved(part)
    named = {name: resolved(example)["value"] for name, example in part.get("examples", {}).items()}
    return named | ({None: part["example"]} if "example" in part else {})


def operations():
    """Each operation, with its path, method, parameters, body and replies."""
    for path, item in DOCUMENT["paths"].items():
        for method in METHODS:
            if method not in item:
                continue
            operation = item[method]
            content = resolved(operation.get("requestBody", {})).get("content", {})
            yield types.SimpleNamespace(
                name=operation["operationId"],
                method=method.upper(),
                path=path,
                parameters=[resolved(each) for each in item.get("parameters", []) + operation.get("parameters", [])],
                media_type=next(iter(content), None),
                bodies={name: value for media in content.values() for name, value in examples(media).items()},
                replies={status: resolved(reply) for status, reply in operation["responses"].items()},
                anonymous=operation.get("security") == [],
            )


def reply_examples(reply):
    return {name: value for media in reply.get("content", {}).values() for name, value in examples(media).items()}


def shown_at(operation, case):
    """The status whose reply shows the case, and its document; the success and None where none does."""
    for status, reply in operation.replies.items():
        if case in reply_examples(reply):
            return status, reply_examples(reply)[case]
    return min(operation.replies), None


def cases():
    """(operation, case) of each; a reply that has no document, to a request without a body, makes a case too."""
    for operation in operations():
        names = dict.fromkeys(name for reply in operation.replies.values() for name in reply_examples(reply))
        names |= dict.fromkeys(operation.bodies)
        if not reply_examples(operation.replies[min(operation.replies)]) and not operation.bodies:
            names["success"] = None
        yield from ((operation, name) for name in names)


def encoded(value):
    return urllib.parse.quote(value, safe="")


def text(value):
    return value if isinstance(value, str) else json.dumps(value)


def query_of(parameter, value):
    if not isinstance(value, list):
        return [(parameter["name"], text(value))]
    if parameter["explode"]:
        return [(parameter["name"], each) for each in value]
    return [(parameter["name"], ",".join(value))]


def request_of(operation, case):
    """The request of a case: method, path, query, headers and body."""
    path, query, headers = operation.path.removeprefix("/"), [], {}
    for parameter in operation.parameters:
        given = examples(parameter)
        if case not in given and not parameter.get("required"):
            continue
        value = given.get(case, given.get(None))
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", encoded(value))
        elif parameter["in"] == "query":
            query += query_of(parameter, value)
        else:
            headers[parameter["name"]] = text(value)
    body = None
    if operation.bodies:
        shown = operation.bodies.get(case, next(iter(operation.bodies.values())))
        body = (urllib.parse.urlencode(shown) if operation.media_type == FORM else shown).encode()
        headers["Content-Type"] = operation.media_type
    return types.SimpleNamespace(
        method=operation.method, path=path, query=query, headers=headers, body=body, anonymous=operation.anonymous
    )
