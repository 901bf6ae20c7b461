"""Rules for PDFs: complete, tagged for screen readers, with title, language and bookmarks.

From ISO 32000-1 (7.5, file structure) and ISO 14289-1 (PDF/UA-1, clause 7). This is not a parser:
it looks for the entries in the document and in its compressed object streams.
"""

import re
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from scorm_builder.checking.archive import MAX_IN_MEMORY
from scorm_builder.checking.findings import Finding

_LARGEST = 8 * MAX_IN_MEMORY
_LARGEST_STREAM = 1 << 20
_MOST_STREAMS = 64
_STREAM = re.compile(rb"/ObjStm\b.*?stream\r?\n(.*?)endstream", re.DOTALL)
_STRUCTURE = "ISO 32000-1, 7.5"
_UA = "ISO 14289-1, 7"

_ENTRIES = (
    (rb"/MarkInfo\b", "tags", "The PDF is not tagged: screen readers cannot follow it."),
    (rb"/Lang\b", "language", "The PDF does not say its language."),
    (rb"/Title\b", "title", "The PDF has no title."),
    (rb"/Outlines\b", "bookmarks", "The PDF has no bookmarks."),
)


def findings(path: Path) -> Iterator[Finding]:
    """Check all rules."""
    with path.open("rb") as source:
        data = source.read(_LARGEST)
    if b"%%EOF" not in data[-1024:] or b"startxref" not in data[-1024:]:
        yield Finding("error", "pdf/whole", "The end of the PDF is missing.", source=_STRUCTURE)
    whole = b"\n".join([data, *_unpacked(data)])
    if not re.search(rb"/Type\s*/Page\b", whole):
        yield Finding("error", "pdf/pages", "The PDF has no page.", source=_STRUCTURE)
    for entry, rule, message in _ENTRIES:
        if not re.search(entry, whole):
            yield Finding("error", f"pdf/{rule}", message, source=_UA)


def _unpacked(data: bytes) -> Iterator[bytes]:
    for packed in islice(_STREAM.finditer(data), _MOST_STREAMS):
        try:
            yield zlib.decompressobj().decompress(packed[1], _LARGEST_STREAM)
        except zlib.error:
            continue
