"""The media types that a module may contain, by file name extension.

Types that a browser would execute (HTML, scripts) are excluded. Each type has its common name, and
the signature at the beginning of its files, where there is one.
"""

import posixpath
from dataclasses import dataclass
from typing import Literal

Family = Literal["picture", "video", "captions", "attachment"]


@dataclass(frozen=True, slots=True)
class MediaKind:
    """A type of file: each file has one of ``signatures``, pairs of offset and bytes."""

    media_type: str
    name: str
    family: Family
    signatures: tuple[tuple[int, bytes], ...] = ()


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
    """Return the type of a file by its name, or None if modules cannot contain it."""
    return KINDS.get(posixpath.splitext(path)[1].lower())


def endings(family: Family) -> str:
    """Return the extensions of a family in words: ``.mp4 or .webm``."""
    names = [ending for ending, kind in KINDS.items() if kind.family == family]
    return " or ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
