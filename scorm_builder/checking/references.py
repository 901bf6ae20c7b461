"""Resolve the URLs of a package to its files (RFC 3986, 5; XML Base).

A base is a path below the package's root, such as ``media/`` or ``pages/one.html``; the root is the
empty string. None is the base of what is outside the package, on the web.
"""

import unicodedata
from collections.abc import Collection, Iterator
from functools import cached_property
from urllib.parse import unquote, urlsplit

from scorm_builder.checking.xml import XmlElement

_XML_BASE = "http://www.w3.org/XML/1998/namespace|base"

Base = str | None


class BadReferenceError(ValueError):
    """A URL that leads to no file of the package and to nothing on the web."""


def resolve(href: str, base: Base = "") -> str | None:
    """Return the path in the package that a URL refers to, without query and fragment.

    None if it refers to the web. Percent-encoding is decoded, ``.`` and ``..`` are removed.
    """
    try:
        parts = urlsplit(href)
    except ValueError:
        raise BadReferenceError(f'"{href}" cannot be read as a URL') from None
    if len(parts.scheme) == 1 or parts.scheme == "file":
        raise BadReferenceError(f"{href} is a path of one computer")
    if parts.scheme or parts.netloc or base is None:
        return None
    path = unquote(parts.path)
    if not path:
        return base
    if path.startswith("/"):
        raise BadReferenceError(f"{path} does not stay inside the package")
    return _remove_dots(base[: base.rfind("/") + 1] + path)


def _remove_dots(path: str) -> str:
    result: list[str] = []
    segments = path.split("/")
    for segment in segments:
        if segment == "..":
            if not result:
                raise BadReferenceError(f"{path} does not stay inside the package")
            result.pop()
        elif segment not in ("", "."):
            result.append(segment)
    is_folder = segments[-1] in ("", ".", "..")
    return "/".join(result) + ("/" if is_folder and result else "")


def with_bases(root: XmlElement) -> Iterator[tuple[XmlElement, Base]]:
    """Yield each element with the base of its URLs: ``xml:base`` of itself and its ancestors.

    An ``xml:base`` that cannot be resolved is ignored.
    """
    pending: list[tuple[XmlElement, Base]] = [(root, "")]
    while pending:
        here, outer = pending.pop()
        base = outer
        if given := here.get(_XML_BASE):
            try:
                base = resolve(given, outer)
            except BadReferenceError:
                base = outer
        yield here, base
        pending.extend((child, base) for child in reversed(here.children))


def xml_base(element: XmlElement) -> str:
    """Return the ``xml:base`` of an element itself, or an empty string."""
    return element.get(_XML_BASE)


class FileNames:
    """The names of a package's files, to find the one that a wrong name probably means."""

    def __init__(self, names: Collection[str]) -> None:
        self._names = names

    @cached_property
    def _by_form(self) -> dict[str, str]:
        return {_form(name): name for name in self._names}

    @cached_property
    def _by_utf8(self) -> dict[str, str]:
        return {fixed: name for name in self._names if (fixed := _as_utf8(name))}

    def similar(self, name: str) -> tuple[str, str] | None:
        """Return the file with nearly this name and a sentence about the difference, or None."""
        if (other := self._by_form.get(_form(name))) is not None:
            return other, _difference(name, other)
        if (other := self._by_utf8.get(name)) is not None:
            return other, (
                f"{other} is the same name: the zip does not say that its names are in UTF-8."
            )
        if (other := name.replace("\\", "/")) != name and other in self._names:
            return other, f"{other} is there: write the name with forward slashes."
        return None


def _form(name: str) -> str:
    return unicodedata.normalize("NFC", unquote(name)).casefold()


def _as_utf8(name: str) -> str:
    """Return a name of UTF-8 that was decoded as the zip's default encoding, or an empty string."""
    if name.isascii():
        return ""
    try:
        return name.encode("cp437").decode("utf-8")
    except UnicodeError:
        return ""


def _difference(name: str, other: str) -> str:
    if unicodedata.normalize("NFC", name) == unicodedata.normalize("NFC", other):
        form = "letter and mark apart (NFD)"
        if unicodedata.is_normalized("NFC", other):
            form = "one character (NFC)"
        return (
            f"{other} looks the same but its accents are composed otherwise: the package has them "
            f"as {form}."
        )
    if name.casefold() == other.casefold():
        return f"{other} differs by upper and lower case."
    return f"{other} is nearly the same name."
