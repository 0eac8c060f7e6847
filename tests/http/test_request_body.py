"""
The body of a request: media types, encodings, limits, and XML that is not well-formed.

Nothing is created here: the documents hold an additional field that the company does not have. Its key comes back in
the xpath of the field error, which shows how the document was understood.
"""

import gzip

import pytest

from documents import GENDER, account, assert_invalid, assert_malformed

MEBIBYTE = 1024 * 1024
TAG_LIMIT = 8 * 1024
KEY = "unknown"


def document(key=KEY, declaration=""):
    """A document with one field error, at a field with this key."""
    text = account().decode("utf-8").partition("?>")[2].strip()
    field = f"<additional-fields><field key='{key}'>x</field></additional-fields>"
    return declaration + text.replace("</account>", f"{field}</account>")


def declared(encoding, quote='"'):
    return f"<?xml version={quote}1.0{quote} encoding={quote}{encoding}{quote}?>"


def post(company, body, content_type=None):
    headers = {"Content-Type": content_type} if content_type is not None else {}
    return company.client.post("customers", body, headers)


def assert_understood(response, key=KEY):
    assert_invalid(response, (f"/account/additional-fields/field[@key='{key}']", "invalid"))


# Media types


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "application/xml",
        "text/xml",
        "Application/XML",
        "TEXT/XML",
        "application/atom+xml",
        "application/vnd.customer.v1+XML",
        "image/svg+xml",
        "application/xml; charset=UTF-8",
        "application/xml;charset=utf-8",
        'text/xml ; charset="UTF-8"',
        "application/xml; version=1; charset=UTF-8",
        "application/xml;",
    ],
)
def test_xml_or_no_media_type_is_accepted(shared_company, content_type):
    assert_understood(post(shared_company, document().encode(), content_type))


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "text/html",
        "application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/octet-stream",
        "application/xml2",
        "application/xml+json",
        "application/x-xml",
        "application/xml/xml",
        "xml",
        "*/*",
        "text/*",
        "text/plain; application/xml",
        "text/plain, application/xml",
        "application/",
        "/xml",
        "; charset=UTF-8",
    ],
)
def test_any_other_media_type_is_415(shared_company, content_type):
    response = post(shared_company, document().encode(), content_type)
    assert (response.status, response.code) == (415, "unsupported-media-type")
    assert response.problems == []


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "identity", "x", "GZIP"])
@pytest.mark.parametrize("body", [document().encode(), gzip.compress(document().encode(), mtime=0)])
def test_any_content_encoding_is_415(shared_company, encoding, body):
    response = shared_company.client.post("customers", body, {"Content-Encoding": encoding})
    assert (response.status, response.code) == (415, "unsupported-media-type")


# Encodings: told by the mark, else the charset parameter, else the declaration

KEYS = ["Größe", "ÿ£¥¬"]
WIDE_KEYS = [*KEYS, "鞋码", "👟", "\U0010fffd", "e\u0301", "\ufffd"]
BIG, LITTLE, MARK = b"\xfe\xff", b"\xff\xfe", b"\xef\xbb\xbf"
XML = "application/xml; charset="


@pytest.mark.parametrize("key", WIDE_KEYS)
@pytest.mark.parametrize(
    "mark, codec", [(MARK, "utf-8"), (BIG, "utf-16-be"), (LITTLE, "utf-16-le"), (b"", "utf-8")]
)
@pytest.mark.parametrize("content_type", [None, "text/xml"])
def test_without_a_charset_the_mark_tells_the_encoding_or_it_is_utf_8(
    shared_company, mark, codec, key, content_type
):
    assert_understood(post(shared_company, mark + document(key).encode(codec), content_type), key)


@pytest.mark.parametrize("mark, codec", [(MARK, "utf-8"), (BIG, "utf-16-be"), (LITTLE, "utf-16-le")])
@pytest.mark.parametrize("charset", ["UTF-8", "UTF-16", "ISO-8859-1", "US-ASCII", "windows-1252", "unknown"])
def test_the_mark_counts_before_the_charset_parameter_and_the_declaration(shared_company, mark, codec, charset):
    body = mark + document(WIDE_KEYS[-1], declared(charset)).encode(codec)
    assert_understood(post(shared_company, body, XML + charset), WIDE_KEYS[-1])


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("charset, codec", [("UTF-8", "utf-8"), ("ISO-8859-1", "iso-8859-1")])
@pytest.mark.parametrize("declaration", ["UTF-8", "UTF-16", "ISO-8859-1", "US-ASCII", "windows-1252"])
def test_the_charset_parameter_counts_before_the_declaration(shared_company, charset, codec, key, declaration):
    body = document(key, declared(declaration)).encode(codec)
    assert_understood(post(shared_company, body, XML + charset), key)


@pytest.mark.parametrize("quote", "'\"")
@pytest.mark.parametrize("content_type", [None, "application/xml"])
@pytest.mark.parametrize(
    "encoding, codec, key",
    [
        ("UTF-8", "utf-8", "Größe"),
        ("ISO-8859-1", "iso-8859-1", "Größe"),
        ("US-ASCII", "ascii", "size"),
        ("utf-8", "utf-8", "Größe"),
        ("iso-8859-1", "iso-8859-1", "Größe"),
        ("us-ascii", "ascii", "size"),
    ],
)
def test_else_the_declaration_tells_the_encoding(shared_company, encoding, codec, key, content_type, quote):
    body = document(key, declared(encoding, quote)).encode(codec)
    assert_understood(post(shared_company, body, content_type), key)


@pytest.mark.parametrize("charset", ["US-ASCII", "us-ascii", '"US-ASCII"', "utf-8", '"iso-8859-1"'])
def test_the_charset_parameter_may_be_quoted_and_in_any_case(shared_company, charset):
    assert_understood(post(shared_company, document("size").encode("ascii"), XML + charset), "size")


def test_the_bytes_of_iso_8859_1_are_its_control_characters(shared_company):
    """Not the printable ones of windows-1252."""
    body = document("\x80\x9f").encode("iso-8859-1")
    assert_understood(post(shared_company, body, XML + "ISO-8859-1"), "\x80\x9f")


OTHER_NAMES = [
    "utf8", "UTF_8", "latin1", "ISO_8859-1", "ISO-8859-15", "l1", "ASCII", "ANSI_X3.4-1968", "cp1252", "windows-1252",
    "UTF-16LE", "UTF-16BE", "UTF-32", "UCS-2", "UTF-7", "EBCDIC-CP-US", "UTF-8x", "Shift_JIS", "x",
]  # fmt: skip


@pytest.mark.parametrize("name", OTHER_NAMES)
def test_any_other_charset_is_400(shared_company, name):
    assert_malformed(post(shared_company, document().encode(), XML + name), 1)


@pytest.mark.parametrize("name", OTHER_NAMES)
def test_any_other_declared_encoding_is_400(shared_company, name):
    assert_malformed(post(shared_company, document(declaration=declared(name)).encode()), 1)


@pytest.mark.parametrize("codec", ["utf-8", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("charset, declaration", [("UTF-16", ""), (None, declared("UTF-16"))])
def test_utf_16_needs_a_byte_order_mark(shared_company, codec, charset, declaration):
    body = document(declaration=declaration).encode(codec)
    response = post(shared_company, body, charset and XML + charset)
    assert (response.status, response.code) == (400, "malformed-xml")


@pytest.mark.parametrize("codec", ["utf-32-le", "utf-32-be", "cp037", "utf-7"])
def test_another_encoding_that_is_not_named_is_400(shared_company, codec):
    body = document("ö+-", declared("UTF-8")).encode(codec)
    if codec == "utf-7":
        assert_understood(post(shared_company, body), "+APYAKw--")
    else:
        assert post(shared_company, body).code == "malformed-xml"


@pytest.mark.parametrize(
    "wrong",
    [
        b"\xc0\xaf", b"\xc1\xbf", b"\xe0\x80\xaf", b"\xf0\x80\x80\xaf",  # overlong
        b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xed\xa0\xbd\xed\xb1\x9f",  # surrogates
        b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80", b"\xff", b"\xfe",  # beyond Unicode
        b"\x80", b"\xbf", b"\xc3", b"\xe2\x82", b"\xf0\x9f\x91", b"\xc3(",  # alone, or truncated
    ],
)  # fmt: skip
def test_bytes_that_are_not_utf_8_are_400(shared_company, wrong):
    """In a value, in a comment and in what is read of nobody, the line of the first is named."""
    for place in (b"<x>%s</x>", b"<!-- %s -->", b"<x y='%s'/>", b"<x%s/>"):
        body = document().encode().replace(b"<owner>", b"\n\n<owner>" + place % wrong)
        assert_malformed(post(shared_company, body), 3)


def test_utf_8_that_ends_within_a_character_is_400(shared_company):
    for cut in (b"\xc3", b"\xe2\x82", b"\xf0\x9f\x91"):
        assert_malformed(post(shared_company, document().encode() + b"\n" + cut), 2)


@pytest.mark.parametrize("mark, codec", [(BIG, "utf-16-be"), (LITTLE, "utf-16-le")])
@pytest.mark.parametrize("wrong", ["\ud800", "\udc00", "\ud83d\ud83d", "\udc5f\ud83d"])
def test_a_surrogate_by_itself_is_not_utf_16(shared_company, mark, codec, wrong):
    body = mark + document(f"\n{wrong}").encode(codec, "surrogatepass")
    assert_malformed(post(shared_company, body), 2)


@pytest.mark.parametrize("mark, codec", [(BIG, "utf-16-be"), (LITTLE, "utf-16-le")])
def test_half_a_unit_is_not_utf_16(shared_company, mark, codec):
    body = mark + document("\n").encode(codec)
    assert_malformed(post(shared_company, body[:-1]), 2)
    assert_malformed(post(shared_company, body + b"\x00"), 2)


@pytest.mark.parametrize("byte", [b"\x80", b"\xe9", b"\xff"])
def test_a_byte_over_127_is_not_us_ascii(shared_company, byte):
    body = document("\n-").encode().replace(b"-'>", byte + b"'>")
    assert_malformed(post(shared_company, body, XML + "US-ASCII"), 2)


# Limits


def padded(length):
    body = document().encode()
    return body + b" " * (length - len(body))


def chunks(body, size):
    return [body[begin : begin + size] for begin in range(0, len(body), size)]


def test_a_body_of_one_mebibyte_is_read(shared_company):
    assert_understood(post(shared_company, padded(MEBIBYTE)))
    assert_understood(post(shared_company, chunks(padded(MEBIBYTE), 65536)))


def test_a_body_over_one_mebibyte_is_413(shared_company):
    for body in (padded(MEBIBYTE + 1), chunks(padded(MEBIBYTE + 1), 65536)):
        response = post(shared_company, body)
        assert (response.status, response.code) == (413, "too-large")


@pytest.mark.parametrize("size", [1, 100, 100000])
def test_chunked_bodies_are_accepted(shared_company, size):
    assert_understood(post(shared_company, chunks(document().encode(), size)))


def of_length(begin, end, length):
    return begin + "x" * (length - len(begin) - len(end)) + end


@pytest.mark.parametrize("begin, end", [("<!--", "-->"), ("<?pi ", "?>"), ("<?xml-stylesheet ", "?>")])
@pytest.mark.parametrize("place", ["<account>{}", "{}</account>", "{}<account>", "</account>\n{}"])
def test_a_comment_or_instruction_may_have_8_kib(shared_company, begin, end, place):
    anchor = place.replace("{}", "").strip()
    for length, known in ((TAG_LIMIT, True), (TAG_LIMIT + 1, False), (MEBIBYTE // 2, False)):
        body = document().replace(anchor, place.format(of_length(begin, end, length)))
        response = post(shared_company, body.encode())
        if known:
            assert_understood(response)
        else:
            assert_malformed(response, 2 if place.startswith("</account>\n") else 1)


@pytest.mark.parametrize("filler", ["x", " ", "é", ">"])
@pytest.mark.parametrize("begin, end", [("<gender z='", "'/>"), ("<gender\n\nz=\"'", '">x</gender>')])
def test_a_tag_may_have_8_kib(shared_company, begin, end, filler):
    end_of_tag = end.partition("</")[0].rstrip("x")
    for length, known in ((TAG_LIMIT, True), (TAG_LIMIT + 2, False)):
        count = (length - len(begin) - len(end_of_tag)) // len(filler.encode())
        body = document().replace("</owner>", begin + filler * count + end + "</owner>")
        response = post(shared_company, body.encode())
        if known:
            assert ("/account/owner/gender/@z", "invalid") in response.problems
        else:
            assert_malformed(response, 1)


def test_an_end_tag_may_have_8_kib(shared_company):
    for length, known in ((TAG_LIMIT, True), (TAG_LIMIT + 1, False)):
        end = of_length("</account", ">", length).replace("x", " ")
        response = post(shared_company, document().replace("</account>", end).encode())
        assert response.code == ("validation" if known else "malformed-xml")


@pytest.mark.parametrize("text", ["x" * 100000, "<![CDATA[" + "<x>" * 33000 + "]]>", "&amp;" * 20000])
def test_text_may_be_longer_than_8_kib(shared_company, text):
    body = account().decode().replace("</owner>", f"<gender>{text}</gender></owner>")
    assert_invalid(post(shared_company, body.encode()), (GENDER, "invalid"))


def nested(depth):
    """The smallest document, with elements that nest so deep; the root counts."""
    return account().decode().replace("</account>", "<x>" * (depth - 1) + "</x>" * (depth - 1) + "</account>")


def test_elements_may_nest_32_deep(shared_company):
    assert_invalid(post(shared_company, nested(32).encode()), ("/account/x", "invalid"))


@pytest.mark.parametrize("depth", [33, 34, 1000, 100000])
def test_elements_that_nest_deeper_are_400(shared_company, depth):
    assert_malformed(post(shared_company, nested(depth).encode()), 2)


def test_a_hostile_document_is_answered_soon(shared_company):
    """Each of these has cost some parser minutes; the client would have given up long before."""
    attributes = " ".join(f"a{number}=''" for number in range(80000))
    namespaces = "".join(f"<x xmlns:n{number}='u'>" for number in range(30000))
    for body in (
        f"<account {attributes}/>",
        f"<account>{namespaces}",
        "<account>" + "<x/>" * 250000 + "</account>",
        "<account>" + "&amp;" * 200000 + "</account>",
        "<account>" + "<![CDATA[" * 100000 + "</account>",
        "<account>" + "]]&gt;" * 150000 + "</account>",
        "<" * MEBIBYTE,
        "<!" * (MEBIBYTE // 2),
        "<account " + "x" * (MEBIBYTE - 9),
        "<!--" * (MEBIBYTE // 4),
    ):
        response = post(shared_company, body.encode())
        assert response.status == 400
