"""Documents made at random that are valid by the XML Schema: their structure comes from the schema itself."""

import random

from lxml import etree

from leap_client import NAMESPACE, SCHEMA

XS = "{http://www.w3.org/2001/XMLSchema}"
MANY = 5


def _schema_parts(tag):
    return {part.get("name"): part for part in etree.parse(SCHEMA).getroot().iterchildren(XS + tag)}


ELEMENTS = _schema_parts("element")
TYPES = _schema_parts("complexType")


class _Maker:
    """Takes each value only once; what has no value left is left out."""

    def __init__(self, seed, values, needed):
        self.random = random.Random(seed)
        self.values = {path: self.random.sample(given, len(given)) for path, given in values.items()}
        self.needed = needed

    def left(self, path):
        return len(self.values.get(path, ()))

    def attributes(self, path, kind):
        """(path, declaration) of those that have a value left."""
        declared = [(f"{path}/@{each.get('name')}", each) for each in kind.iter(XS + "attribute")]
        return [(path, each) for path, each in declared if self.left(path) or each.get("use") == "required"]

    def times(self, declaration, path):
        least = 1 if path in self.needed else int(declaration.get("minOccurs", "1"))
        most = declaration.get("maxOccurs", "1")
        most = MANY if most == "unbounded" else min(int(most), MANY)
        kind = TYPES.get(declaration.get("type").removeprefix("leap:"))
        if kind is None or kind.find(XS + "simpleContent") is not None:
            most = min(most, self.left(path))
        if kind is not None:
            most = min([most] + [self.left(each) for each, _ in self.attributes(path, kind)])
        return self.random.randint(min(least, most), most)

    def element(self, declaration, path):
        made = etree.Element(f"{{{NAMESPACE}}}{declaration.get('name')}")
        kind = TYPES.get(declaration.get("type").removeprefix("leap:"))
        if kind is None or kind.find(XS + "simpleContent") is not None:
            made.text = self.values[path].pop()
        if kind is None:
            return made
        for attribute_path, attribute in self.attributes(path, kind):
            if attribute.get("use") == "required" or self.random.random() < 0.5:
                made.set(attribute.get("name"), self.values[attribute_path].pop())
        for child in kind.iterfind(f"{XS}sequence/{XS}element"):
            child_path = f"{path}/{child.get('name')}"
            for _ in range(self.times(child, child_path)):
                made.append(self.element(child, child_path))
        return made


def make(seed, name, values, needed=()):
    """
    A document with this root. `values` has for each path of an element or attribute those that it may have, each of
    which is used at most once; a path without any is left out. The elements at the paths `needed` are there always.
    """
    return _Maker(seed, values, needed).element(ELEMENTS[name], f"/{name}")
