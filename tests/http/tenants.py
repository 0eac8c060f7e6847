"""
Two companies on one instance, and the requests by which the one could reach for what is the other's.

Each is made twice: with a name of the other company's, and with one of the same length that does not exist. What comes back must
be the same to the byte, but for the name.
"""

import itertools
import re
from urllib.parse import quote

from documents import COMMUNITY, EMAIL, EXTID, FAMILY_NAME, GIVEN_NAME, account, build, insert_account
from leap_client import BASE, basic
from program_routes import routes

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS")
XML = {"Content-Type": "application/xml"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}

# What the parts of a path, the parameters of a query and header fields name: an attribute of the company.
PARTS = {"identifier": "account", "extid": "extid", "key": "field", "value": "value", "community": "community", "email": "email"}
PARAMETERS = {
    "identifier": "account", "extid": "extid", "after": "account", "before": "comment", "changed-after": "cursor",
    "value": "value",
}  # fmt: skip
OF_NOBODY = {"acked", "limit", "offset"}
HEADERS = {"Idempotency-Key": "retry_key", "If-Match": "etag", "If-None-Match": "etag"}
KINDS = sorted({*PARTS.values(), *PARAMETERS.values(), *HEADERS.values()})

# Of company data: everything that the wall is around.
TABLES = ("account", "account_comment", "account_change", "account_community", "account_field_key", "account_password",
          "retry_key", "community", "additional_field", "property_relationship")  # fmt: skip

# What differs from one reply to the next, whatever was asked: the moment, and the numbers that each write makes.
OF_THE_MOMENT = {"date", "x-request-id", "connection", "keep-alive"}
COUNTED = re.compile(rb'(?<= version=")\d+(?=")')
CREATED = re.compile(rb'(/customers/|identifier=")\d{8,}')


def comment(text):
    return f"<customer-update><comment>{text}</comment></customer-update>".encode()


def acknowledgement(*names, version=""):
    entries = "".join(f"<acknowledgement{version}>{name}</acknowledgement>" for name in names)
    return f"<acknowledgements>{entries}</acknowledgements>".encode()


def field(key):
    return {"/account/additional-fields": f"<field key='{key}'>x</field>"}


def create(company, changes=None, inside=None):
    return account({EMAIL: "new@example.net", COMMUNITY: company.community} | (changes or {}), inside)


def update(changes=None, inside=None):
    return build({FAMILY_NAME: "Changed", GIVEN_NAME: "Ann"} | (changes or {}), inside)


def furnish(company, word):
    """Things of each kind; `account` is also the one with the external identifier and the comment."""
    company.community, company.field, company.value = f"{word}-community", f"{word}-field", f"{word} value"
    company.extid, company.email, company.retry_key = f"{word}-extid/1", f"{word}@example.net", f"{word}-retry-key"
    company.dba(
        """
        SELECT leap.create_community(:'company', :'community') \\g /dev/null
        SELECT leap.define_field(:'company', :'field', 'A Field') \\g /dev/null
        """,
        community=company.community, field=company.field,
    )  # fmt: skip
    columns = {"communities": f"{{{company.community}}}", "additional_fields": f'{{"{company.field}": "{company.value}"}}'}
    company.account = insert_account(company, extid=company.extid, email=company.email, **columns)
    path = f"customers/{company.account}"
    company.dba(
        "INSERT INTO leap.property_relationship (company_id, identifier, account_identifier) "
        "SELECT company_id, 1, :account FROM leap.company WHERE company = :'company';",
        account=company.account,
    )
    headers = XML | {"Idempotency-Key": company.retry_key}
    assert company.client.post(f"{path}/comments", comment("x"), headers).status == 201
    assert company.client.post("customers", create(company), XML | {"Idempotency-Key": f"{word}-other-key"}).status == 201
    company.comment = company.client.get(f"{path}/comments").document[0].get("identifier")
    company.etag = company.client.get(path).headers["ETag"]
    company.cursor = re.search("changed-after=([^&>]+)", company.client.get("customers?changed-after=").headers["Link"])[1]


class Tenants:
    """`ours` asks for what is of `theirs`; each has a client named tests, and `theirs` another. `absent` is nothing's."""

    def __init__(self, make_company):
        self.ours, self.theirs = make_company(), make_company()
        # Numbers that are found in nothing else.
        self.ours.instance.psql("SELECT setval('leap.account_comment_identifier', 77000000, true);")
        furnish(self.ours, "our")
        # One account is reached by its external identifier, one is given others.
        self.ours.account = insert_account(self.ours, communities=f"{{{self.ours.community}}}")
        furnish(self.theirs, "alien")
        self.numbers = itertools.count(1)
        self.absent = {kind: self.nonexistent(kind) for kind in KINDS}
        self.alien = self.theirs.as_client("alien", self.theirs.dba("SELECT leap.create_api_client(:'company', 'alien');"))
        self.take_stock()

    def nonexistent(self, kind):
        """A name of the same form and length as theirs, with nothing between the two, that nothing has."""
        known = getattr(self.theirs, kind)
        if kind in ("account", "comment"):
            sequence = {"account": "account_identifier", "comment": "account_comment_identifier"}[kind]
            return self.theirs.instance.psql(f"SELECT nextval('leap.{sequence}');").rjust(len(known), "0")
        if kind == "cursor":
            return known[:-1] + str((int(known[-1]) + 1) % 10)
        if kind == "etag":
            version, digest = known.strip('"').split(".")
            return f'"{version}.{digest[::-1]}"'
        return known.replace("alien", "ghost")

    def fresh(self):
        """
        A name for what is written here too, which is allowed and done: an external identifier and, with the domain, an
        address of theirs; and one of nothing.
        """
        number = next(self.numbers)
        self.add(lambda: insert_account(self.theirs, extid=f"alien-{number}", email=f"alien-{number}@example.net"))
        return f"alien-{number}", f"ghost-{number}"

    def fresh_key(self):
        """An Idempotency-Key that they have used, and one that nobody has."""
        number = next(self.numbers)
        headers = XML | {"Idempotency-Key": f"alien-key-{number}"}
        self.add(lambda: self.theirs.client.post(f"customers/{self.theirs.account}/comments", comment("x"), headers))
        return f"alien-key-{number}", f"ghost-key-{number}"

    def names(self, method, reach):
        """What a request reaches for: their name, and a name of nothing."""
        if reach.kind == "fresh":
            return self.fresh()
        if reach.kind == "retry_key" and method == "POST":
            return self.fresh_key()
        return getattr(self.theirs, reach.kind), self.absent[reach.kind]

    def add(self, something):
        """They do something themselves."""
        self.touched = not self.is_untouched()
        something()
        self.before = self.state()

    def take_stock(self):
        """From here on they are to stay as they are."""
        self.before, self.touched = self.state(), False

    def is_untouched(self):
        return not self.touched and self.state() == self.before

    def state(self):
        """All that the database holds of the other company, as one line."""
        of = "company_id = (SELECT company_id FROM leap.company WHERE company = :'company')"
        sums = [f"(SELECT md5(string_agg(x::text, '' ORDER BY x::text)) FROM leap.{table} x WHERE {of})" for table in TABLES]
        return self.theirs.instance.psql(f"SELECT {', '.join(sums)};", company=self.theirs.key)


class Reach:
    """A request of `ours` that names a thing: \\0 stands for its name."""

    def __init__(self, what, method, path, body=None, headers=None, query="", host=None, authorization=None, kind=None):
        self.what, self.method, self.path, self.body = what, method, path, body
        self.headers, self.query, self.host, self.authorization, self.kind = headers or {}, query, host, authorization, kind

    def send(self, client, name):
        """`client` has a connection of ours, which serves every host name and client."""

        target = BASE + self.path.replace("\0", quote(name, safe="")) + self.query.replace("\0", quote(name, safe=""))
        headers = {key: value.replace("\0", name) for key, value in self.headers.items()}
        headers["Host"] = f"{self.host or client.host}:{client.port}"
        if self.authorization:
            headers["Authorization"] = self.authorization(name)
        body = self.body.replace(b"\0", name.encode()) if self.body else self.body
        return client.request(self.method, target, body, headers)


def comparable(response, name):
    """(status, reason, header fields, body) of a response, with one sign in the place of the name."""

    def hidden(data):
        for form in (name, quote(name, safe="")):
            data = data.replace(form.encode(), b"*")
        return CREATED.sub(rb"\1*", COUNTED.sub(b"*", data))

    fields = [(field.lower(), hidden(value.encode())) for field, value in response.headers.items()]
    fields = sorted(each for each in fields if each[0] not in OF_THE_MOMENT)
    return response.status, response.reason, fields, hidden(response.body)


def body_of(method, path, company):
    """A body that the operation takes, so that nothing but the name is in the way."""
    if method == "POST" and path.endswith("/extid"):
        return b"extid=" + company.extid.encode(), FORM
    if method == "POST" and path.endswith("/comments"):
        return comment("x"), XML
    if method == "POST" and path.endswith("acked"):
        return acknowledgement(company.extid if "external" in path else company.account), XML
    if method == "POST":
        return create(company), XML
    if method == "PUT" and path.endswith("/change-login"):
        return f"<change-login><login-id>{company.email}</login-id></change-login>".encode(), XML
    return (update(), XML) if method == "PUT" else (None, {})


def filled_path(path, company, alien=()):
    """A path of the table with our names, but \\0 in the place of those parts that reach for another."""
    return re.sub(r"\{([a-z]+)\}", lambda m: "\0" if m[1] in alien else quote(getattr(company, PARTS[m[1]]), safe=""), path)


def of_path(method, path, company):
    body, headers = body_of(method, path, company)
    for part in re.findall(r"\{([a-z]+)\}", path):
        yield Reach(f"path's {part}", method, filled_path(path, company, {part}), body, headers, kind=PARTS[part])


def of_query(method, path, company):
    for parameter in {each: None for row in routes() if row.path == path for each in row.query}:
        if parameter in OF_NOBODY:
            continue
        reach = filled_path(path, company)
        body, headers = body_of(method, path, company)
        yield Reach(f"query's {parameter}", method, reach, body, headers, f"?{parameter}=\0", kind=PARAMETERS[parameter])


def of_headers(method, path, company):
    body, headers = body_of(method, path, company)
    for name, kind in HEADERS.items():
        if (method, path, kind) == ("POST", "customers", "retry_key"):
            body = create(company, {EMAIL: "%00@example.net"}).replace(b"%00", b"\0")
        yield Reach(f"header {name}", method, filled_path(path, company), body, headers | {name: "\0"}, kind=kind)


def of_body(method, path, company):
    """What the documents of each operation can name."""

    def reach(what, kind, body, headers=XML):
        return Reach(f"body's {what}", method, filled_path(path, company), body.replace(b"%00", b"\0"), headers, kind=kind)

    documents = {"email": EMAIL, "extid": EXTID, "community": COMMUNITY}
    if (method, path) == ("POST", "customers"):
        yield reach(EMAIL, "fresh", create(company, {EMAIL: "%00@example.net"}))
        yield reach(EXTID, "fresh", create(company, {EMAIL: "an-%00@example.net", EXTID: "%00"}))
        yield reach(COMMUNITY, "community", create(company, {COMMUNITY: "%00"}))
        yield reach("field", "field", create(company, inside=field("%00")))
    elif method == "PUT" and path.endswith("}"):
        for kind, where in (documents | {"account": "/account/@identifier"}).items():
            yield reach(where, kind, update({where: "%00"}))
        yield reach("field", "field", update(inside=field("%00")))
    elif method == "PUT":
        yield reach("login", "fresh", b"<change-login><login-id>%00@example.net</login-id></change-login>")
    elif method == "POST" and path.endswith("/extid"):
        yield reach("extid", "fresh", b"extid=%00", FORM)
    elif method == "POST" and path.endswith("acked"):
        kind = "extid" if "external" in path else "account"
        for version in ("", " version='1'"):
            yield reach(f"name{version}", kind, acknowledgement("%00", version=version))
            yield reach(f"second name{version}", kind, acknowledgement(getattr(company, kind), "%00", version=version))


def of_client(method, path, tenants):
    """Their client at our host name, and ours at theirs: known, or of a name and secret that nobody has."""
    body, headers = body_of(method, path, tenants.ours)
    own = filled_path(path, tenants.ours)
    nobody = basic("ghost", tenants.theirs.secret[::-1])
    for what, host, client in (
        ("client", tenants.ours.host, tenants.alien), ("client of the same name", tenants.ours.host, tenants.theirs.client),
        ("host name", tenants.theirs.host, tenants.ours.client),
    ):  # fmt: skip
        known = {"alien": client.authorization, "ghost": nobody}
        yield Reach(what, method, own, body, headers, host=host, authorization=known.get)


def reaches(method, path, tenants):
    """(the request, their name, a name of nothing) of each, for a path of the table and a method."""
    for make in (of_path, of_query, of_headers, of_body):
        for reach in make(method, path, tenants.ours):
            yield reach, *tenants.names(method, reach)
    for reach in of_client(method, path, tenants):
        yield reach, "alien", "ghost"


def differences(tenants, method, path):
    """What tells their things from things that do not exist: (what, reply to theirs, reply to none); and how many were tried."""
    tried, found = 0, []
    with tenants.ours.client.kept_alive() as client:
        for reach, known, absent in reaches(method, path, tenants):
            theirs, none = (comparable(reach.send(client, name), name) for name in (known, absent))
            tried += 1
            if theirs != none:
                found.append((reach.what, theirs, none))
    return tried, found
