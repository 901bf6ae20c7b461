"""Template fragment cache, shared by all readers for whom a fragment is identical.

A template writes ``{% cache key, … %} … {% endcache %}`` around what depends only on the key and on
the language and region of the interface. If the context has a ``fragment_cache`` (a
:class:`FragmentCache`), the fragment is rendered once and reused; without one, as in packages, or
with a key that is false, it is rendered each time.
Entries never expire: the key contains everything that the fragment shows.
"""

import threading
from collections.abc import Callable, Hashable

from jinja2 import Environment, nodes, pass_context
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.runtime import Context


class FragmentCache:
    """Rendered fragments for all threads of a process, ``limit`` characters in all.

    When it is full, the oldest entries are removed.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._fragments: dict[Hashable, str] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._fragments)

    def get(self, key: Hashable) -> str | None:
        """Return a fragment; None if it is not in the cache."""
        return self._fragments.get(key)

    def put(self, key: Hashable, fragment: str) -> None:
        """Store a fragment, unless it is larger than the whole cache."""
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

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        # A filter is called directly; any other call of a template takes three times as long.
        environment.filters["cached_fragment"] = _cached

    def parse(self, parser: Parser) -> list[nodes.Node]:
        """Compile the tag: the cached fragment, or else :meth:`_render` with the content."""
        line = next(parser.stream).lineno
        key = parser.parse_tuple()
        body = parser.parse_statements(("name:endcache",), drop_needle=True)
        found = parser.free_identifier(line)
        cached = nodes.Filter(key, "cached_fragment", [], [], None, None)
        call = self.call_method("_render", [nodes.ContextReference(), key])
        render = nodes.CallBlock(call, [], [], body).set_lineno(line)
        # A fragment is escaped already, and escaping Markup copies it.
        unescaped = [nodes.Keyword("autoescape", nodes.Const(False))]
        output = nodes.ScopedEvalContextModifier(unescaped, [nodes.Output([found])])
        is_missing = nodes.Test(found, "none", [], [], None, None)
        return [
            nodes.Assign(found, cached).set_lineno(line),
            nodes.If(is_missing, [render], [], [output]).set_lineno(line),
        ]

    def _render(self, context: Context, key: Hashable, caller: Callable[[], str]) -> str:
        rendered = caller()
        cache: FragmentCache | None = context.get("fragment_cache")
        if cache is not None and key:
            cache.put((context["ui"].tag, key), str(rendered))
        return rendered


@pass_context
def _cached(context: Context, key: Hashable) -> str | None:
    cache: FragmentCache | None = context.get("fragment_cache")
    return cache.get((context["ui"].tag, key)) if cache is not None and key else None
