"""The script inside a package, put together from its files.

Small files that each say one thing become one classic script that runs at once and leaves no name
behind: no modules, because a package opened from a folder may not load any.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent
_BEFORE = ("codec.js", "state.js", "find_api.js", "device.js", "session.js")
_AFTER = ("page.js", "player.js", "start.js")


def script(adapters: Sequence[str]) -> bytes:
    """Return the whole script; ``adapters`` are file names, the standard to prefer first."""
    return _script(tuple(adapters))


@cache
def _script(adapters: tuple[str, ...]) -> bytes:
    parts = [(_FOLDER / name).read_text("utf-8") for name in (*_BEFORE, *adapters, *_AFTER)]
    return ("(() => {\n'use strict';\n\n" + "\n".join(parts) + "})();\n").encode()
