"""What texts and pages came to, so that none is made again that would be the same.

To parse the Markdown of a module and to draw its pages, and to load what does that, is half of a
build; and most of what a build meets, an earlier one met. Within ``using(memory)`` it is looked for
there first, by the SHA-256 of everything that it is made from, so it is never out of date. Where a
link leads is asked each time, and HTML with another address in it is made anew.

A :class:`Memory` is plain data. Who keeps it must give it up when the program changes.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

_T = TypeVar("_T")
Address = Callable[[str], str]


class Memory:
    """``known`` from the last time, as JSON has it; ``used`` is what was asked for since."""

    def __init__(self, known: Mapping[str, Any] | None = None) -> None:
        self.known = known or {}
        self.used: dict[str, Any] = {}
        self._made = False

    @property
    def changed(self) -> bool:
        """Whether ``used`` is no longer what was known."""
        return self._made or self.used.keys() != self.known.keys()

    def put(self, key: str, made: Any) -> None:
        """Note what was made."""
        self.used[key] = made
        self._made = True

    def get(self, key: str) -> Any:
        """Return what is known, or None."""
        if key not in self.used and key in self.known:
            self.used[key] = self.known[key]
        return self.used.get(key)


_memory: ContextVar[Memory | None] = ContextVar("memory", default=None)


@contextmanager
def using(memory: Memory) -> Iterator[None]:
    """Look in ``memory`` first, and note in it what had to be made."""
    token = _memory.set(memory)
    try:
        yield
    finally:
        _memory.reset(token)


def found(kind: str, source: object, make: Callable[[], _T]) -> _T:
    """Return ``make()``, which must be plain data.

    ``source`` is all that it depends on besides the program, and its ``repr`` says it all.
    """
    memory = _memory.get()
    if memory is None:
        return make()
    key = _key(kind, source)
    known: _T | None = memory.get(key)
    if known is None:
        known = make()
        memory.put(key, known)
    return known


def html(kind: str, text: str, address: Address, make: Callable[[str, Address], str]) -> str:
    """Return ``make(text, address)``; all that it may ask ``address`` is in ``text``."""
    memory = _memory.get()
    if memory is None:
        return make(text, address)
    key = _key(kind, text)
    known: tuple[dict[str, str], str] | None = memory.get(key)
    if known is not None and all(address(asked) == led for asked, led in known[0].items()):
        return known[1]
    leads: dict[str, str] = {}

    def noted(asked: str) -> str:
        leads[asked] = address(asked)
        return leads[asked]

    made = make(text, noted)
    memory.put(key, (leads, made))
    return made


def _key(kind: str, source: object) -> str:
    return f"{kind} {hashlib.sha256(repr(source).encode('utf-8', 'surrogatepass')).hexdigest()}"
