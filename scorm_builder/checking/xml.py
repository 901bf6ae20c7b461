"""Read XML from untrusted packages.

A document type declaration is refused, and with it entity expansion and external entities. Size and
depth are limited. Every element knows its line, so that a finding can name it.
"""

from collections.abc import Iterator
from xml.parsers import expat

_MAX_DEPTH = 100
_MAX_ELEMENTS = 200_000


class XmlError(Exception):
    """A document that cannot be read: ``reason`` is a phrase, ``line`` counts from 1."""

    def __init__(self, reason: str, line: int) -> None:
        self.reason = reason
        self.line = line
        super().__init__(f"line {line}: {reason}")


class XmlElement:
    """An element of a document; its ``name`` is ``namespace|local``, or ``local`` alone."""

    __slots__ = ("attributes", "children", "line", "name", "pieces")

    def __init__(self, name: str, attributes: dict[str, str], line: int) -> None:
        self.name = name
        self.attributes = attributes
        self.line = line
        self.children: list[XmlElement] = []
        self.pieces: list[str] = []

    @property
    def local(self) -> str:
        """The name without its namespace."""
        return self.name.rpartition("|")[2]

    @property
    def namespace(self) -> str:
        """The namespace, or an empty string."""
        return self.name.rpartition("|")[0]

    @property
    def text(self) -> str:
        """The element's own text without leading and trailing white space."""
        return "".join(self.pieces).strip()

    def all(self, local: str) -> list["XmlElement"]:
        """Return the children with a local name."""
        return [child for child in self.children if child.local == local]

    def first(self, local: str) -> "XmlElement | None":
        """Return the first child with a local name."""
        return next(iter(self.all(local)), None)

    def walk(self) -> Iterator["XmlElement"]:
        """Yield this element and all its descendants in document order."""
        pending = [self]
        while pending:
            here = pending.pop()
            yield here
            pending.extend(reversed(here.children))


def read(data: bytes) -> XmlElement:
    """Return the root element of a document.

    Raises ``XmlError`` if it is not well-formed, has a document type or is too large.
    """
    parser = expat.ParserCreate(namespace_separator="|")
    parser.buffer_text = True
    reader = _Reader(parser)
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise XmlError(expat.ErrorString(error.code), error.lineno) from None
    except (UnicodeDecodeError, ValueError, LookupError):
        raise XmlError("the text is not in the encoding that it declares", 1) from None
    assert reader.root is not None
    return reader.root


class _Reader:
    """Build the tree from the events of the parser."""

    def __init__(self, parser: expat.XMLParserType) -> None:
        self.root: XmlElement | None = None
        self._parser = parser
        self._open: list[XmlElement] = []
        self._count = 0
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text

    def _refuse(self, reason: str) -> None:
        raise XmlError(reason, self._parser.CurrentLineNumber)

    def _doctype(self, *_: object) -> None:
        self._refuse("a document type (DTD) with its entities is refused: manifests need none")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if len(self._open) >= _MAX_DEPTH or self._count > _MAX_ELEMENTS:
            self._refuse("the document is too deep or too long for a manifest")
        here = XmlElement(name, attributes, self._parser.CurrentLineNumber)
        if self._open:
            self._open[-1].children.append(here)
        else:
            self.root = here
        self._open.append(here)

    def _end(self, _: str) -> None:
        self._open.pop()

    def _text(self, text: str) -> None:
        self._open[-1].pieces.append(text)
