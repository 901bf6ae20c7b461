"""The service worker of a website (W3C Service Workers), with its list of files.

The pages and the script are those of the interactive packages. The script finds no LMS and stores
what people do on their device. Over HTTP the service worker stores the files: the site works
without a connection after that. ``sw.js`` begins with the list of files and their digests.
"""

import json

from scorm_builder import runtime
from scorm_builder.checking.archive import FolderArchive
from scorm_builder.formats.website import WORKER
from scorm_builder.plan import PackageFile, PackagePlan, from_bytes

_BEFORE_FILES = b"const FILES = "
_SYSTEM_FILES = frozenset((".DS_Store", "Thumbs.db", "desktop.ini"))
"""Files that operating systems create in folders."""


def complete(plan: PackagePlan) -> tuple[PackageFile, ...]:
    """Return all files of the site, the worker last."""
    return (*plan.files, from_bytes(WORKER, worker(plan.files)))


def worker(files: tuple[PackageFile, ...]) -> bytes:
    """Return the service worker for ``files``."""
    table = {file.path: [file.sha256[:12], file.size] for file in files}
    listed = json.dumps(table, ensure_ascii=True, separators=(",", ":"))
    return _BEFORE_FILES + listed.encode() + b";\n" + runtime.stripped("worker.js")


def listed_files(worker: bytes) -> dict[str, tuple[str, int]]:
    """Return the files in a worker's list: the first digits of the SHA-256, and the size.

    Raises ValueError if the list cannot be read.
    """
    try:
        table = json.loads(worker.partition(b";\n")[0].removeprefix(_BEFORE_FILES))
        return {str(path): (str(facts[0]), int(facts[1])) for path, facts in table.items()}
    except (AttributeError, TypeError, LookupError, OverflowError, RecursionError) as error:
        raise ValueError("The list of files cannot be read.") from error


def find_foreign_files(folder: FolderArchive) -> list[str]:
    """Return the files of a website's folder that no build wrote, or that were changed since."""
    try:
        listed = listed_files(folder.read(WORKER))
    except (ValueError, OSError, KeyError):
        listed = {}
    own = {WORKER} if listed else set()
    return [finding.file for finding in folder.findings] + [
        name
        for name, entry in folder.files.items()
        if name not in own
        and name.rpartition("/")[2] not in _SYSTEM_FILES
        and not _is_unchanged(folder, name, entry.file_size, listed.get(name))
    ]


def _is_unchanged(
    folder: FolderArchive, name: str, size: int, facts: tuple[str, int] | None
) -> bool:
    return facts is not None and facts[1] == size and folder.sha256(name).startswith(facts[0])
