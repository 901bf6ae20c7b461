"""Check whether an LMS should accept a package.

An error is what an LMS refuses or breaks; each finding names its specification or that LMS.

The zip itself is checked first (``archive.py``), then the package against the rules of each format
that it is recognised in, then its pages (``accessibility.py``). The official schemas are not enough
(they accept a misspelt ``scormtype``, for example) and may not be redistributed, so the rules are
implemented here and in the ``rules.py`` of each format.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from scorm_builder.checking.archive import Archive
from scorm_builder.checking.contents import PackageContents
from scorm_builder.checking.findings import CheckReport, Finding
from scorm_builder.checking.recognition import open_package, recognise
from scorm_builder.checking.text import decode
from scorm_builder.formats.format import Format

_MAX_PAGES = 500
_MAX_PER_RULE = 100


def check(path: Path, *, thorough: bool = True) -> CheckReport:
    """Check the zip, unpacked folder or single file at ``path``.

    Unless ``thorough``, the checksums of zip entries are not verified and pages are not checked.
    """
    contents = open_package(path)
    if isinstance(contents, Finding):
        return CheckReport(None, (contents,))
    with contents:
        return check_contents(contents, thorough=thorough)


def check_contents(contents: PackageContents, *, thorough: bool = True) -> CheckReport:
    """Check an open package; see :func:`check`."""
    archive = contents.archive
    if archive is None:
        return _report(*_check_formats(contents))
    if not archive.safe:
        return _report(None, archive.findings)
    findings = [*archive.findings, *(archive.damaged() if thorough else ())]
    if any(finding.clause == "zip/damaged" for finding in findings):
        return _report(None, findings)
    name, about_format = _check_formats(contents)
    about_pages = _check_pages(archive) if thorough else ()
    return _report(name, (*findings, *about_format, *about_pages))


def _report(name: str | None, findings: Iterable[Finding]) -> CheckReport:
    in_order = sorted(findings, key=lambda one: one.level != "error")
    return CheckReport(name, tuple(_summarised(in_order)))


def _summarised(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Yield the first findings of each rule, and the number of the others at the end."""
    by_rule: dict[tuple[str, str], list[Finding]] = {}
    for one in findings:
        same = by_rule.setdefault((one.level, one.clause), [])
        same.append(one)
        if len(same) <= _MAX_PER_RULE:
            yield one
    for first, *others in by_rule.values():
        if (more := len(others) + 1 - _MAX_PER_RULE) > 0:
            message = f"So {more} times more."
            yield Finding(first.level, first.clause, message, source=first.source)


def _check_formats(contents: PackageContents) -> tuple[str | None, list[Finding]]:
    """Return the name of the first format with rules, and the findings of all of them."""
    recognised = recognise(contents)
    formats = [one for one in recognised if one.check is not None] or list(recognised)
    findings = [*contents.unreadable]
    for package_format in formats:
        findings += package_format.check(contents) if package_format.check else ()
        if package_format.check is None:
            findings.append(_without_rules(package_format))
    if not formats and not findings:
        findings.append(_missing_manifest(contents))
    return (formats[0].name if formats else None), findings


def _without_rules(package_format: Format) -> Finding:
    message = (
        f"This is {package_format.title}: there are no rules for it here, so only the zip and its "
        "pages were checked."
    )
    return Finding("warning", f"{package_format.name}/rules", message)


def _check_pages(archive: Archive) -> Iterator[Finding]:
    from scorm_builder.checking import accessibility

    names = [name for name in archive.files if name.lower().endswith(accessibility.PAGES)]
    for name in names[:_MAX_PAGES]:
        with suppress(ValueError):  # too large for a page
            yield from accessibility.findings(name, decode(archive.read(name)))


def _missing_manifest(contents: PackageContents) -> Finding:
    """Return that there is no manifest, and where there is a file that was meant as one."""
    manifests = {
        "imsmanifest.xml": "IMS Content Packaging 1.1.2",
        "cmi5.xml": "cmi5 14.1",
        "tincan.xml": "Tin Can",
    }
    for name, source in manifests.items():
        message = f"There is no {name} at the root of the zip."
        for other in contents.files:
            if other.endswith(f"/{name}"):
                hint = f"It is in {other}: zip the content of the folder, not the folder."
                return Finding("error", "manifest/missing", f"{message} {hint}", source=source)
            if other.lower() == name:
                hint = f"{other} must be written in lower case."
                return Finding("error", "manifest/missing", f"{message} {hint}", source=source)
    message = "There is no imsmanifest.xml at the root of the zip."
    return Finding("error", "manifest/missing", message, source=manifests["imsmanifest.xml"])
