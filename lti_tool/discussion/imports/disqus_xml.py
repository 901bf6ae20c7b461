"""Read an XML export of Disqus, in one pass and with little memory.

The export (https://docs.disqus.com/developers/export/) has all threads, then all posts. E-mail and
IP addresses are never taken from it. A DTD, and so any entity of its own, is refused.
"""

import gzip
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, Any
from xml.parsers import expat

from lti_tool.discussion.imports.records import one_line

MAX_MESSAGE = 100_000
"""Characters of a message's HTML; a longer one is cut off."""
_MAX_FIELD = 4_000
_CHUNK = 1 << 16
_GZIP = b"\x1f\x8b"
_NAMESPACE = "http://disqus.com|"
_ID = "http://disqus.com/disqus-internals|id"
_SEEN = re.compile(r"\A(?:\s|<(?!img\b)[^>]*>|&nbsp;)*+[^<\s]|<img\b")
"""A message in which something can be seen."""
_ANONYMOUS_NAMES = frozenset(("", "anonymous", "guest", "anonyme", "anónimo", "anônimo"))


class DisqusError(Exception):
    """The file is no export of Disqus, or damaged. The text is for the operator."""


@dataclass(frozen=True, slots=True)
class DisqusThread:
    """A page under which posts were written. ``id`` is that of Disqus; ``url`` may be empty."""

    id: str
    url: str
    title: str


@dataclass(frozen=True, slots=True)
class DisqusPost:
    """A post. ``parent`` is empty for one that answers no other; ``author`` for an anonymous one.

    ``person``: tells one person from another: a hash of the user name or the name.
    ``removed``: deleted, marked as spam, or without a text.
    """

    id: str
    thread: str
    parent: str
    author: str
    person: str
    created_at: datetime | None
    removed: bool
    message: str


Item = DisqusThread | DisqusPost


def read(stream: IO[bytes], take: Callable[[Item], object]) -> None:
    """Pass each thread and each post to ``take``. Raises :class:`DisqusError`.

    The stream may be compressed with gzip, as Disqus sends it.
    """
    begin = stream.read(2)
    stream.seek(0)
    source: Any = gzip.GzipFile(fileobj=stream) if begin == _GZIP else stream
    reader = _Reader(take)
    try:
        while chunk := source.read(_CHUNK):
            reader.parser.Parse(chunk, False)
        reader.parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise DisqusError(
            f"Line {error.lineno}: {expat.ErrorString(error.code)}. The file is damaged or its end "
            "is missing. Nothing was imported."
        ) from None
    except (OSError, EOFError) as error:
        raise DisqusError(f"The file cannot be read: {error}.") from None
    except (ValueError, LookupError):
        raise DisqusError("The encoding of the file is not known.") from None


class _Reader:
    """The handlers of the parser. Only the text of elements that are needed is collected."""

    def __init__(self, take: Callable[[Item], object]) -> None:
        self._take = take
        self._path: list[str] = []
        self._values: dict[str, str] = {}
        self._text: list[str] | None = None
        self._length = 0
        self.parser = expat.ParserCreate(namespace_separator="|")
        self.parser.buffer_text = True
        self.parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        self.parser.StartDoctypeDeclHandler = self._refuse_doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._add

    def _refuse_doctype(self, *_: object) -> None:
        raise DisqusError("The file has a document type declaration. An export of Disqus has none.")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.removeprefix(_NAMESPACE)
        if not self._path and local != "disqus":
            raise DisqusError("This is no XML export of Disqus.")
        self._path.append(local)
        where = self._path[1:]
        if not where:
            return
        if len(where) == 1:
            self._values = {"": attributes.get(_ID, "")}
        elif where[0] == "post" and where[1:] in (["thread"], ["parent"]):
            self._values[local] = attributes.get(_ID, "")
        wanted = _FIELDS.get(where[0], ())
        self._text = [] if "/".join(where[1:]) in wanted else None
        self._length = 0

    def _add(self, text: str) -> None:
        if self._text is not None:
            most = MAX_MESSAGE if self._path[-1] == "message" else _MAX_FIELD
            self._text.append(text[: max(0, most - self._length)])
            self._length += len(text)

    def _end(self, _name: str) -> None:
        if self._text is not None:
            self._values["/".join(self._path[2:])] = "".join(self._text)
            self._text = None
        kind = self._path.pop()
        if len(self._path) == 1 and kind in _FIELDS:
            self._take(_thread(self._values) if kind == "thread" else _post(self._values))


_FIELDS: dict[str, tuple[str, ...]] = {
    "thread": ("link", "title"),
    "post": (
        *("message", "createdAt", "isDeleted", "isSpam"),
        *("author/name", "author/username"),
    ),
}
"""The elements below threads and posts whose text is read: no e-mail address, no IP address."""


def _thread(values: dict[str, str]) -> DisqusThread:
    return DisqusThread(
        id=values.get("", "").strip(),
        url=values.get("link", "").strip(),
        title=one_line(values.get("title", "")),
    )


def _post(values: dict[str, str]) -> DisqusPost:
    message = values.get("message", "")
    flags = (values.get(name, "").strip() for name in ("isDeleted", "isSpam"))
    removed = "true" in flags or not _SEEN.search(message)
    name = one_line(values.get("author/name", ""))
    if name.casefold() in _ANONYMOUS_NAMES or "@" in name.strip("@"):
        name = ""
    return DisqusPost(
        id=values.get("", "").strip(),
        thread=values.get("thread", "").strip(),
        parent=values.get("parent", "").strip(),
        author=name,
        person=_digest(values.get("author/username", "").strip() or name),
        created_at=_moment(values.get("createdAt", "")),
        removed=removed,
        message="" if removed else message,
    )


def _digest(person: str) -> str:
    """Return a value that does not tell the user name, which can be an e-mail address."""
    return hashlib.sha256(person.encode("utf-8", "replace")).hexdigest() if person else ""


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.strip())
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
