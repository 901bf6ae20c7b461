"""XML as manifests need it: written with care for order and escapes, read without any trust.

A manifest comes from anybody. So a document type is refused outright (with it go entity expansion
and external entities, XML's two classic attacks), and size and depth have limits. Every element
that was read knows its line, so that a finding can say where.
"""

from collections.abc import Iterator, Mapping
from xml.parsers import expat

_DEEPEST = 100
_MOST_ELEMENTS = 200_000

Node = str | tuple[str, Mapping[str, str], tuple["Node", ...]]


class Verbatim(str):
    """A text whose line breaks mean something: a vCard, for instance."""

    __slots__ = ()


class XmlError(Exception):
    """A document that we do not read: ``reason`` in words, ``line`` counting from 1."""

    def __init__(self, reason: str, line: int) -> None:
        self.reason = reason
        self.line = line
        super().__init__(f"line {line}: {reason}")


def element(name: str, attributes: Mapping[str, str] | None = None, *children: Node) -> Node:
    """Return one element to write, with its children in order."""
    return (name, attributes or {}, children)


def document(root: Node) -> bytes:
    """Return the document as UTF-8, two spaces a level, with a declaration."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n' + "\n".join(_lines(root, "")) + "\n"
    ).encode()


def _lines(node: Node, indent: str) -> Iterator[str]:
    if isinstance(node, str):
        yield indent + escaped(node)
        return
    name, attributes, children = node
    head = name + "".join(f' {key}="{escaped(value)}"' for key, value in attributes.items())
    if not children:
        yield f"{indent}<{head}/>"
    elif all(isinstance(child, str) for child in children):
        yield f"{indent}<{head}>{''.join(map(_text, children))}</{name}>"
    else:
        yield f"{indent}<{head}>"
        for child in children:
            yield from _lines(child, indent + "  ")
        yield f"{indent}</{name}>"


def _text(node: Node) -> str:
    if isinstance(node, Verbatim):
        return "&#10;".join(map(escaped, node.split("\n")))
    return escaped(str(node))


_ESCAPES = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": " ", "\n": " ", "\r": " "}
)
_FORBIDDEN = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF))


def escaped(text: str) -> str:
    """Return ``text`` for an attribute or a text node, on one line; what XML forbids is dropped."""
    return text.translate(_ESCAPES).translate(_FORBIDDEN)


class Element:
    """An element that was read. Names are ``namespace|local``, or only ``local`` without one."""

    __slots__ = ("attributes", "children", "line", "name", "pieces")

    def __init__(self, name: str, attributes: dict[str, str], line: int) -> None:
        self.name = name
        self.attributes = attributes
        self.line = line
        self.children: list[Element] = []
        self.pieces: list[str] = []

    @property
    def local(self) -> str:
        """The name without its namespace."""
        return self.name.rpartition("|")[2]

    @property
    def namespace(self) -> str:
        """The namespace, empty without one."""
        return self.name.rpartition("|")[0]

    @property
    def text(self) -> str:
        """The element's own text, without the white space around it."""
        return "".join(self.pieces).strip()

    def all(self, local: str) -> list["Element"]:
        """Return the children of that local name."""
        return [child for child in self.children if child.local == local]

    def first(self, local: str) -> "Element | None":
        """Return the first child of that local name."""
        return next(iter(self.all(local)), None)

    def walk(self) -> Iterator["Element"]:
        """Go through this element and all below it, in the document's order."""
        waiting = [self]
        while waiting:
            here = waiting.pop()
            yield here
            waiting.extend(reversed(here.children))


def read(data: bytes) -> Element:
    """Return the root of a document, or raise ``XmlError``."""
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
    """Builds the tree from what the parser meets."""

    def __init__(self, parser: expat.XMLParserType) -> None:
        self.root: Element | None = None
        self._parser = parser
        self._open: list[Element] = []
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
        if len(self._open) >= _DEEPEST or self._count > _MOST_ELEMENTS:
            self._refuse("the document is too deep or too long for a manifest")
        here = Element(name, attributes, self._parser.CurrentLineNumber)
        if self._open:
            self._open[-1].children.append(here)
        else:
            self.root = here
        self._open.append(here)

    def _end(self, _: str) -> None:
        self._open.pop()

    def _text(self, text: str) -> None:
        self._open[-1].pieces.append(text)
