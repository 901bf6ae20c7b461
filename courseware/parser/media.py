"""Check the media files that a module uses: existence, type, content and size."""

import hashlib
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from courseware.media_types import (
    KINDS,
    Family,
    MediaKind,
    content_name,
    ending_of,
    endings,
    is_content_of,
    kind_of,
)
from courseware.module import MediaFile
from courseware.parser.captions import check_captions
from courseware.parser.folder import MEDIA, File, Folder, read_text, why
from courseware.parser.picture_size import picture_size
from courseware.parser.report import Report, shown
from courseware.parser.svg import check_drawing

RECOMMENDED_BYTES: dict[Family, int] = {
    "picture": 400_000,
    "video": 3_000_000,
    "captions": 200_000,
    "attachment": 10_000_000,
}
"""Larger files are slow to load on a poor connection: a warning."""

MAX_BYTES = 200_000_000
"""Larger files are not accepted by LMSs and their apps: an error."""

RECOMMENDED_PIXELS = 10_000_000
"""Pictures of more pixels need much memory on a phone: a warning."""

MAX_PIXELS = 50_000_000
"""Pictures of more pixels are not displayed by many phones: an error."""

_MAX_SVG_BYTES = 5_000_000
_FIRST_BYTES = 256
_AS_PICTURE = "Save it smaller: 1,200 pixels of width are enough."

_ADVICE: dict[Family, str] = {
    "picture": _AS_PICTURE,
    "video": "Save it smaller (720p, H.264), or link to YouTube, Vimeo or PeerTube.",
    "captions": "Check that it holds captions only.",
    "attachment": "Save it smaller, or link to where it is published.",
}


@dataclass(frozen=True, slots=True)
class Use:
    """A use of a media file, at a line of a file of the module, as one of a family of types."""

    path: str
    file: str
    line: int | None
    family: Family | None = None


class Media:
    """Collects and checks the files of ``media/`` that the module uses."""

    def __init__(self, folder: Folder, report: Report) -> None:
        self._folder = folder
        self._report = report
        self._used: dict[str, MediaFile | None] = {}

    def use(self, use: Use) -> None:
        """Add a use of a file, and report problems of the file and of its use."""
        file = self._folder.files.get(use.path)
        if file is None:
            self._missing(use)
            return
        kind = kind_of(use.path)
        if kind is None or (use.family is not None and kind.family != use.family):
            self._report.error(
                use.file,
                use.line,
                f'"{shown(use.path)}" is not a file of a kind that can stand here.',
                f"Use a file that ends in {endings(use.family)}."
                if use.family
                else f"Use a file that ends in one of {', '.join(KINDS)}.",
            )
            self._used.setdefault(use.path, None)
        elif self._used.get(use.path) is None:
            self._used[use.path] = self._examine(use.path, file)

    def _missing(self, use: Use) -> None:
        near = self._folder.near(use.path)
        if near and near != use.path and _composed(near) == _composed(use.path):
            self._report.error(
                use.file,
                use.line,
                f'There is no file "{shown(use.path)}": the file\'s own name is written with the '
                "same letters, but its accents are composed in another way (Unicode NFC and NFD).",
                "Give the file a name of the letters a to z, digits and hyphens, "
                f"and write the same name here: {shown(_plain(use.path))}",
            )
            self._used.setdefault(near, None)
            return
        self._report.error(
            use.file,
            use.line,
            f'There is no file "{shown(use.path)}".',
            f'Did you mean "{shown(near)}"?'
            if near and near.startswith(MEDIA)
            else "Put it there, or correct the name (capital letters count).",
        )

    def _examine(self, path: str, file: File) -> MediaFile | None:
        kind = KINDS["." + path.rpartition(".")[2].lower()]
        _check_size(path, file.size, kind.family, self._report)
        if file.size == 0 or file.size > MAX_BYTES:
            return None
        try:
            first, digest, size = _digest(file.path, file.size, file.signature)
            content = content_name(first)
            if not is_content_of(content, kind):
                self._report_content(path, kind, content)
                return None
            if kind.media_type == "image/svg+xml" and file.size <= _MAX_SVG_BYTES:
                check_drawing(file.path.read_bytes(), path, self._report)
        except OSError as error:
            self._report.error(
                path,
                None,
                f"The file cannot be read: {why(error)}.",
                "Check that you are allowed to read it.",
            )
            return None
        if kind.family == "picture":
            _check_pixels(path, size, self._report)
        if kind.family == "captions":
            text = read_text(self._folder, path, self._report)
            if text is not None:
                check_captions(text, path, self._report)
        return MediaFile(path, file.size, digest, kind.media_type)

    def _report_content(self, path: str, kind: MediaKind, content: str | None) -> None:
        really = f" It is {content}." if content else ""
        ending = ending_of(content, kind.family)
        if ending:
            remedy = f"Give it a name that ends in {ending}, here and where it is used."
        elif kind.family == "video":
            remedy = "Export it as MP4 (H.264) from the program that made it."
        else:
            remedy = "Open it in the program that made it and save it again, with that ending."
        self._report.error(
            path,
            None,
            f"The file is not really {kind.name}, whatever its name says.{really}",
            remedy,
        )

    def files(self) -> tuple[MediaFile, ...]:
        """Return the files that the module uses, sorted by path."""
        return tuple(file for _, file in sorted(self._used.items()) if file is not None)

    def report_unused(self) -> None:
        """Report the files of ``media/`` that the module does not use."""
        for name in sorted(self._folder.files):
            if name.startswith(MEDIA) and name not in self._used:
                self._report.warning(
                    name,
                    None,
                    "Nothing in the module shows this file.",
                    "Remove it, move it to sources/, or link to it: it is not packaged.",
                )


def _composed(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFD", name)
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _check_pixels(path: str, size: tuple[int, int] | None, report: Report) -> None:
    pixels = size[0] * size[1] if size else 0
    if size is None or pixels <= RECOMMENDED_PIXELS:
        return
    what = f"The picture has {size[0]:,} × {size[1]:,} pixels, "
    if pixels > MAX_PIXELS:
        limit = f"but no picture can exceed {MAX_PIXELS // 1_000_000} million in all."
        report.error(path, None, what + limit, _AS_PICTURE)
    else:
        good = f"at most {RECOMMENDED_PIXELS // 1_000_000} million"
        why = f"which need much memory on a phone (a good size is {good} in all)."
        report.warning(path, None, what + why, _AS_PICTURE)


def _check_size(path: str, size: int, family: Family, report: Report) -> None:
    if size == 0:
        report.error(path, None, "The file is empty.", "Put the real one in its place.")
    elif size > MAX_BYTES:
        has, limit = sizes_in_words(size, MAX_BYTES)
        report.error(
            path,
            None,
            f"The file has {has}, but no file can exceed {limit}.",
            _ADVICE[family],
        )
    elif size > RECOMMENDED_BYTES[family]:
        has, limit = sizes_in_words(size, RECOMMENDED_BYTES[family])
        report.warning(
            path,
            None,
            f"The file has {has}, which is slow to load on a poor connection "
            f"(a good size is at most {limit}).",
            _ADVICE[family],
        )


def sizes_in_words(size: int, limit: int) -> tuple[str, str]:
    """Return two sizes in words, to the byte where they would look the same."""
    words = _megabytes(size), _megabytes(limit)
    return words if words[0] != words[1] else (f"{size:,} bytes", f"{limit:,} bytes")


def _megabytes(size: int) -> str:
    return f"{round(size / 1000)} kB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"


@lru_cache(maxsize=4096)
def _digest(
    path: Path, size: int, signature: tuple[int, int, int]
) -> tuple[bytes, str, tuple[int, int] | None]:
    """Return the first bytes of a file, its SHA-256 and a picture's width and height.

    Memoized by size and signature.
    """
    with path.open("rb") as stream:
        first = stream.read(_FIRST_BYTES)
        stream.seek(0)
        pixels = picture_size(stream)
        stream.seek(0)
        return first, hashlib.file_digest(stream, "sha256").hexdigest(), pixels
