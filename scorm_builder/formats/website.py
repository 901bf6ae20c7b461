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
BEFORE_FILES = b"const FILES = "


def complete(plan: Plan) -> tuple[PlanFile, ...]:
    """Return all files of the site; the worker that keeps the others stands last."""
    return (*plan.files, from_bytes(WORKER, worker(plan.files)))


def worker(files: tuple[PlanFile, ...]) -> bytes:
    """Return the service worker for ``files``."""
    table = {file.path: [file.sha256[:12], file.size] for file in files}
    listed = json.dumps(table, ensure_ascii=True, separators=(",", ":"))
    return BEFORE_FILES + listed.encode() + b";\n" + runtime.stripped("worker.js")


FORMAT = Format("website", "Website", ("website.js",), complete)
