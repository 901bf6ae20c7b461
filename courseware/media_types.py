"""The kinds of files that a module may carry, by the ending of their names.

Nothing that a browser would run is here: no HTML, no scripts. Each kind has the name that people
know it by, and the first bytes that tell a real one from a renamed one, where there are any.
"""

import posixpath
from typing import Literal, NamedTuple

Family = Literal["picture", "video", "captions", "attachment"]


class MediaKind(NamedTuple):
    """A kind of file: ``marks`` are (offset, bytes) pairs, any of which a real one shows."""

    media_type: str
    name: str
    family: Family
    marks: tuple[tuple[int, bytes], ...] = ()


_ZIP = ((0, b"PK\x03\x04"),)
_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."

KINDS: dict[str, MediaKind] = {
    ".svg": MediaKind("image/svg+xml", "SVG", "picture"),
    ".png": MediaKind("image/png", "PNG", "picture", ((0, b"\x89PNG\r\n\x1a\n"),)),
    ".jpg": MediaKind("image/jpeg", "JPEG", "picture", ((0, b"\xff\xd8\xff"),)),
    ".jpeg": MediaKind("image/jpeg", "JPEG", "picture", ((0, b"\xff\xd8\xff"),)),
    ".webp": MediaKind("image/webp", "WebP", "picture", ((8, b"WEBP"),)),
    ".gif": MediaKind("image/gif", "GIF", "picture", ((0, b"GIF8"),)),
    ".avif": MediaKind("image/avif", "AVIF", "picture", ((4, b"ftyp"),)),
    ".mp4": MediaKind("video/mp4", "MP4", "video", ((4, b"ftyp"),)),
    ".webm": MediaKind("video/webm", "WebM", "video", ((0, b"\x1aE\xdf\xa3"),)),
    ".vtt": MediaKind("text/vtt", "WebVTT", "captions"),
    ".mp3": MediaKind("audio/mpeg", "MP3", "attachment"),
    ".ogg": MediaKind("audio/ogg", "Ogg", "attachment", ((0, b"OggS"),)),
    ".m4a": MediaKind("audio/mp4", "M4A", "attachment", ((4, b"ftyp"),)),
    ".pdf": MediaKind("application/pdf", "PDF", "attachment", ((0, b"%PDF-"),)),
    ".epub": MediaKind("application/epub+zip", "EPUB", "attachment", _ZIP),
    ".docx": MediaKind(_OFFICE + "wordprocessingml.document", "Word", "attachment", _ZIP),
    ".xlsx": MediaKind(_OFFICE + "spreadsheetml.sheet", "Excel", "attachment", _ZIP),
    ".pptx": MediaKind(_OFFICE + "presentationml.presentation", "PowerPoint", "attachment", _ZIP),
    ".odt": MediaKind(_OPEN + "text", "ODT", "attachment", _ZIP),
    ".ods": MediaKind(_OPEN + "spreadsheet", "ODS", "attachment", _ZIP),
    ".odp": MediaKind(_OPEN + "presentation", "ODP", "attachment", _ZIP),
    ".zip": MediaKind("application/zip", "ZIP", "attachment", _ZIP),
    ".csv": MediaKind("text/csv", "CSV", "attachment"),
    ".txt": MediaKind("text/plain", "TXT", "attachment"),
}


def kind_of(path: str) -> MediaKind | None:
    """Return the kind of the file of that name, or None if modules cannot carry it."""
    return KINDS.get(posixpath.splitext(path)[1].lower())


def endings(family: Family) -> str:
    """Return the endings of a family in words: ``.mp4 or .webm``."""
    names = [ending for ending, kind in KINDS.items() if kind.family == family]
    return " or ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
