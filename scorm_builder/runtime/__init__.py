"""The JavaScript of interactive packages, assembled from the files in this folder.

The files are concatenated into one classic script inside a function: no modules, because a package
that is opened from a folder may not load any. Comments on lines of their own and indentation are
removed; that needs no JavaScript parser.
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
    "session_state.js",
    "session_timing.js",
    "session.js",
    "api_client.js",
    "collection.js",
)
_AFTER = ("page.js", "captions.js", "answers.js", "player.js", "start.js")


def script(adapters: Sequence[str]) -> bytes:
    """Return the script; ``adapters`` are file names, the preferred standard first."""
    return _script(tuple(adapters))


@cache
def _script(adapters: tuple[str, ...]) -> bytes:
    texts = [source(name) for name in (*_BEFORE, *adapters, *_AFTER)]
    lines = [line for text in texts for line in _strip(text.splitlines())]
    return "\n".join(["(() => {", "'use strict';", *lines, "})();", ""]).encode()


def source(name: str) -> str:
    """Return the source of a file."""
    return (_FOLDER / name).read_text("utf-8")


def stripped(name: str) -> bytes:
    """Return a file without comments and indentation."""
    return "\n".join([*_strip(source(name).splitlines()), ""]).encode()


def _strip(lines: Sequence[str]) -> Iterator[str]:
    inside = False
    for line in lines:
        plain = line.strip()
        inside = inside or plain.startswith("/*")
        if plain and not inside and not plain.startswith("//"):
            yield plain
        inside = inside and not plain.endswith("*/")
