"""The script inside a package, put together from its files.

Small files that each say one thing become one classic script that runs at once and leaves no name
behind: no modules, because a package opened from a folder may not load any. Comments on lines of
their own and indentation stay at home: to leave those out, nobody needs to understand JavaScript.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent
_BEFORE = (
    "codec.js",
    "state.js",
    "find_api.js",
    "device.js",
    "measure.js",
    "session.js",
    "talk.js",
    "collection.js",
)
_AFTER = ("page.js", "captions.js", "answers.js", "player.js", "start.js")


def script(adapters: Sequence[str]) -> bytes:
    """Return the whole script; ``adapters`` are file names, the standard to prefer first."""
    return _script(tuple(adapters))


@cache
def _script(adapters: tuple[str, ...]) -> bytes:
    texts = [source(name) for name in (*_BEFORE, *adapters, *_AFTER)]
    lines = [line for text in texts for line in _bare(text.splitlines())]
    return "\n".join(["(() => {", "'use strict';", *lines, "})();", ""]).encode()


def source(name: str) -> str:
    """Return one of the script's files as it was written."""
    return (_FOLDER / name).read_text("utf-8")


def stripped(name: str) -> bytes:
    """Return one of the files as it travels, without comments and indentation."""
    return "\n".join([*_bare(source(name).splitlines()), ""]).encode()


def _bare(lines: Sequence[str]) -> Iterator[str]:
    inside = False
    for line in lines:
        plain = line.strip()
        inside = inside or plain.startswith("/*")
        if plain and not inside and not plain.startswith("//"):
            yield plain
        inside = inside and not plain.endswith("*/")
