"""A website: the module for any static host, or for a folder on a disk, with no LMS at all.

The pages and the script are those of the other packages; the script finds no LMS and keeps what
people do on their device. Over HTTP a service worker (W3C Service Workers) keeps the files, so that
the site opens without a connection afterwards; its list of files and digests stands in ``sw.js``.
"""

import json

from scorm_builder import runtime
from scorm_builder.formats import Format
from scorm_builder.plan import Plan, PlanFile, from_bytes

WORKER = "sw.js"
_BEFORE_FILES = b"const FILES = "


def complete(plan: Plan) -> tuple[PlanFile, ...]:
    """Return all files of the site; the worker that keeps the others stands last."""
    return (*plan.files, from_bytes(WORKER, worker(plan.files)))


def worker(files: tuple[PlanFile, ...]) -> bytes:
    """Return the service worker for ``files``."""
    table = {file.path: [file.sha256[:12], file.size] for file in files}
    listed = json.dumps(table, ensure_ascii=True, separators=(",", ":"))
    return _BEFORE_FILES + listed.encode() + b";\n" + runtime.stripped("worker.js")


def listed(worker: bytes) -> dict[str, tuple[str, int]]:
    """Return what a service worker keeps: the beginning of each file's digest, and its size.

    Raises ValueError if there is no such list.
    """
    try:
        table = json.loads(worker.partition(b";\n")[0].removeprefix(_BEFORE_FILES))
        return {str(path): (str(facts[0]), int(facts[1])) for path, facts in table.items()}
    except (AttributeError, TypeError, LookupError) as error:
        raise ValueError("The list of files cannot be read.") from error


FORMAT = Format("website", "Website", ("website.js",), complete)
