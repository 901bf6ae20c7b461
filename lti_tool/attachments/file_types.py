"""The types of files that can be attached, recognised by content; names and headers are ignored."""

import io
import re
import unicodedata
import zipfile
from dataclasses import dataclass
from typing import IO, Literal

from lti_tool.attachments.errors import AttachmentError, Reason

Kind = Literal["image", "document"]

_OOXML = "application/vnd.openxmlformats-officedocument"
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument"


@dataclass(frozen=True, slots=True)
class FileType:
    """A type that can be attached. ``extension`` is the one that downloads get."""

    media_type: str
    extension: str
    kind: Kind = "document"


JPEG = FileType("image/jpeg", "jpg", "image")
PNG = FileType("image/png", "png", "image")
WEBP = FileType("image/webp", "webp", "image")
GIF = FileType("image/gif", "gif", "image")
PDF = FileType("application/pdf", "pdf")

# The first folder of the main part, by the Open Packaging Conventions of each application.
_OFFICE_FOLDERS = {
    "word": FileType(f"{_OOXML}.wordprocessingml.document", "docx"),
    "xl": FileType(f"{_OOXML}.spreadsheetml.sheet", "xlsx"),
    "ppt": FileType(f"{_OOXML}.presentationml.presentation", "pptx"),
}
_OPEN_DOCUMENTS = {
    f"{_OPEN_DOCUMENT}.text": FileType(f"{_OPEN_DOCUMENT}.text", "odt"),
    f"{_OPEN_DOCUMENT}.spreadsheet": FileType(f"{_OPEN_DOCUMENT}.spreadsheet", "ods"),
    f"{_OPEN_DOCUMENT}.presentation": FileType(f"{_OPEN_DOCUMENT}.presentation", "odp"),
}
TYPES = (JPEG, PNG, WEBP, GIF, PDF, *_OFFICE_FOLDERS.values(), *_OPEN_DOCUMENTS.values())
BY_MEDIA_TYPE = {each.media_type: each for each in TYPES}

ACCEPT = ",".join((*(each.media_type for each in TYPES), *(f".{each.extension}" for each in TYPES)))
"""Value of the attribute ``accept`` of a file field."""

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PHONE_BRANDS = {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis"}
_PDF_HEADER_WITHIN = 1024  # bytes; readers accept leading junk (ISO 32000-1, annex H, note 13)
_MOST_ENTRIES = 10_000
_MOST_MIMETYPE = 100

MAX_NAME_LENGTH = 120
_MOST_NAME_BYTES = 200
"""File systems allow 255 bytes; a number and a folder stand before the name."""


def detect(content: bytes, name: str = "") -> FileType:
    """Return the type of a file. Raises :class:`AttachmentError`."""
    if not content:
        raise AttachmentError(Reason.EMPTY, name)
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if content.startswith((b"GIF87a", b"GIF89a")):
        return GIF
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return WEBP
    if content[4:8] == b"ftyp" and content[8:12] in _PHONE_BRANDS:
        raise AttachmentError(Reason.PHONE_PICTURE, name)
    if b"%PDF-" in content[:_PDF_HEADER_WITHIN]:
        return PDF
    if content.startswith(_OLE):
        raise AttachmentError(Reason.OLD_OFFICE, name)
    if content.startswith(b"PK\x03\x04"):
        return _office_type(io.BytesIO(content), name)
    raise AttachmentError(Reason.UNKNOWN_TYPE, name)


def _office_type(file: IO[bytes], name: str) -> FileType:
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.namelist()
            if len(entries) > _MOST_ENTRIES:
                raise AttachmentError(Reason.UNKNOWN_TYPE, name)
            if any(each.lower().endswith("vbaproject.bin") for each in entries):
                raise AttachmentError(Reason.MACROS, name)
            if "[Content_Types].xml" in entries:
                folders = {each.partition("/")[0] for each in entries}
                found = [kind for folder, kind in _OFFICE_FOLDERS.items() if folder in folders]
                if len(found) == 1:
                    return found[0]
            elif "mimetype" in entries:
                with archive.open("mimetype") as stored:
                    mimetype = stored.read(_MOST_MIMETYPE).decode("ascii", "replace").strip()
                if any(each.startswith("Basic/") for each in entries):
                    raise AttachmentError(Reason.MACROS, name)
                if mimetype in _OPEN_DOCUMENTS:
                    return _OPEN_DOCUMENTS[mimetype]
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, OSError, EOFError):
        pass
    raise AttachmentError(Reason.UNKNOWN_TYPE, name)


_UNWANTED = re.compile(r'[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff"*:<>?|]')


def clean_name(name: str) -> str:
    """Return a file name without its folders and without characters that hide its extension.

    Directional marks and overrides can make ``exe.pdf`` of ``fdp.exe``
    (https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing).
    """
    name = name.replace("\\", "/").rpartition("/")[2]
    name = unicodedata.normalize("NFC", "".join(c for c in name if not "\ud800" <= c <= "\udfff"))
    name = " ".join(_UNWANTED.sub("", name).split()).strip(". ")
    stem, dot, extension = name.rpartition(".")
    if not dot:
        return name[:MAX_NAME_LENGTH] or "file"
    extension = extension[:10]
    return f"{stem[: MAX_NAME_LENGTH - 1 - len(extension)] or 'file'}.{extension}"


def download_name(name: str, kind: FileType) -> str:
    """Return the name for a download: the cleaned name with the extension of the true type."""
    stem, dot, extension = name.rpartition(".")
    known = {each.extension for each in TYPES} | {"jpeg"}
    if dot and extension.lower() in known:
        name = stem
    return f"{name}.{kind.extension}"


def archive_name(number: int, name: str, kind: FileType | None) -> str:
    """Return the path of a file in an archive: ``files/``, its number, and its cleaned name.

    The number makes it unique, also where case does not count, and no name of a device
    (``CON``, ``NUL``). ``kind``: its type, if the tool knows it.
    """
    name = clean_name(name)
    if kind is not None:
        name = download_name(name, kind)
    stem, dot, extension = name.rpartition(".")
    if not dot:
        stem, extension = extension, ""
    most = _MOST_NAME_BYTES - len(extension.encode())
    stem = stem.encode()[:most].decode("utf-8", "ignore").rstrip()
    return f"files/{number}-{stem}{dot}{extension}"
