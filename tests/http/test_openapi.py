"""doc/openapi.yaml: it satisfies a linter, knows what the program knows, and what it shows is what happens."""

import json
import re
import shutil
import subprocess
import types

import pytest
import yaml
from lxml import etree

import openapi_cases
from documents import insert_account
from leap_client import BASE, SCHEMA, xml_schema
from leap_instance import DOMAIN, SOURCE
from openapi_cases import DOCUMENT, FORM, cases, operations, reply_examples, request_of, resolved, shown_at
from program_routes import routes

OPENAPI = SOURCE / "doc" / "openapi.yaml"
SHOWN_BASE = "https://demo.leap.localhost:8443/api/v1"
SHOWN_IDENTIFIERS = ("10000001", "10000002", "10000003")
TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}\+0000")

# Refusals for which the service must be brought into a state of its own; other tests do.
NOT_EVOKED = {"unavailable", "outcome-unknown", "key-in-progress"}
# What the web server adds to every reply, and HTTP itself.
OF_EVERY_REPLY = {"Server", "Date", "Connection", "Content-Type", "Content-Length", "Cache-Control", "X-Content-Type-Options"}
OF_EVERY_REPLY |= {"Strict-Transport-Security", "X-Request-Id"}


def table_of_errors():
    """{code: statuses} of the table in the description."""
    rows = re.findall(r"^\| `([a-z-]+)` \| ([\d, ]+) \|", DOCUMENT["info"]["description"], re.MULTILINE)
    return {code: statuses.split(", ") for code, statuses in rows}


# By the linter


@pytest.fixture(scope="module")
def lint(tmp_path_factory):
    """The linter, as its lock file has it: gives what it prints of a document."""
    directory = tmp_path_factory.mktemp("lint")
    shutil.copytree(SOURCE / "tests" / "openapi", directory, dirs_exist_ok=True)
    subprocess.run(
        ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"],
        cwd=directory, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=300,
    )  # fmt: skip

    def run(path):
        done = subprocess.run(["node", "lint.mjs", path], cwd=directory, capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout

    return run


def test_the_linter_finds_nothing(lint):
    assert lint(OPENAPI) == (0, "")


def test_the_linter_would_find_something(lint, tmp_path):
    faulty = tmp_path / "openapi.yaml"
    faulty.write_text(OPENAPI.read_text().replace("operationId: showCustomer\n", "operationId: createCustomer\n"))
    status, found = lint(faulty)
    assert status == 1 and "operation-operationId-unique" in found


# By what the program knows


def test_its_operations_and_their_queries_are_those_of_the_program_s_table():
    rows = routes()
    program = {(row.method, f"/{row.path}"): set(row.query) for row in rows}
    documented = {
        (operation.method, operation.path): {each["name"] for each in operation.parameters if each["in"] == "query"}
        for operation in operations()
    }
    assert len(program) == len(rows) == 20
    assert documented == program


def test_its_codes_are_those_of_the_program_and_of_the_web_server():
    rows = re.findall(r'\{"([a-z-]+)", (\d{3})\}', (SOURCE / "cgi" / "refusal.c").read_text())
    statuses = {code: {status} for code, status in rows} | {"validation": {"400", "409"}}
    site = (SOURCE / "nginx" / "leap-ws.conf").read_text()
    for status, code in re.findall(r"^    (\d{3}) ([a-z-]+);", site.split("map $status $leap_code {")[1].split("}")[0], re.M):
        statuses.setdefault(code, {status})
    documented = {code: set(given) for code, given in table_of_errors().items()}
    assert set(documented) == set(statuses)
    assert all(statuses[code] <= documented[code] for code in statuses)
    assert resolved(DOCUMENT["components"]["schemas"]["error"])["properties"]["code"]["x-extensible-enum"] == list(documented)


def test_each_code_of_a_reply_is_named_in_its_description():
    for operation in operations():
        for status, reply in operation.replies.items():
            for example in reply_examples(reply).values() if status >= "400" else ():
                assert f"`{etree.fromstring(example.encode()).get('code')}`" in reply["description"]


def test_the_page_of_the_integrator_has_the_same_codes():
    section = (SOURCE / "doc" / "integrator.md").read_text().split("## What went wrong")[1].split("\n## ")[0]
    rows = re.findall(r"^\| ([\d, ]+) \| (`[^|]+) \|", section, re.MULTILINE)
    assert {code for _, codes in rows for code in re.findall("`([a-z-]+)`", codes)} == set(table_of_errors())


def test_its_elements_and_attributes_are_those_of_the_xml_schema():
    """By name, of each document: what the one has the other has."""
    xs = "{http://www.w3.org/2001/XMLSchema}"

    def of_schema(part):
        part = resolved(part)
        found = set()
        for name, child in part.get("properties", {}).items():
            child_xml = child.get("xml", {})
            if "x-text" in child_xml:
                continue
            found.add(f"@{name}" if child_xml.get("attribute") else name)
            whole = resolved(child)
            found |= of_schema(whole)
            if "items" in whole:
                items = whole["items"]
                xml = items.get("xml", resolved(items).get("xml", {}))
                found |= ({xml["name"]} if "name" in xml else set()) | of_schema(items)
        return found

    types = {part.get("name"): part for part in etree.parse(SCHEMA).getroot().iter(xs + "complexType")}

    def of_type(name):
        found = set()
        for part in types[name].iter(xs + "element", xs + "attribute") if name in types else ():
            found.add(("@" if part.tag == xs + "attribute" else "") + part.get("name"))
            found |= of_type(part.get("type", "").removeprefix("leap:"))
        return found

    for document in ("account", "accounts", "ref", "change-login", "acknowledgements", "customer-update", "comments", "error"):
        assert of_schema(DOCUMENT["components"]["schemas"][document]) == of_type(document), document


# By the XML Schema


def documents():
    """(where, document) of each example that is XML."""
    for operation in operations():
        for name, example in operation.bodies.items():
            if operation.media_type != FORM:
                yield f"{operation.name}-{name}", example
        for status, reply in operation.replies.items():
            for name, example in reply_examples(reply).items():
                yield f"{operation.name}-{status}-{name}", example


@pytest.mark.parametrize("document", [pytest.param(each, id=where) for where, each in documents()])
def test_each_example_is_valid_by_the_xml_schema(document):
    xml_schema().assertValid(etree.fromstring(document.encode()))


# By being sent


class Examples:
    """A company in the state that the examples show."""

    def __init__(self, company):
        self.company = company
        self.client = company.as_client("crm", company.dba("SELECT leap.create_api_client(:'company', 'crm');"))
        self.identifiers = ()
        self.populate()

    def populate(self):
        """The two accounts: one has everything and nothing to acknowledge, the other was deactivated."""
        joe = insert_account(
            self.company,
            email="joe@example.net", extid="CRM/7", given_name="Joseph", family_name="Banks", additional_names="A",
            honorific_prefixes="Mr.", bday="1974-09-08", gender="MALE", nationality="US",
            tel_pref="(704) 451 3434", tel_voice="(704) 451 3435",
            residential_street_address="222 Example Street", residential_region="Example State",
            residential_postal_code="99221", residential_country="US",
            billing_street_address="10 Example Road", billing_region="Example State",
            billing_postal_code="21345", billing_country="US",
            additional_fields=json.dumps({"crm-identifier": "CRM123"}),
        )  # fmt: skip
        ann = insert_account(self.company, email="ann@example.net", extid="CRM/8", given_name="Ann", family_name="Smith")
        self.identifiers = (joe, ann)
        self.company.dba(
            f"""
            UPDATE leap.account SET unacked_since = NULL WHERE identifier = {joe};
            SELECT leap.set_account_status(:'company', {ann}, 'Inactive') \\g /dev/null
            INSERT INTO leap.property_relationship (company_id, identifier, account_identifier, unacked_since)
            SELECT company_id, 1, {joe}, '2011-03-17T16:34:29Z' FROM leap.company WHERE company = :'company';
            """
        )

    def real(self, shown):
        """Text of the document, with this company's identifiers in the place of those shown."""
        for of_document, of_company in zip(SHOWN_IDENTIFIERS, self.identifiers):
            shown = shown.replace(of_document, of_company)
        return shown

    def shown(self, real):
        """Text of a reply, as the document would show it."""
        for of_document, of_company in zip(SHOWN_IDENTIFIERS, self.identifiers):
            real = real.replace(of_company, of_document)
        return real.replace(f"https://{self.company.host}:{self.client.port}/api/v1", SHOWN_BASE)

    def send(self, request):
        query = "&".join(f"{name}={openapi_cases.encoded(value)}" for name, value in request.query)
        target = BASE + self.real(request.path) + (f"?{self.real(query)}" if query else "")
        client = self.company.anonymous if request.anonymous else self.client
        body = self.real(request.body.decode()).encode() if request.body is not None else None
        return client.request(request.method, target, body, request.headers)


@pytest.fixture(scope="module")
def refusing(make_company):
    """Its accounts stay as they are, since it is only sent what is refused, or reads."""
    return Examples(make_company())


@pytest.fixture
def changing(company):
    return Examples(company)


# What the parts of a request cannot show. Each takes the request and the examples' company.


def unauthenticated(request, examples):
    request.anonymous = True


def unknown_host(request, examples):
    request.headers["Host"] = f"nobody.{DOMAIN}"


def malformed_request(request, examples):
    request.query = [("limit", "500")]


def malformed_xml(request, examples):
    request.body = request.body.rstrip()[:-1]


def malformed_identifier(request, examples):
    request.path = request.path.replace(SHOWN_IDENTIFIERS[0], "1000000x")


def unknown_account(request, examples):
    request.path = request.path.replace(SHOWN_IDENTIFIERS[0], "1").replace("CRM%2F7", "CRM%2F1")


def inactive_account(request, examples):
    request.path = request.path.replace(SHOWN_IDENTIFIERS[0], SHOWN_IDENTIFIERS[1]).replace("CRM%2F7", "CRM%2F8")


def unknown_key(request, examples):
    request.path = request.path.replace("crm-identifier", "unknown").replace("original", "unknown")


def unsupported_media_type(request, examples):
    request.headers["Content-Type"] = "text/plain"


def key_reused(request, examples):
    """The same key, used before with another body."""
    request.headers["Idempotency-Key"] = "used"
    examples.send(types.SimpleNamespace(**(vars(request) | {"body": request.body + b"\n"})))


FAULTS = {
    fault.__name__.replace("_", "-"): fault
    for fault in (unauthenticated, unknown_host, malformed_request, malformed_xml, malformed_identifier, unknown_account,
                  inactive_account, unknown_key, unsupported_media_type, key_reused)
}  # fmt: skip
STATES = {
    "not-permitted": ("set_company_status", "'Suspended'", "'Active'"),
    "account-limit": ("set_account_limit", "0", "null"),
}


def comparable(document):
    """A document without what no example can foresee, and without what is for people."""
    root = etree.fromstring(TIME.sub("2011-01-01T00:00:00.000+0000", document).encode())
    for comment in root.iter("{*}comment"):
        comment.set("identifier", "1")
    for message in root.iter("{*}message"):
        message.text = ""
    for field in root.iter("{*}field"):
        field.attrib.pop("detail", None)
    for element in root.iter():
        element.tail = None
        element.text = element.text if element.text and element.text.strip() else None
    return etree.tostring(root, method="c14n").decode()


def assert_answered(operation, case, examples, reply):
    """As the document shows: status, document and headers."""
    status, document = shown_at(operation, case)
    if status == "default":
        status = table_of_errors()[etree.fromstring(document.encode()).get("code")][0]
    assert str(reply.status) == status, reply.body
    headers = resolved(operation.replies.get(status, operation.replies.get("default"))).get("headers", {})
    assert set(reply.headers) <= OF_EVERY_REPLY | set(headers)
    assert {name for name, header in headers.items() if resolved(header).get("required")} <= set(reply.headers)
    if document is None:
        assert (reply.body == b"") == (status == "204")
        return
    xml_schema().assertValid(etree.fromstring(reply.body))
    assert comparable(examples.shown(reply.body.decode())) == comparable(document)


def named(each):
    return pytest.param(*each, id=f"{each[0].name}-{each[1]}")


ALL = [each for each in cases() if each[1] not in NOT_EVOKED]
REFUSED = [each for each in ALL if not shown_at(*each)[0].startswith("2")]
ANSWERED = [each for each in ALL if shown_at(*each)[0].startswith("2")]


@pytest.mark.parametrize("operation, case", map(named, REFUSED))
def test_each_refusal_is_answered_as_shown(refusing, operation, case):
    request = request_of(operation, case)
    if case in FAULTS and case not in operation.bodies:
        FAULTS[case](request, refusing)
    if case not in STATES:
        assert_answered(operation, case, refusing, refusing.send(request))
        return
    function, there, back = STATES[case]
    refusing.company.dba(f"SELECT leap.{function}(:'company', {there});")
    reply = refusing.send(request)
    refusing.company.dba(f"SELECT leap.{function}(:'company', {back});")
    assert_answered(operation, case, refusing, reply)


@pytest.mark.parametrize("operation, case", map(named, ANSWERED))
def test_each_success_is_answered_as_shown(changing, operation, case):
    if operation.name.startswith("listComments"):
        adding = next(each for each in ANSWERED if each[0].name == "addComment")
        assert changing.send(request_of(*adding)).status == 201
    reply = changing.send(request_of(operation, case))
    if operation.name == "createCustomer":
        changing.identifiers += (reply.document.get("identifier"),)
    assert_answered(operation, case, changing, reply)


def test_every_operation_is_shown_to_succeed():
    assert {operation.name for operation, _ in ANSWERED} == {operation.name for operation in operations()}
    assert len(REFUSED) > 100


def test_a_create_is_replayed_and_an_unchanged_account_is_not_sent_again(changing):
    """What needs a reply first: Idempotency-Replayed, and 304."""
    create = request_of(*next(each for each in ANSWERED if each[1] == "complete"))
    show = request_of(*next(each for each in ANSWERED if each[0].name == "showCustomer"))
    first, again = changing.send(create), changing.send(create)
    assert (first.status, again.status, again.headers["Idempotency-Replayed"]) == (201, 201, "true")
    show.headers["If-None-Match"] = changing.send(show).headers["ETag"]
    unchanged = changing.send(show)
    assert (unchanged.status, unchanged.body) == (304, b"")
    assert unchanged.headers["ETag"] == show.headers["If-None-Match"]


def test_the_document_is_yaml_without_anchors_or_repeated_keys():
    """Which not every reader of OpenAPI knows, or which would hide a part."""

    class Strict(yaml.SafeLoader):
        pass

    def mapping(loader, node):
        keys = [loader.construct_object(key) for key, _ in node.value]
        assert len(keys) == len(set(keys)), node.start_mark
        return yaml.SafeLoader.construct_mapping(loader, node, deep=True)

    Strict.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, mapping)
    yaml.load(OPENAPI.read_text(), Strict)
    assert not any(isinstance(token, yaml.AnchorToken) for token in yaml.scan(OPENAPI.read_text()))
