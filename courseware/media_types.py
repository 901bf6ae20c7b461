"""The media types that a module may contain, by file name extension.

Types that a browser would execute (HTML, scripts) are excluded. Each type has its common name;
``content_name`` recognizes formats by their first bytes, also those that are not accepted.
"""

import posixpath
from dataclasses import dataclass
from typing import Literal

Family = Literal["picture", "video", "captions", "attachment"]


@dataclass(frozen=True, slots=True)
class MediaKind:
    """A type of file. ``contents`` are the names by :func:`content_name` that its files can have;
    empty for types without a signature."""

    media_type: str
    name: str
    family: Family
    contents: frozenset[str] = frozenset()


def _kind(media_type: str, name: str, family: Family, *contents: str) -> MediaKind:
    return MediaKind(media_type, name, family, frozenset(contents))


_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
_ZIP = ("ZIP",)

KINDS: dict[str, MediaKind] = {
    ".svg": _kind("image/svg+xml", "SVG", "picture"),
    ".png": _kind("image/png", "PNG", "picture", "PNG"),
    ".jpg": _kind("image/jpeg", "JPEG", "picture", "JPEG"),
    ".jpeg": _kind("image/jpeg", "JPEG", "picture", "JPEG"),
    ".webp": _kind("image/webp", "WebP", "picture", "WebP"),
    ".gif": _kind("image/gif", "GIF", "picture", "GIF"),
    ".avif": _kind("image/avif", "AVIF", "picture", "AVIF"),
    ".mp4": _kind("video/mp4", "MP4", "video", "MP4"),
    ".webm": _kind("video/webm", "WebM", "video", "WebM"),
    ".vtt": _kind("text/vtt", "WebVTT", "captions"),
    ".mp3": _kind("audio/mpeg", "MP3", "attachment"),
    ".ogg": _kind("audio/ogg", "Ogg", "attachment", "Ogg"),
    ".m4a": _kind("audio/mp4", "M4A", "attachment", "M4A", "MP4"),
    ".pdf": _kind("application/pdf", "PDF", "attachment", "PDF"),
    ".epub": _kind("application/epub+zip", "EPUB", "attachment", "EPUB", *_ZIP),
    ".docx": _kind(_OFFICE + "wordprocessingml.document", "Word", "attachment", *_ZIP),
    ".xlsx": _kind(_OFFICE + "spreadsheetml.sheet", "Excel", "attachment", *_ZIP),
    ".pptx": _kind(_OFFICE + "presentationml.presentation", "PowerPoint", "attachment", *_ZIP),
    ".odt": _kind(_OPEN + "text", "ODT", "attachment", "ODT", *_ZIP),
    ".ods": _kind(_OPEN + "spreadsheet", "ODS", "attachment", "ODS", *_ZIP),
    ".odp": _kind(_OPEN + "presentation", "ODP", "attachment", "ODP", *_ZIP),
    ".zip": _kind("application/zip", "ZIP", "attachment", "EPUB", "ODT", "ODS", "ODP", *_ZIP),
    ".csv": _kind("text/csv", "CSV", "attachment"),
    ".txt": _kind("text/plain", "TXT", "attachment"),
}

_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "PNG"),
    (0, b"\xff\xd8\xff", "JPEG"),
    (0, b"GIF8", "GIF"),
    (8, b"WEBP", "WebP"),
    (8, b"AVI ", "AVI"),
    (8, b"WAVE", "WAV"),
    (0, b"%PDF-", "PDF"),
    (0, b"OggS", "Ogg"),
    (0, b"ID3", "MP3"),
    (0, b"fLaC", "FLAC"),
    (30, b"mimetypeapplication/epub+zip", "EPUB"),
    (30, b"mimetype" + _OPEN.encode() + b"text", "ODT"),
    (30, b"mimetype" + _OPEN.encode() + b"spreadsheet", "ODS"),
    (30, b"mimetype" + _OPEN.encode() + b"presentation", "ODP"),
    (0, b"PK\x03\x04", "ZIP"),
    (0, b"PK\x05\x06", "ZIP"),
    (0, b"Rar!", "RAR"),
    (0, b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (0, b"\x1f\x8b", "gzip"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an older format of Office (DOC, XLS or PPT)"),
    (0, b"{\\rtf", "RTF"),
    (0, b"II*\0", "TIFF"),
    (0, b"MM\0*", "TIFF"),
    (0, b"8BPS", "Photoshop"),
    (0, b"BM", "BMP"),
    (0, b"\xff\x0a", "JPEG XL"),
    (0, b"\0\0\0\x0cJXL ", "JPEG XL"),
    (0, b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (0, b"FLV\x01", "Flash video"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "Windows Media"),
    (0, b"\0\0\x01\xba", "MPEG"),
)
_BRANDS: dict[bytes, str] = {
    b"qt  ": "QuickTime",
    b"avif": "AVIF",
    b"avis": "AVIF",
    b"M4A ": "M4A",
    b"M4B ": "M4A",
    **dict.fromkeys((b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"), "HEIC"),
    **dict.fromkeys((b"3gp4", b"3gp5", b"3gp6", b"3g2a"), "3GP"),
}
_QUICKTIME_BOXES = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")


def content_name(first: bytes) -> str | None:
    """Return the common name of a file's format by its first bytes; None if it is not known.

    ISO/IEC 14496-12 §4.3 describes the ``ftyp`` box of MP4 and its relatives.
    """
    box = first[4:8]
    if box == b"ftyp":
        brand = first[8:12]
        if brand in (b"mif1", b"msf1") and (b"avif" in first[12:64] or b"avis" in first[12:64]):
            return "AVIF"
        return _BRANDS.get(brand, "MP4")
    if box in _QUICKTIME_BOXES:
        return "QuickTime"
    if first.startswith(b"\x1aE\xdf\xa3"):
        return "Matroska (MKV)" if b"matroska" in first[:64] else "WebM"
    for at, signature, name in _SIGNATURES:
        riff = at != 8 or first.startswith(b"RIFF")
        bitmap = name != "BMP" or first[6:10] == bytes(4)
        if first.startswith(signature, at) and riff and bitmap:
            return name
    text = first.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith((b"<!doctype html", b"<html")):
        return "a web page (HTML)"
    if text.startswith(b"<svg"):
        return "SVG"
    if text.startswith(b"webvtt"):
        return "WebVTT"
    return None


def is_content_of(content: str | None, kind: MediaKind) -> bool:
    """Tell whether files of ``kind`` can have the format ``content``, by ``content_name``."""
    if kind.contents:
        return content in kind.contents
    text = kind.media_type.startswith("text/")
    return content in (None, kind.name) or (text and content in _TEXTS)


_TEXTS = frozenset(("a web page (HTML)", "SVG", "WebVTT"))


def ending_of(content: str | None, family: Family) -> str | None:
    """Return the extension of files with the format ``content``, or None without one."""
    for ending, kind in KINDS.items():
        if kind.family == family and content is not None and kind.name == content:
            return ending
    return None


def kind_of(path: str) -> MediaKind | None:
    """Return the type of a file by its name, or None if modules cannot contain it."""
    return KINDS.get(posixpath.splitext(path)[1].lower())


def endings(family: Family) -> str:
    """Return the extensions of a family in words: ``.mp4 or .webm``."""
    names = [ending for ending, kind in KINDS.items() if kind.family == family]
    return " or ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
