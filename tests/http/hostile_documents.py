"""
Documents that attack who parses them: {name: (code, bytes)} for each kind of request document.

The code is what must be answered; "validation" stands for a document that is well-formed XML and has problems.
"""

from leap_client import NAMESPACE

MEBIBYTE = 1 << 20
DEPTH = 32
TAG = 8192
UNREACHABLE = "http://127.0.0.1:9/x"

# Each root, and what its repeated or only element is: (before its first, the element around text, after its last).
SHAPES = {
    "account": ("<additional-fields>", "<field key='shoe-size'>{}</field>", "</additional-fields>"),
    "change-login": ("", "<login-id>{}</login-id>", ""),
    "acknowledgements": ("", "<acknowledgement>{}</acknowledgement>", ""),
    "customer-update": ("", "<comment>{}</comment>", ""),
}


def numbered(template, size):
    """The template with 1, 2, … for its {}, over and over, as far as the size goes."""
    pieces, length, number = [], 0, 1
    while True:
        piece = template.replace("{}", f"{number:x}")
        length += len(piece)
        if length > size:
            return "".join(pieces)
        pieces.append(piece)
        number += 1


def filled(piece, size):
    return piece * (size // len(piece))


def with_head(head, root, use):
    return f"<?xml version='1.0'?>{head}<{root}>{use}</{root}>"


def entities(root):
    laughs = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10 if n else 'ha' * 10}'>" for n in range(12))
    yield "billion laughs", with_head(f"<!DOCTYPE {root} [{laughs}]>", root, "&l11;")
    big = f"<!ENTITY a '{'A' * 300000}'>"
    yield "quadratic blowup", with_head(f"<!DOCTYPE {root} [{big}]>", root, "&a;" * 100000)
    yield "entities that hold each other", with_head(f"<!DOCTYPE {root} [<!ENTITY a '&b;'><!ENTITY b '&a;'>]>", root, "&a;")
    yield "an external entity", with_head(f"<!DOCTYPE {root} [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>", root, "&a;")
    yield "an entity of the network", with_head(f"<!DOCTYPE {root} [<!ENTITY a SYSTEM '{UNREACHABLE}'>]>", root, "&a;")
    parameter = f"<!ENTITY % p SYSTEM '{UNREACHABLE}'>%p;"
    yield "a parameter entity", with_head(f"<!DOCTYPE {root} [{parameter}]>", root, "")
    bombs = "".join(f"<!ENTITY % p{n} '{f'%p{n - 1};' * 10 if n else 'ha' * 10}'>" for n in range(12))
    yield "parameter entities by the billion", with_head(f"<!DOCTYPE {root} [{bombs}%p11;]>", root, "")
    yield "an external document type", with_head(f"<!DOCTYPE {root} SYSTEM 'file:///dev/random'>", root, "")
    yield "a public document type", with_head(f"<!DOCTYPE {root} PUBLIC '-//X//X' '{UNREACHABLE}'>", root, "")
    defaults = numbered(f"<!ATTLIST {root} a{{}} CDATA 'x'>", MEBIBYTE - 200)
    yield "a mebibyte of default attributes", with_head(f"<!DOCTYPE {root} [{defaults}]>", root, "")
    yield "an endless document type", f"<!DOCTYPE {root} [" + filled("<!ELEMENT a (b|c)>", MEBIBYTE - 100)
    yield "references to nothing", f"<{root}>" + numbered("&e{};", MEBIBYTE - 100) + f"</{root}>"


def too_large(root):
    end = f"</{root}>"
    yield "one level too deep", f"<{root}>" + "<a>" * DEPTH + "</a>" * DEPTH + end
    yield "100,000 levels", f"<{root}>" + "<a>" * 100000 + "</a>" * 100000 + end
    yield "levels without an end", f"<{root}>" + filled("<a>", MEBIBYTE - 100)
    yield "levels of namespaces", f"<{root}>" + numbered("<a xmlns='u{}'>", MEBIBYTE - 100)
    yield "a tag of attributes", f"<{root}" + numbered(" a{}=''", MEBIBYTE - 100) + ">" + end
    yield "a tag of one attribute", f"<{root}" + filled(" a=''", MEBIBYTE - 100) + ">" + end
    yield "a tag of prefixes", f"<{root}" + numbered(" xmlns:a{}='u'", MEBIBYTE - 100) + ">" + end
    yield "a tag of namespaces", f"<{root}" + numbered(" xmlns:a{}='u{}'", MEBIBYTE - 100) + ">" + end
    yield "a tag of attributes in namespaces", f"<{root} xmlns:a='u'" + numbered(" a:b{}=''", MEBIBYTE - 100) + ">" + end
    yield "257 prefixes", f"<{root}" + "".join(f" xmlns:p{n}='u'" for n in range(257)) + ">" + end
    yield "an element's huge name", f"<{root}><{'a' * (MEBIBYTE - 100)}/>" + end
    yield "an element's name without an end", f"<{root}><{'a' * (MEBIBYTE - 100)}"
    yield "an end tag's huge name", f"<{root}></{'a' * (MEBIBYTE - 100)}>"
    yield "an attribute's huge name", f"<{root} {'a' * (MEBIBYTE - 100)}=''/>"
    yield "an attribute's huge value", f"<{root} a='{'a' * (MEBIBYTE - 100)}'/>"
    yield "a huge comment", f"<{root}><!--{'a' * (MEBIBYTE - 100)}-->" + end
    yield "a comment without an end", f"<{root}><!--{'a- ' * (MEBIBYTE // 3 - 40)}"
    yield "a huge instruction", f"<{root}><?a {'a' * (MEBIBYTE - 100)}?>" + end
    yield "an instruction without an end", f"<{root}><?a {'?' * (MEBIBYTE - 100)}"
    yield "a section without an end", f"<{root}><![CDATA[{']' * (MEBIBYTE - 100)}"
    yield "100,000 names of elements", f"<{root}>" + numbered("<a{}/>", MEBIBYTE - 100) + end
    yield "100,000 names of instructions", f"<{root}>" + numbered("<?a{}?>", MEBIBYTE - 100) + end
    yield "100,000 names of attributes", f"<{root}>" + numbered("<a a{}=''/>", MEBIBYTE - 100) + end
    full = numbered(" a{}=''", TAG - 10)
    yield "tags full of attributes", f"<{root}>" + filled(f"<a{full}/>", MEBIBYTE - 100) + end
    yield "only less-than signs", "<" * MEBIBYTE
    yield "only white space", " \n" * (MEBIBYTE // 2)
    yield "lines before a fault", f"<{root}>" + "\n" * (MEBIBYTE - 100) + "&" + end


def well_formed(root):
    before, entry, after = SHAPES[root]
    begin, end, size = f"<{root}>", f"</{root}>", MEBIBYTE - 200

    def whole(inside):
        return begin + inside + end

    yield "siblings", whole(filled("<a/>", size))
    yield "siblings of a few names", whole("".join(f"<b{n}/>" for n in range(99)) + filled("<a/>", size - 600))
    yield "siblings of many names", whole(filled("".join(f"<c{n}/>" for n in range(1000)), size))
    yield "siblings in another namespace", whole("<x:y xmlns:x='u'>" + filled("<x:a/>", size - 50) + "</x:y>")
    yield "foreign siblings", f"<{root} xmlns:x='u'>" + filled("<x:a/>", size) + end
    yield "attributes of siblings", whole(filled("<a b=''/>", size))
    yield "attributes of few names", whole("".join(f"<a b{n}=''/>" for n in range(99)) + filled("<a b=''/>", size - 2000))
    yield "entries without a value", whole(before + filled(entry.format(""), size) + after)
    yield "entries", whole(before + filled(entry.format("1"), size) + after)
    yield "entries that are wrong", whole(before + filled(entry.format("\n&#9;x"), size) + after)
    yield "entries with attributes", whole(before + filled(entry.format("1").replace(">", " z=''>", 1), size) + after)
    yield "entries with elements", whole(before + filled(entry.format("<a/>"), size) + after)
    yield "an entry full of elements", whole(before + entry.format(filled("<a/>", size - 200)) + after)
    yield "an element full of elements", whole("<a>" + filled("<b/>", size) + "</a>")
    yield "levels up to the limit", whole(filled("<a>" * (DEPTH - 1) + "</a>" * (DEPTH - 1), size))
    yield "text of many levels", whole(filled("<a>b</a>", size))
    yield "huge text", begin + "a" * size + end
    yield "huge text of an element", whole("<a>" + "a" * size + "</a>")
    yield "a huge section", begin + f"<![CDATA[{'a' * size}]]>" + end
    yield "sections", begin + filled("<![CDATA[a]]>", size) + end
    yield "references", begin + filled("&#65;", size) + end
    yield "the five entities", begin + filled("&lt;", size) + end
    yield "comments", begin + filled("<!---->", size) + end
    yield "comments of 8 KiB", begin + filled(f"<!--{'a' * (TAG - 7)}-->", size) + end
    yield "instructions", begin + filled("<?a?>", size) + end
    yield "comments after the root", begin + end + filled("<!---->", size)
    yield "names of 8 KiB", whole(filled(f"<{'a' * (TAG - 3)}/>", size))
    yield "values of 8 KiB", whole(filled(f"<a b='{'a' * (TAG - 9)}'/>", size))
    yield "inclusion", whole(f"<x:include xmlns:x='http://www.w3.org/2001/XInclude' href='{UNREACHABLE}' parse='text'/>")
    xsi = "xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'"
    yield "schema locations", f"<{root} {xsi} xsi:schemaLocation='{NAMESPACE} {UNREACHABLE}' xsi:noNamespaceSchemaLocation='/'/>"
    yield "style sheets", filled(f"<?xml-stylesheet type='text/xsl' href='{UNREACHABLE}'?>", TAG) + begin + end
    yield "a model", f"<?xml-model href='{UNREACHABLE}'?>" + begin + end


def of_account():
    """What only the account document has lists for."""
    size = MEBIBYTE - 300

    def owner(inside):
        return f"<account><owner>{inside}</owner></account>"

    def fields(inside):
        return f"<account><additional-fields>{inside}</additional-fields></account>"

    yield "owners", f"<account>{filled('<owner/>', size)}</account>"
    yield "addresses", owner(filled("<residential-address/>", size))
    yield "names", owner(f"<name>{filled('<given-name/>', size)}</name>")
    yield "phones without a type", owner(filled("<tel/>", size))
    yield "phones of one type", owner(filled("<tel type='pref'/>", size))
    yield "phones of many types", owner(numbered("<tel type='{}'/>", size))
    yield "fields without a key", fields(filled("<field/>", size))
    yield "fields of many keys", fields(numbered("<field key='{}'/>", size))
    yield "fields of few keys", fields(filled("".join(f"<field key='{n}'/>" for n in range(99)), size))
    yield "fields of quoted keys", fields(filled("""<field key="''''''''''&quot;"/>""", size))
    yield "fields of long quoted keys", fields(filled('<field key="' + "'&quot;" * 1000 + '"/>', size))
    yield "fields that are given twice", fields(filled("<field key='shoe-size'>Nine</field>", size))
    yield "communities", f"<account><communities>{filled('<community>a</community>', size)}</communities></account>"
    yield "many communities", f"<account><communities>{numbered('<community>{}</community>', size)}</communities></account>"
    yield "empty communities", f"<account><communities>{filled('<community/>', size)}</communities></account>"
    yield "relationships", f"<account><property-relationships>{filled('<a/>', size)}</property-relationships></account>"


def encodings(root):
    text = f"<{root}/>"
    begin, end = f"<{root}>", f"</{root}>"
    yield "overlong UTF-8", f"{begin}".encode() + b"\xc0\xbc" * 1000 + end.encode()
    yield "a mebibyte of UTF-8 with its fault at the end", f"{begin}{'ä' * 500000}".encode() + b"\xff" + end.encode()
    yield "surrogates in UTF-8", begin.encode() + b"\xed\xa0\x80" + end.encode()
    yield "truncated UTF-8", begin.encode() + b"\xf0\x9f\x98"
    yield "UTF-16 without a mark", text.encode("utf-16-le")
    yield "UTF-16 with half a unit", text.encode("utf-16") + b"x"
    yield "a surrogate by itself", b"\xff\xfe" + begin.encode("utf-16-le") + b"\x00\xd8" + end.encode("utf-16-le")
    yield "UTF-16 with a bomb", f"<!DOCTYPE a [<!ENTITY a '{'A' * 200000}'>]>{begin}&a;{end}".encode("utf-16")
    yield "UTF-32", text.encode("utf-32")
    yield "UTF-32 that is declared", f"<?xml version='1.0' encoding='UTF-32'?>{text}".encode("utf-32-be")
    yield "UTF-7", b"<?xml version='1.0' encoding='UTF-7'?>" + f"+ADw-{root}/+AD4-".encode()
    yield "EBCDIC", f"<?xml version='1.0' encoding='ebcdic-cp-us'?>{text}".encode("cp037")
    yield "a lie: UTF-16", f"<?xml version='1.0' encoding='UTF-16'?>{text}".encode()
    yield "a lie: US-ASCII", f"<?xml version='1.0' encoding='US-ASCII'?>{begin}ä{end}".encode()
    yield "an encoding to be loaded", f"<?xml version='1.0' encoding='../../../../etc/passwd'?>{text}".encode()
    yield "an encoding of iconv's", f"<?xml version='1.0' encoding='ISO-2022-CN-EXT//TRANSLIT'?>{text}".encode()
    yield "NULs", b"\0" * MEBIBYTE
    yield "a NUL", begin.encode() + b"\0" + end.encode()
    yield "a NUL at the very end", (begin + "a" * (MEBIBYTE - 100) + end).encode() + b"\0"


def documents(root):
    """{name: (code, document)} of all that are made for a root element."""
    found = {}
    for code, made in (
        ("malformed-xml", entities(root)),
        ("malformed-xml", too_large(root)),
        ("malformed-xml", encodings(root)),
        ("validation", well_formed(root)),
        ("validation", of_account() if root == "account" else ()),
    ):
        for name, text in made:
            assert name not in found
            found[name] = (code, text if isinstance(text, bytes) else text.encode())
            assert len(found[name][1]) <= MEBIBYTE, name
    return found
