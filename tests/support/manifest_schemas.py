"""What cmi5 and Common Cartridge ask of the form of a document: two schemas of our own, and the
official ones for whoever has them.

The official ones are in no package that could be had at test time, and not ours to keep.
``MINGA_SCHEMAS`` names a folder that holds them, at any depth, under their own names.
``cmi5.rng`` and ``cartridge.rng`` beside this file say the same in other words, so that something
is always asked.
"""

import os
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from lxml import etree

_HERE = Path(__file__).parent
_CMI5 = "https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd"
_NAMES_OF_11 = {
    "imsbasiclti_xmlv1p3": "imsbasiclti_xmlv1p0",
    "imslticc_v1p3": "imslticc_v1p0",
    "v1p3": "v1p1",
    "1.3.0": "1.1.0",
}
_NAMES = ("id", "identifier")
_REFERENCES = ("idref", "identifierref")


def form_of(name: str) -> etree.RelaxNG:
    """Return our own schema of what a format (``cmi5``, ``cc11``, ``cc13``) is written in."""
    return _cmi5() if name == "cmi5" else _cartridge(name)


@cache
def _cmi5() -> etree.RelaxNG:
    return etree.RelaxNG(etree.parse(_HERE / "cmi5.rng"))


@cache
def _cartridge(name: str) -> etree.RelaxNG:
    text = (_HERE / "cartridge.rng").read_text("utf-8").partition("?>")[2]
    for new, old in _NAMES_OF_11.items() if name == "cc11" else ():
        assert new in text
        text = text.replace(new, old)
    return etree.RelaxNG(etree.fromstring(text))


def problems(name: str, document: bytes) -> list[str]:
    """Return what is wrong with the form of a document of a package in the format ``name``."""
    root = etree.fromstring(document)
    schema = form_of(name)
    schema.validate(root)
    told = [f"{entry.line}: {entry.message}" for entry in schema.error_log]
    return [*told, *_twice(root), *_nowhere(root)]


def _own(root: etree._Element, names: tuple[str, ...]) -> Iterator[str]:
    """Yield the values of attributes of those names, on elements of the document's namespace."""
    for one in root.iter(f"{{{etree.QName(root).namespace}}}*"):
        yield from (str(one.get(name)).strip() for name in names if name in one.attrib)


def _twice(root: etree._Element) -> list[str]:
    return [f"{name} is given twice" for name, n in Counter(_own(root, _NAMES)).items() if n > 1]


def _nowhere(root: etree._Element) -> list[str]:
    targets = "objective" if etree.QName(root).namespace == _CMI5 else "resource"
    known = {
        value
        for one in root.iter(f"{{{etree.QName(root).namespace}}}{targets}")
        for value in (one.get("id"), one.get("identifier"))
    }
    return [f"{name} is nowhere" for name in _own(root, _REFERENCES) if name not in known]


class OfficialSchemas:
    """The schemas below a folder; ``namespaces`` are those that they describe."""

    def __init__(self, folder: Path) -> None:
        self._files = {path.name: path for path in sorted(folder.rglob("*.xsd"))}
        self._by_namespace: dict[str, str] = {}
        self._compiled: dict[str, etree.XMLSchema] = {}
        for name, path in self._files.items():
            namespace = etree.parse(path).getroot().get("targetNamespace")
            if namespace:
                self._by_namespace.setdefault(namespace, name)

    @property
    def namespaces(self) -> frozenset[str]:
        return frozenset(self._by_namespace)

    def errors(self, document: bytes) -> list[str]:
        """Return what the schema of the document's own namespace has to say against it."""
        root = etree.fromstring(document)
        schema = self._schema(self._by_namespace[str(etree.QName(root).namespace)])
        schema.validate(root)
        return [f"{entry.line}: {entry.message}" for entry in schema.error_log]

    def _schema(self, name: str) -> etree.XMLSchema:
        if name not in self._compiled:
            parser = etree.XMLParser(no_network=True)
            parser.resolvers.add(_Local(self._files))
            schema = etree.fromstring(self._files[name].read_bytes(), parser)
            self._compiled[name] = etree.XMLSchema(schema)
        return self._compiled[name]


class _Local(etree.Resolver):
    """Gives the schemas by their file names, wherever their writers thought that they stand."""

    def __init__(self, files: dict[str, Path]) -> None:
        self._files = files

    def resolve(self, url: str, public_id: str, context: object) -> object:
        name = url.rpartition("/")[2]
        if name not in self._files:
            raise FileNotFoundError(f"{name} is not in the folder of schemas")
        return self.resolve_string(self._files[name].read_bytes(), context)


def official_schemas() -> OfficialSchemas | None:
    """Return the schemas of the folder that ``MINGA_SCHEMAS`` names, None without one."""
    folder = os.environ.get("MINGA_SCHEMAS")
    return OfficialSchemas(Path(folder)) if folder else None
