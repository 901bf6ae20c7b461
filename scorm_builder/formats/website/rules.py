"""Rules for websites that open from a folder and from any host.

Every URL inside is relative and refers to a file of the site, because the site's own URL is not
known (WHATWG URL, 4.3). The files in the service worker's list exist with the same content.
"""

from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlsplit

from scorm_builder.checking.findings import Finding
from scorm_builder.checking.references import BadReferenceError, resolve
from scorm_builder.checking.text import decode
from scorm_builder.formats.website import WORKER
from scorm_builder.formats.website.service_worker import listed_files

_URL = "WHATWG URL 4.3"
_SERVICE_WORKERS = "W3C Service Workers"
_Read = Callable[[str], bytes]
_Digest = Callable[[str], str]
_URLS = "//@href | //@src | //@poster"


def findings(files: Mapping[str, int], read: _Read, digest: _Digest) -> Iterator[Finding]:
    """Check all rules; ``digest`` returns the SHA-256 of one of ``files`` in hexadecimal."""
    yield from _worker(files, read, digest)
    for name in files:
        if name.endswith(".html"):
            try:
                data = read(name)
            except ValueError as error:
                yield Finding("warning", "website/page", f"It was not checked: {error}.", name)
            else:
                yield from _check_urls(name, data, files)


def _worker(files: Mapping[str, int], read: _Read, digest: _Digest) -> Iterator[Finding]:
    def error(rule: str, message: str, file: str = WORKER) -> Finding:
        return Finding("error", f"website/{rule}", message, file, source=_SERVICE_WORKERS)

    try:
        worker = read(WORKER)
        listed = listed_files(worker)
    except ValueError:
        yield error("worker", "The list of files at the beginning of the worker cannot be read.")
        return
    if not worker.partition(b";\n")[2].strip():
        yield error("worker", "The worker has a list of files and no code that stores them.")
    for path, (start, size) in listed.items():
        if path not in files:
            yield error("absent", f"{path} is to be listed but is not in the package.")
        elif files[path] != size or not start or not digest(path).startswith(start):
            yield error("digest", "The worker lists another version of this file.", path)
    for path in sorted(set(files) - set(listed) - {WORKER}):
        message = "The file would not be there without a connection: the worker does not list it."
        yield Finding("warning", "website/unlisted", message, path, source=_SERVICE_WORKERS)


def _path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


def _check_urls(page: str, data: bytes, files: Mapping[str, int]) -> Iterator[Finding]:
    from lxml import etree, html

    try:
        tree = html.document_fromstring(
            decode(data).encode("utf-8", "replace"), parser=html.HTMLParser(encoding="utf-8")
        )
    except etree.LxmlError:
        yield Finding("error", "website/page", "The page cannot be read.", page)
        return
    for found in tree.xpath(_URLS):
        url = str(found).strip()
        try:
            target = resolve(url, page)
        except BadReferenceError as error:
            message = f"{error}."
            if _path(url).startswith("/"):
                message = f"{url} starts at the host's root: the site would not open elsewhere."
            yield Finding("error", "website/rooted", message, page, source=_URL)
            continue
        if target is not None and target not in files:
            message = f"{url} leads to no file of the site."
            yield Finding("error", "website/link", message, page, source=_URL)
