"""The files that a module shows: there, of a kind that can be shown, and of a bearable size."""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from courseware.media_types import KINDS, Family, endings, kind_of
from courseware.module import MediaFile
from courseware.reading.captions import check_captions
from courseware.reading.drawings import check_drawing
from courseware.reading.folder import MEDIA, File, Folder, read_text, why
from courseware.reading.report import Report, shown

BEARABLE_BYTES: dict[Family, int] = {
    "picture": 400_000,
    "video": 3_000_000,
    "captions": 200_000,
    "attachment": 10_000_000,
}
"""What a participant on a poor connection can be asked to load: above it, a warning."""

MOST_BYTES = 200_000_000
"""What LMSs and their apps accept in one piece: above it, an error."""

_MOST_DRAWING_BYTES = 5_000_000
_FIRST_BYTES = 64

_ADVICE: dict[Family, str] = {
    "picture": "Save it smaller: 1,200 pixels of width are enough.",
    "video": "Save it smaller (720p, H.264), or link to YouTube, Vimeo or PeerTube.",
    "captions": "Check that it holds captions only.",
    "attachment": "Save it smaller, or link to where it is published.",
}


class Use(NamedTuple):
    """A place where a module shows a file."""

    path: str
    file: str
    line: int | None
    family: Family | None = None


class Media:
    """The files of ``media/`` that the module uses, as they are met."""

    def __init__(self, folder: Folder, report: Report) -> None:
        self._folder = folder
        self._report = report
        self._used: dict[str, MediaFile | None] = {}

    def use(self, use: Use) -> None:
        """Note that a file is used, and report what is wrong with it or with its use."""
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
        if file.size == 0 or file.size > MOST_BYTES:
            return None
        try:
            first, digest = _digest(file.path, file.size, file.marks)
            if kind.media_type == "image/svg+xml" and file.size <= _MOST_DRAWING_BYTES:
                check_drawing(file.path.read_bytes(), path, self._report)
        except OSError as error:
            self._report.error(
                path,
                None,
                f"The file cannot be read: {why(error)}.",
                "Check that you are allowed to read it.",
            )
            return None
        if kind.marks and not any(first[at : at + len(mark)] == mark for at, mark in kind.marks):
            self._report.error(
                path,
                None,
                f"The file is not really {kind.name}, whatever its name says.",
                "Open it in the program that made it and save it again, with that ending.",
            )
        if kind.family == "captions":
            text = read_text(self._folder, path, self._report)
            if text is not None:
                check_captions(text, path, self._report)
        return MediaFile(path, file.size, digest, kind.media_type)

    def files(self) -> tuple[MediaFile, ...]:
        """Return the files that the module uses, by name."""
        return tuple(file for _, file in sorted(self._used.items()) if file is not None)

    def report_unused(self) -> None:
        """Report the files of ``media/`` that nothing shows."""
        for name in sorted(self._folder.files):
            if name.startswith(MEDIA) and name not in self._used:
                self._report.warning(
                    name,
                    None,
                    "Nothing in the module shows this file.",
                    "Remove it, move it to sources/, or link to it: it is not packaged.",
                )


def _check_size(path: str, size: int, family: Family, report: Report) -> None:
    if size == 0:
        report.error(path, None, "The file is empty.", "Put the real one in its place.")
    elif size > MOST_BYTES:
        report.error(
            path,
            None,
            f"The file has {_megabytes(size)}, but no file can exceed {_megabytes(MOST_BYTES)}.",
            _ADVICE[family],
        )
    elif size > BEARABLE_BYTES[family]:
        report.warning(
            path,
            None,
            f"The file has {_megabytes(size)}, which is slow to load on a poor connection "
            f"(a good size is at most {_megabytes(BEARABLE_BYTES[family])}).",
            _ADVICE[family],
        )


def _megabytes(size: int) -> str:
    return f"{round(size / 1000)} kB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"


@lru_cache(maxsize=4096)
def _digest(path: Path, size: int, marks: tuple[int, int, int]) -> tuple[bytes, str]:
    """Return the first bytes of a file and its SHA-256, kept while its size and marks stay."""
    with path.open("rb") as stream:
        first = stream.read(_FIRST_BYTES)
        stream.seek(0)
        return first, hashlib.file_digest(stream, "sha256").hexdigest()
