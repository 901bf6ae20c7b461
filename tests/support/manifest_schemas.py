"""Schemas of cmi5 and Common Cartridge: two of our own, and optionally the official ones.

The official schemas cannot be redistributed, and no package on npm or PyPI contains them.
``MINGA_SCHEMAS`` names a folder that contains them, at any depth, under their original names.
``cmi5.rng`` and ``cartridge.rng`` in this folder state the same rules and are always used.
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


def schema_of(name: str) -> etree.RelaxNG:
    """Return our own schema of a format (``cmi5``, ``cc11``, ``cc13``)."""
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
    """Return the schema errors, duplicate ids and dangling references of a manifest."""
    root = etree.fromstring(document)
    schema = schema_of(name)
    schema.validate(root)
    errors = [f"{entry.line}: {entry.message}" for entry in schema.error_log]
    return [*errors, *_duplicates(root), *_dangling_references(root)]


def _values(root: etree._Element, names: tuple[str, ...]) -> Iterator[str]:
    """Yield the values of these attributes on elements of the document's namespace."""
    for one in root.iter(f"{{{etree.QName(root).namespace}}}*"):
        yield from (str(one.get(name)).strip() for name in names if name in one.attrib)


def _duplicates(root: etree._Element) -> list[str]:
    return [f"{name} is given twice" for name, n in Counter(_values(root, _NAMES)).items() if n > 1]


def _dangling_references(root: etree._Element) -> list[str]:
    targets = "objective" if etree.QName(root).namespace == _CMI5 else "resource"
    known = {
        value
        for one in root.iter(f"{{{etree.QName(root).namespace}}}{targets}")
        for value in (one.get("id"), one.get("identifier"))
    }
    return [f"{name} is nowhere" for name in _values(root, _REFERENCES) if name not in known]


class OfficialSchemas:
    """The schemas below a folder; ``namespaces`` are their target namespaces."""

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
        """Return the errors of a document against the schema of its namespace."""
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
    """Resolve schemas by file name, ignoring their folders."""

    def __init__(self, files: dict[str, Path]) -> None:
        self._files = files

    def resolve(self, url: str, public_id: str, context: object) -> object:
        name = url.rpartition("/")[2]
        if name not in self._files:
            raise FileNotFoundError(f"{name} is not in the folder of schemas")
        return self.resolve_string(self._files[name].read_bytes(), context)


def official_schemas() -> OfficialSchemas | None:
    """Return the schemas in the folder that ``MINGA_SCHEMAS`` names; None if it is not set."""
    folder = os.environ.get("MINGA_SCHEMAS")
    return OfficialSchemas(Path(folder)) if folder else None
