"""Write XML documents (manifests, package documents) from plain tuples.

Reading XML is in ``checking/xml.py``.
"""

from collections.abc import Iterator, Mapping

Node = str | tuple[str, Mapping[str, str], tuple["Node", ...]]
"""A text, or an element: name, attributes, children."""


class Verbatim(str):
    """A text whose line breaks are significant, such as a vCard."""

    __slots__ = ()


def element(name: str, attributes: Mapping[str, str] | None = None, *children: Node) -> Node:
    """Return an element with its children in order."""
    return (name, attributes or {}, children)


def document(root: Node) -> bytes:
    """Return the document as UTF-8 with an XML declaration, indented by two spaces per level."""
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
    """Return ``text`` escaped for an attribute or a text node.

    Line breaks and tabs become spaces; characters that XML 1.0 forbids are dropped.
    """
    return text.translate(_ESCAPES).translate(_FORBIDDEN)
