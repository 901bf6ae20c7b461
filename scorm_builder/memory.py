"""What the last build of a module made of its texts and pages: see ``courseware.known``.

One file for each module's folder, of what its last build met, given up when the program changes: so
what is kept grows with the modules, not with the edits.
"""

import hashlib
import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from courseware import known, remembered
from scorm_builder.cache import builder

_KIND = "made"
_LEVEL = 1


@contextmanager
def of(module: Path) -> Iterator[None]:
    """Within this, what the last build of ``module`` made of the same is not made again."""
    path = str(module.absolute()).encode("utf-8", "surrogatepass")
    name = hashlib.sha256(path).hexdigest()[:40]
    made_with = builder().encode()
    data = remembered.recalled(_KIND, name, made_with)
    found = known.Memory(json.loads(zlib.decompress(data)) if data else None)
    with known.using(found):
        yield
    if found.changed:
        data = zlib.compress(json.dumps(found.used).encode(), _LEVEL)
        remembered.keep(_KIND, name, made_with, data)
