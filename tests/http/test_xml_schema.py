"""The XML Schema of all documents: GET leap-ws-v1.0.xsd, what is valid by it, and classes generated from it."""

import importlib
import subprocess
import sys

import pytest
from lxml import etree

from documents import COMPLETE, REQUIRED, account, build
from leap_client import NAMESPACE, SCHEMA, xml_schema
from leap_instance import SOURCE

XS = "{http://www.w3.org/2001/XMLSchema}"
XML = {"Content-Type": "application/xml"}
DOCUMENTS = ["account", "accounts", "acknowledgements", "change-login", "comments", "customer-update", "error", "ref"]


def in_namespace(body):
    root = etree.fromstring(body)
    for element in root.iter():
        element.tag = f"{{{NAMESPACE}}}{element.tag}"
    return root


def test_it_is_served_without_credentials(company):
    reply = company.anonymous.get("leap-ws-v1.0.xsd")
    assert (reply.status, reply.headers["Content-Type"]) == (200, "application/xml; charset=UTF-8")
    assert reply.body == SCHEMA.read_bytes()
    head = company.anonymous.head("leap-ws-v1.0.xsd")
    assert (head.status, head.body) == (200, b"")


def test_other_hosts_methods_and_queries_are_refused(company, instance):
    unknown = instance.client("unknown.leap.localhost").get("leap-ws-v1.0.xsd")
    assert (unknown.status, unknown.code) == (404, "unknown-host")
    assert company.client.post("leap-ws-v1.0.xsd", b"").status == 405
    assert company.anonymous.get("leap-ws-v1.0.xsd?x=1").code == "malformed-request"


def test_there_is_one_named_type_for_each_kind_of_document():
    schema = etree.parse(str(SCHEMA)).getroot()
    assert sorted(element.get("name") for element in schema.iterchildren(f"{XS}element")) == DOCUMENTS
    types = {kind.get("name") for kind in schema.iterchildren(f"{XS}complexType")}
    assert types.issuperset(DOCUMENTS)
    assert not schema.findall(f".//{XS}complexType//{XS}complexType") and not schema.findall(f".//{XS}choice")


def test_the_create_sample_is_accepted_though_not_valid(company):
    sample = (SOURCE / "doc" / "create-account.xml").read_bytes()
    assert not xml_schema().validate(in_namespace(sample))
    assert company.client.post("customers", sample, XML).status == 201


def test_a_reply_with_every_part_is_valid(company):
    created = company.client.post("customers", build(COMPLETE), XML).document.get("identifier")
    company.dba("INSERT INTO leap.property_relationship (company_id, identifier, account_identifier, unacked_since)"
                " SELECT company_id, 1, identifier, now() FROM leap.account WHERE identifier = :n", n=created)
    reply = company.client.get(f"customers/{created}")
    assert reply.document.find("property-relationships") is not None


@pytest.mark.parametrize("changes", [{}, {path: "" for path in COMPLETE if path not in REQUIRED}, COMPLETE], ids=["least", "empty", "all"])
def test_a_valid_request_is_not_refused_for_its_structure(company, changes):
    ordered = {path: None for path in COMPLETE} | REQUIRED | changes
    root = in_namespace(build({path: ordered[path] for path in COMPLETE}))
    valid = xml_schema().validate(root)
    reply = company.client.post("customers", etree.tostring(root), XML)
    assert valid, xml_schema().error_log
    assert reply.status == 201, reply.body


@pytest.fixture(scope="module")
def classes(tmp_path_factory):
    """Classes that a code generator makes of the schema."""
    folder = tmp_path_factory.mktemp("generated")
    subprocess.run(["xsdata", "generate", SCHEMA, "--package", "leap_documents", "--structure-style", "single-package"],
                   cwd=folder, check=True, capture_output=True)
    sys.path.insert(0, str(folder))
    yield importlib.import_module("leap_documents")
    sys.path.remove(str(folder))


def test_generated_classes_create_read_and_update(company, classes):
    from xsdata.formats.dataclass.parsers import XmlParser
    from xsdata.formats.dataclass.serializers import XmlSerializer

    def render(document):
        return XmlSerializer().render(document, ns_map={None: NAMESPACE}).encode()

    made = classes.Account(
        owner=classes.Owner(
            name=classes.Name(given_name="Zoë", family_name="O'Neil"),
            email="zoe@example.net",
            password="newpassword",
            tel=[classes.Tel(value="555", type=classes.TelType.PREF)],
        ),
        communities=classes.Communities(community=["original"]),
    )
    created = company.client.post("customers", render(made), XML)
    reference = XmlParser().from_bytes(created.body, classes.Ref)
    path = f"customers/{reference.identifier}"

    read = XmlParser().from_bytes(company.client.get(path).body, classes.Account)
    assert (read.owner.name.given_name, read.owner.tel[0].value) == ("Zoë", "555")
    read.owner.name.given_name = "Zoe"
    updated = company.client.put(path, render(read), XML)
    assert XmlParser().from_bytes(updated.body, classes.Ref).version == 2
    error = XmlParser().from_bytes(company.client.post("customers", account({}), {"Content-Type": "text/plain"}).body, classes.Error)
    assert error.code == "unsupported-media-type"
