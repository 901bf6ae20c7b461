"""Template fragment cache, shared by all readers for whom a fragment is identical.

A template writes ``{% cache key, … %} … {% endcache %}`` around what depends only on the key and on
the language and region of the interface. If the context has a ``fragment_cache`` (a
:class:`FragmentCache`), the fragment is rendered once and reused; without one, as in packages, or
with a key that is false, it is rendered each time.
Entries never expire: the key contains everything that the fragment shows.
"""

import threading
from collections.abc import Callable, Hashable

from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.runtime import Context
from markupsafe import Markup


class FragmentCache:
    """Rendered fragments for all threads of a process, ``limit`` characters in all.

    When it is full, the oldest entries are removed.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._fragments: dict[Hashable, Markup] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._fragments)

    def get(self, key: Hashable, render: Callable[[], str]) -> Markup:
        """Return the fragment, rendered now if it is not in the cache."""
        fragment = self._fragments.get(key)
        if fragment is None:
            fragment = Markup(render())  # noqa: S704 - rendered by a template
            self._put(key, fragment)
        return fragment

    def _put(self, key: Hashable, fragment: Markup) -> None:
        if len(fragment) > self._limit:
            return
        with self._lock:
            self._size += len(fragment) - len(self._fragments.pop(key, ""))
            self._fragments[key] = fragment
            while self._size > self._limit:
                self._size -= len(self._fragments.pop(next(iter(self._fragments))))


class CacheExtension(Extension):
    """The Jinja tag ``{% cache %}``."""

    tags = {"cache"}  # noqa: RUF012 - as Jinja declares it

    def parse(self, parser: Parser) -> nodes.Node:
        """Compile the tag to a call of :meth:`_fragment` with its content as ``caller``."""
        line = next(parser.stream).lineno
        key = parser.parse_tuple()
        body = parser.parse_statements(("name:endcache",), drop_needle=True)
        call = self.call_method("_fragment", [nodes.ContextReference(), key])
        return nodes.CallBlock(call, [], [], body).set_lineno(line)

    def _fragment(self, context: Context, key: Hashable, caller: Callable[[], str]) -> str:
        cache: FragmentCache | None = context.get("fragment_cache")
        if cache is None or not key:
            return caller()
        return cache.get((context["ui"].tag, key), caller)
