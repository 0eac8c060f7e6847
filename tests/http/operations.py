"""A request of each operation, for tests that run all of them; {} stands for the account's identifier."""

from documents import account
from leap_client import BASE

XML = {"Content-Type": "application/xml"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
UPDATE = (
    b"<account><owner><name><given-name>New</given-name><family-name>Name</family-name></name><bday>1974-09-08</bday></owner>"
    b"</account>"
)

READS = {
    "show": "customers/{}",
    "show by extid": "customers/extid/known",
    "list": "customers",
    "list after": "customers?after=1&limit=2",
    "list acked": "customers?acked=true",
    "list unacked": "customers?acked=false",
    "list named": "customers?identifier={}",
    "change feed": "customers?changed-after=",
    "find by field": "customers/by-additional-field/shoe-size/Nine",
    "find by e-mail": "customers/by_email/original/joe@example.net",
    "comments": "customers/{}/comments",
}
ACKNOWLEDGEMENT = "<acknowledgements><acknowledgement>{}</acknowledgement></acknowledgements>"
BODIES = {
    "create": ("POST", "customers", XML, None, 201),
    "update": ("PUT", "customers/{}", XML, UPDATE, 201),
    "update by extid": ("PUT", "customers/extid/known", XML, UPDATE, 201),
    "change login": (
        "PUT", "customers/{}/change-login", XML, b"<change-login><login-id>x@example.net</login-id></change-login>", 201,
    ),
    "set extid": ("POST", "customers/{}/extid", FORM, b"extid=other", 200),
    "acknowledge": ("POST", "customers/acked", XML, ACKNOWLEDGEMENT, 204),
    "acknowledge by extid": ("POST", "customers/external/acked", XML, ACKNOWLEDGEMENT.format("known"), 204),
    "comment": (
        "POST", "customers/{}/comments", XML, b"<customer-update><comment>A comment.</comment></customer-update>", 201,
    ),
}  # fmt: skip


def parts(name, identifier):
    """Method, target, body and headers of an operation with a body, for Client.request."""
    method, path, headers, body, _ = BODIES[name]
    if body is None:
        body = account()
    elif isinstance(body, str):
        body = body.format(identifier).encode()
    return method, BASE + path.format(identifier), body, headers
