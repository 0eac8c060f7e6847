"""XML that is not well-formed or goes beyond what is accepted is 400, and the message gives the line."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from documents import COMMUNITY, GENDER, account, assert_invalid, assert_malformed
from leap_client import NAMESPACE


def post(company, text):
    return company.client.post("customers", text if isinstance(text, bytes) else text.encode())


# Each with the line that is named: the one where the parser notices.
MALFORMED = {
    "nothing": ("", 1),
    "white space": (" \r\n\t", 2),
    "text": ("account", 1),
    "JSON": ('{"account": {}}', 1),
    "only a declaration": ('<?xml version="1.0"?>\n', 2),
    "only a comment": ("<!-- x -->\n\n", 3),
    "an unclosed root": ("<account>\n\n", 3),
    "an unclosed element": ("<account>\n<owner>\n</account>", 3),
    "an end tag alone": ("</account>", 1),
    "an end tag that does not match": ("<account>\n<owner>\n</ower>\n</account>", 3),
    "an end tag in another case": ("<account>\n</Account>", 2),
    "elements that overlap": ("<account><a>\n<b>\n</a></b></account>", 3),
    "a tag that is not closed": ("<account>\n<owner", 2),
    "an unquoted attribute": ("<account\nextid=1/>", 2),
    "an attribute without a value": ("<account>\n<x y/></account>", 2),
    "an attribute given twice": ("<account>\n<x y='1' y='2'/></account>", 2),
    "an attribute given twice by two prefixes": (
        "<account xmlns:a='u' xmlns:b='u'>\n<x a:y='1' b:y='2'/></account>",
        2,
    ),
    "a less-than sign in an attribute": ("<account>\n<x y='<'/></account>", 2),
    "a less-than sign in text": ("<account>\n1 < 2</account>", 2),
    "an ampersand in text": ("<account>\n\nA & B</account>", 3),
    "an ampersand in an attribute": ("<account>\n<x y='&'/></account>", 2),
    "an entity that is not one of the five": ("<account>\n&nbsp;</account>", 2),
    "an entity without its end": ("<account>\n&amp</account>", 2),
    "a reference to NUL": ("<account>\n&#0;</account>", 2),
    "a reference to a control character": ("<account>\n&#x1;</account>", 2),
    "a reference to a surrogate": ("<account>\n&#xD800;</account>", 2),
    "a reference to U+FFFE": ("<account>\n&#xFFFE;</account>", 2),
    "a reference beyond Unicode": ("<account>\n&#x110000;</account>", 2),
    "a reference that overflows": ("<account>\n&#4294967361;</account>", 2),
    "a control character": ("<account>\n\x01</account>", 2),
    "U+FFFE": ("<account>\n\ufffe</account>", 2),
    "U+FFFF in a comment": ("<account>\n<!-- \uffff --></account>", 2),
    "NUL": ("<account>\n\n<owner>\x00</owner></account>", 3),
    "NUL at the beginning": ("\x00<account/>", 1),
    "NUL after the end": ("<account/>\n\x00", 2),
    "two hyphens in a comment": ("<account>\n<!-- -- --></account>", 2),
    "an unclosed comment": ("<account>\n<!-- </account>", 2),
    "an unclosed CDATA section": ("<account>\n<![CDATA[ </account>", 2),
    "an unclosed processing instruction": ("<account>\n<?x </account>", 2),
    "the end of CDATA in text": ("<account>\n]]></account>", 2),
    "a CDATA section around the root": ("<![CDATA[<account/>]]>", 1),
    "a declaration not at the beginning": ('\n<?xml version="1.0"?><account/>', 2),
    "a declaration inside": ('<account>\n<?xml version="1.0"?></account>', 2),
    "a declaration without a version": ('<?xml encoding="UTF-8"?><account/>', 1),
    "a processing instruction named XML": ("<account>\n<?XML x?></account>", 2),
    "XML 1.1": ('<?xml version="1.1"?>\n<account/>', 1),
    "XML 2.0": ('<?xml version="2.0"?>\n<account/>', 1),
    "an unbound prefix": ("<account>\n<x:owner/></account>", 2),
    "an unbound prefix of the root": ("<x:account/>", 1),
    "an unbound prefix of an attribute": ("<account>\n<owner x:y=''/></account>", 2),
    "a prefix that is unbound": ("<account>\n<x:y xmlns:x=''/></account>", 2),
    "the prefix xmlns": ("<account>\n<xmlns:y/></account>", 2),
    "two colons in a name": ("<account xmlns:a='u'>\n<a:b:c/></account>", 2),
    "text after the root": ("<account/>\n\nx", 3),
    "an element after the root": ("<account/>\n<account/>", 2),
    "an end tag after the root": ("<account/>\n</account>", 2),
    "CDATA after the root": ("<account/>\n<![CDATA[]]>", 2),
    "a character reference after the root": ("<account/>\n&#32;", 2),
    "a second document after the root": ('<account/>\n<?xml version="1.0"?><account/>', 2),
    "text before the root": ("\nx<account/>", 2),
    "a document type": ("<!DOCTYPE account>\n<account/>", 1),
    "a document type in lower case": ("<!doctype account>\n<account/>", 1),
    "a document type after a comment": ("<!-- x -->\n<!DOCTYPE account [ ]>\n<account/>", 2),
    "a document type after the root": ("<account/>\n<!DOCTYPE account>", 2),
    "a document type inside": ("<account>\n<!DOCTYPE account></account>", 2),
    "an entity declaration": ("<account>\n<!ENTITY x 'y'></account>", 2),
    "a wrong root": ("\n<customer/>", 2),
    "a root in another case": ("<Account/>", 1),
    "a root in another namespace": ("\n\n<account xmlns='urn:other'/>", 3),
    "the root of another document": (f"<accounts xmlns='{NAMESPACE}'><account/></accounts>", 1),
    "a wrong root of which the rest is malformed": ("<customer>\n<", 1),
    "the sample of change-login": (
        "<change-login>\n  <login-id>new@example.net</login-id>\n</change-login-id>\n",
        1,
    ),
}


@pytest.mark.parametrize("how", MALFORMED)
def test_malformed_xml_is_400_and_the_line_is_given(shared_company, how):
    text, line = MALFORMED[how]
    assert_malformed(post(shared_company, text), line)


@pytest.mark.parametrize("how", ["an ampersand in text", "an end tag that does not match", "an entity declaration"])
@pytest.mark.parametrize("codec", ["utf-16", "utf-8-sig"])
def test_lines_are_counted_in_every_encoding(shared_company, how, codec):
    text, line = MALFORMED[how]
    assert_malformed(post(shared_company, text.encode(codec)), line)


@pytest.mark.parametrize("line", [1, 2, 1000, 65535, 65536, 200000])
def test_the_line_may_be_any(shared_company, line):
    assert_malformed(post(shared_company, "<account>" + "\n" * (line - 1) + "&"), line)


def test_a_document_cut_anywhere_is_400(shared_company):
    body = account({GENDER: "x"})
    for length in range(len(body)):
        assert post(shared_company, body[:length]).code == "malformed-xml", body[:length]
    assert_invalid(post(shared_company, body), (GENDER, "invalid"))


# What is well-formed


@pytest.mark.parametrize(
    "before, after",
    [
        ("", ""),
        ('<?xml version="1.0"?>', ""),
        ("<?xml version='1.0' standalone='yes'?>", ""),
        ("<?xml version='1.0' encoding='UTF-8' standalone='no' ?>", ""),
        ("\n \t\r\n", ""),
        ("<!-- a --><?pi?>\n", ""),
        ("", "\n\t \r\n<!-- a --><?pi x?>\n"),
    ],
)
def test_white_space_comments_and_instructions_may_stand_around_the_root(shared_company, before, after):
    text = account({GENDER: "x"}).decode().partition("?>")[2].strip()
    assert_invalid(post(shared_company, before + text + after), (GENDER, "invalid"))


@pytest.mark.parametrize(
    "text",
    [
        "ori&#103;inal", "&#x6f;riginal", "<![CDATA[original]]>", "ori<![CDATA[gin]]>al", "ori<!-- x -->ginal",
        "ori<?x y?>ginal", "\n\t original&#32;&#13;\n", "<!-- & < -->original", "<?x <y> & ?>original",
    ],
)  # fmt: skip
def test_a_value_may_be_written_in_many_ways(shared_company, text):
    body = account({GENDER: "x"}).decode().replace(">original<", f">{text}<")
    assert_invalid(post(shared_company, body), (GENDER, "invalid"))


def test_the_five_entities_are_expanded(shared_company):
    """The key of an unknown field comes back."""
    body = account(inside={"/account/additional-fields": "<field key='&lt;&gt;&amp;&quot;'/>"})
    assert_invalid(post(shared_company, body), ("/account/additional-fields/field[@key='<>&\"']", "invalid"))
    body = account(inside={"/account/additional-fields": "<field key='&apos;'/>"})
    assert_invalid(post(shared_company, body), ('/account/additional-fields/field[@key="\'"]', "invalid"))


def test_white_space_in_an_attribute_is_normalised_as_xml_says(shared_company):
    fields = "<field key='a\tb\nc\r\nd&#10;e'/>"
    body = account().decode().replace("</account>", f"<additional-fields>{fields}</additional-fields></account>")
    path = "/account/additional-fields/field[@key='a b c d\ne']"
    assert_invalid(post(shared_company, body), (path, "invalid"))


# Nothing is expanded, nothing is fetched


@pytest.fixture
def bait():
    """A web server that nobody must ask."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *arguments):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_no_entity_is_expanded(shared_company):
    laughs = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10 if n else 'ha' * 10}'>" for n in range(10))
    for definition, use in (
        (laughs, "&l9;"),
        ("<!ENTITY x 'original'>", "&x;"),
        ("<!ENTITY x SYSTEM 'file:///etc/passwd'>", "&x;"),
    ):
        text = account({COMMUNITY: "X"}).decode().partition("?>")[2].strip().replace(">X<", f">{use}<")
        response = post(shared_company, f"<!DOCTYPE account [{definition}]>\n{text}")
        assert_malformed(response, 1)
        assert b"root:" not in response.body


def test_nothing_is_fetched(shared_company, bait):
    url, asked = bait
    text = account({GENDER: "x"}).decode().partition("?>")[2].strip()
    for head, status in (
        (f"<!DOCTYPE account SYSTEM '{url}/dtd'>", "malformed-xml"),
        (f"<!DOCTYPE account PUBLIC 'x' '{url}/dtd'>", "malformed-xml"),
        (f"<!DOCTYPE account [<!ENTITY % x SYSTEM '{url}/parameter'>%x;]>", "malformed-xml"),
        (f"<?xml-stylesheet type='text/xsl' href='{url}/style'?>", "validation"),
        (f"<?xml-model href='{url}/model'?>", "validation"),
    ):
        assert post(shared_company, head + text).code == status
    hint = f"<account xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:schemaLocation='{NAMESPACE} {url}/xsd'"
    assert_invalid(post(shared_company, text.replace("<account", hint)), (GENDER, "invalid"))
    include = f"<x:include xmlns:x='http://www.w3.org/2001/XInclude' href='{url}/include'/>"
    response = post(shared_company, text.replace("</account>", f"{include}</account>"))
    assert_invalid(response, (GENDER, "invalid"), ("/account/include", "invalid"))
    assert asked == []
