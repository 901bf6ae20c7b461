"""Read XML from untrusted packages.

A document type may be named (``<!DOCTYPE html>``) but is not loaded, and one with declarations of
its own is refused: no entity is expanded. Size and depth are limited. Every element has its line,
so that a finding can name it.
"""

import codecs
import re
from collections.abc import Iterator
from xml.parsers import expat

from scorm_builder.checking.text import codec_of

_MAX_DEPTH = 100
_MAX_ELEMENTS = 200_000
_WHITE_SPACE = re.compile(r"[ \t\r\n]+")
_DECLARED_ENCODING = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._:-]{1,40})")


class XmlError(Exception):
    """A document that cannot be read: ``reason`` is a phrase, ``line`` counts from 1."""

    def __init__(self, reason: str, line: int) -> None:
        self.reason = reason
        self.line = line
        super().__init__(f"line {line}: {reason}")


class DeclarationsError(XmlError):
    """A document that declares entities or attributes itself, and is not read for safety."""


class XmlElement:
    """An element of a document; its ``name`` is ``namespace|local``, or ``local`` alone."""

    __slots__ = ("attributes", "children", "line", "local", "name", "namespace", "pieces")

    def __init__(self, name: str, attributes: dict[str, str], line: int) -> None:
        self.name = name
        self.namespace, _, self.local = name.rpartition("|")
        self.attributes = attributes
        self.line = line
        self.children: list[XmlElement] = []
        self.pieces: list[str] = []

    @property
    def text(self) -> str:
        """The element's own text without leading and trailing white space."""
        return "".join(self.pieces).strip()

    def get(self, name: str, default: str = "") -> str:
        """Return an attribute as a token (XML Schema, 3.3.2).

        White space around it is removed, and inside it is one space.
        """
        value = self.attributes.get(name)
        return default if value is None else _WHITE_SPACE.sub(" ", value).strip(" ")

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
            if here.children:
                pending.extend(here.children[::-1])


def read(data: bytes) -> XmlElement:
    """Return the root element of a document.

    Raises ``XmlError`` if it is not well-formed, declares entities or is too large.
    """
    parser = expat.ParserCreate(namespace_separator="|")
    parser.buffer_text = True
    reader = _TreeBuilder(parser)
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        reason = _encoding_problem(data) or expat.ErrorString(error.code)
        raise XmlError(reason, error.lineno) from None
    except (ValueError, LookupError):
        reason = _encoding_problem(data) or "the text is not in the encoding that it declares"
        raise XmlError(reason, 1) from None
    assert reader.root is not None
    return reader.root


def _encoding_problem(data: bytes) -> str:
    """Return what is wrong with the encoding of a document, or an empty string."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ""
    found = _DECLARED_ENCODING.match(data.removeprefix(codecs.BOM_UTF8))
    declared = found[1].decode("ascii") if found else "UTF-8"
    known = codec_of(declared)
    if known is None:
        return f'its encoding, "{declared}", is unknown: save it as UTF-8'
    try:
        data.decode(known)
    except UnicodeError:
        return f"its text is not in {declared}, the encoding that it declares: save it as UTF-8"
    if known != "utf-8" and _is_multibyte(known):
        return (
            f"its encoding is {declared}, and XML parsers need to know UTF-8 and UTF-16 only "
            "(Open edX's supports no other of several bytes): save it as UTF-8"
        )
    return ""


def _is_multibyte(encoding: str) -> bool:
    """Whether an encoding has characters of several bytes, which expat supports in UTF alone."""
    return not encoding.startswith("utf") and any(
        len(char.encode(encoding, "ignore")) > 1 for char in "あ中한"
    )


class _TreeBuilder:
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
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)

    def _refuse(self, reason: str) -> None:
        raise XmlError(reason, self._parser.CurrentLineNumber)

    def _doctype(self, *declared: object) -> None:
        """Refuse a document type with an internal subset, the last of the arguments."""
        if declared[-1]:
            reason = "a document type (DTD) with declarations of its own is refused"
            raise DeclarationsError(reason, self._parser.CurrentLineNumber)

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
