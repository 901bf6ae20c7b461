"""The texts of a module as they were understood at its last build: see ``courseware.known_texts``.

One file for each module's folder, of the texts that its last build met, given up when the program
changes: so what is kept grows with the modules, not with the edits.
"""

import hashlib
import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from courseware import known_texts, remembered
from scorm_builder.cache import builder

_KIND = "texts"
_LEVEL = 1


@contextmanager
def known(module: Path) -> Iterator[None]:
    """Within this, what the last build made of a text of ``module`` is not made again."""
    path = str(module.absolute()).encode("utf-8", "surrogatepass")
    name = hashlib.sha256(path).hexdigest()[:40]
    made_with = builder().encode()
    data = remembered.recalled(_KIND, name, made_with)
    memory = known_texts.Memory(json.loads(zlib.decompress(data)) if data else None)
    with known_texts.using(memory):
        yield
    if memory.changed:
        data = zlib.compress(json.dumps(memory.used).encode(), _LEVEL)
        remembered.keep(_KIND, name, made_with, data)
