"""List and read the files of a module's folder.

Nothing outside the folder is ever read: symbolic links are errors, and so are names that some
operating systems or LMSs interpret or reject.
"""

import os
import re
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from courseware.parser.report import Report, closest, shown

MANIFEST = "module.toml"
MEDIA = "media/"
IGNORED = frozenset({"sources", "Thumbs.db", "desktop.ini", "__MACOSX"})
"""Names that are ignored, like all names that begin with a dot."""

MOST_FILES = 5_000
MOST_TEXT_BYTES = 1_000_000
_DEEPEST = 8

_ODD = re.compile(r'[\x00-\x1f\x7f-\x9f\\:*?"<>|#%\ud800-\udfff]|[. ]$|^ ')
_PLAIN = re.compile(r"[A-Za-z0-9._/-]+")
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class File:
    """A file: ``size`` in bytes; ``signature`` (mtime, ctime, inode) changes with its content."""

    path: Path
    size: int
    signature: tuple[int, int, int]


class Folder:
    """The files of a module's folder by relative path (forward slashes), and its subfolders.

    ``report`` has the problems with their names.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.report = Report()
        self.files: dict[str, File] = {}
        self.folders: set[str] = set()

    def near(self, name: str) -> str | None:
        """Return the file whose name is most similar to ``name``, or None."""
        wanted = _folded(name)
        same = next((file for file in self.files if _folded(file) == wanted), None)
        return same or closest(name, self.files)


def scan(root: Path) -> Folder:
    """List the files of ``root``, and report every name that is not allowed."""
    folder = Folder(root.absolute())
    report = folder.report
    seen: dict[str, str] = {}
    for name, entry in _walk(folder.root, "", report, 0):
        if len(folder.files) >= MOST_FILES:
            report.error(
                MANIFEST,
                None,
                f"The folder holds more than {MOST_FILES:,} files.",
                "Check that this is the module's own folder, and keep in it only what it shows.",
            )
            break
        _check_name(name, seen, report)
        if entry is None:
            folder.folders.add(name)
        else:
            folder.files[name] = entry
    return folder


def _walk(
    path: Path | str, prefix: str, report: Report, depth: int
) -> Iterator[tuple[str, File | None]]:
    try:
        entries = sorted(os.scandir(path), key=lambda entry: entry.name)
    except OSError as error:
        report.error(prefix or ".", None, f"The folder cannot be opened: {why(error)}.", _RIGHTS)
        return
    for entry in entries:
        name = prefix + entry.name
        if entry.is_symlink():
            report.error(
                name,
                None,
                "This is a link to another place (a symbolic link or an alias).",
                "Put the file itself here instead: a module carries everything it shows.",
            )
        elif entry.name.startswith(".") or name in IGNORED or entry.name in IGNORED - {"sources"}:
            continue
        elif entry.is_dir(follow_symlinks=False):
            yield name, None
            if depth < _DEEPEST:
                yield from _walk(entry.path, f"{name}/", report, depth + 1)
            else:
                report.error(
                    name, None, "The folders are too deep here.", "Keep files nearer to the top."
                )
        else:
            file = _file(entry, name, report)
            if file is not None:
                yield name, file


def _file(entry: "os.DirEntry[str]", name: str, report: Report) -> File | None:
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError as error:
        report.error(name, None, f"The file cannot be read: {why(error)}.", _RIGHTS)
        return None
    if not stat.S_ISREG(status.st_mode):
        report.error(name, None, "This is not an ordinary file.", "Remove it.")
        return None
    signature = (status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
    return File(Path(entry.path), status.st_size, signature)


_RIGHTS = "Check that you are allowed to read it."


def why(error: OSError) -> str:
    """Return the operating system's description of an error, without the path."""
    return shown((error.strerror or type(error).__name__).lower())


def _check_name(name: str, seen: dict[str, str], report: Report) -> None:
    last = name.rsplit("/", 1)[-1]
    if _ODD.search(last) or _RESERVED.fullmatch(last):
        report.error(
            name,
            None,
            "The name has a sign that some computers or LMSs do not allow.",
            "Rename it with letters, digits, hyphens and dots only.",
        )
    elif name.startswith(MEDIA) and not _PLAIN.fullmatch(name):
        report.warning(
            name,
            None,
            "The name has a space or a letter with an accent, which some LMSs cannot open.",
            "Rename it with the letters a to z, digits, hyphens and dots only.",
        )
    other = seen.setdefault(_folded(name), name)
    if other != name:
        report.error(
            name,
            None,
            f'The name differs from "{shown(other)}" only in capital letters or accents.',
            "Rename or remove one: many computers cannot keep both.",
        )


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def read_text(folder: Folder, name: str, report: Report) -> str | None:
    """Read a text file, with line ends ``\\n``; return None, and report the error, if it fails."""
    file = folder.files[name]
    if file.size > MOST_TEXT_BYTES:
        report.error(
            name,
            None,
            f"The text is larger than {MOST_TEXT_BYTES // 1_000_000} MB.",
            "Split it, or keep only what people will read.",
        )
        return None
    try:
        data = file.path.read_bytes()
    except OSError as error:
        report.error(name, None, f"The file cannot be read: {why(error)}.", _RIGHTS)
        return None
    return _decoded(data, name, report)


_AS_UTF8 = 'In your editor choose "Save as" (or "Save with encoding") and then UTF-8.'


def _decoded(data: bytes, name: str, report: Report) -> str | None:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        report.error(name, 1, "The file is saved as UTF-16, not as UTF-8.", _AS_UTF8)
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # The position does not include a byte order mark.
        before = data.removeprefix(b"\xef\xbb\xbf")[: error.start]
        byte = error.object[error.start]
        line = before.count(b"\n") + 1
        column = len(before) - (before.rfind(b"\n") + 1) + 1
        report.error(
            name,
            line,
            f"The file is not saved as UTF-8: byte {column} of this line (0x{byte:02X}) is wrong.",
            _AS_UTF8,
        )
        return None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        report.error(
            name,
            line,
            "There is a NUL, an invisible sign that no text has.",
            "Delete it, or write the line again.",
        )
        return None
    return text
