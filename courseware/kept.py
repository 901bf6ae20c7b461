"""Parts of a page that are drawn once for everybody who sees them alike.

A template writes ``{% kept key, … %} … {% endkept %}`` around what depends on the key and on the
language of the interface, and on nothing else. Where the context has a store (``kept``, a
:class:`Kept`), the part is drawn the first time and found there afterwards; where it has none, as
in packages, it is drawn each time. Nothing kept is ever out of date: a part whose key says all that
it shows has another key when it shows something else.
"""

import threading
from collections.abc import Callable, Hashable

from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.runtime import Context
from markupsafe import Markup


class Kept:
    """A store of parts for all threads of a process, ``most`` characters in all.

    When it is full, what has been there longest goes.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = 0
        self._parts: dict[Hashable, Markup] = {}
        self._changing = threading.Lock()

    def __len__(self) -> int:
        return len(self._parts)

    def get(self, key: Hashable, draw: Callable[[], str]) -> Markup:
        """Return the part, drawn now if it is not there."""
        part = self._parts.get(key)
        if part is None:
            part = Markup(draw())  # noqa: S704 - what a template drew
            self._put(key, part)
        return part

    def _put(self, key: Hashable, part: Markup) -> None:
        if len(part) > self._most:
            return
        with self._changing:
            self._size += len(part) - len(self._parts.pop(key, ""))
            self._parts[key] = part
            while self._size > self._most:
                self._size -= len(self._parts.pop(next(iter(self._parts))))


class KeptParts(Extension):
    """The tag ``{% kept %}``."""

    tags = {"kept"}  # noqa: RUF012 - as Jinja wants it

    def parse(self, parser: Parser) -> nodes.Node:
        """Read the tag as a call of :meth:`_part` with what stands inside."""
        line = next(parser.stream).lineno
        key = parser.parse_tuple()
        body = parser.parse_statements(("name:endkept",), drop_needle=True)
        call = self.call_method("_part", [nodes.ContextReference(), key])
        return nodes.CallBlock(call, [], [], body).set_lineno(line)

    def _part(self, context: Context, key: Hashable, caller: Callable[[], str]) -> str:
        kept = context.get("kept")
        if kept is None:
            return caller()
        found: Markup = kept.get((context["ui"].lang, key), caller)
        return found
