"""Find out which formats a package is in, by asking each registered format."""

from pathlib import Path

from scorm_builder.checking.archive import ZIP_SIGNATURE, open_archive
from scorm_builder.checking.contents import PackageContents
from scorm_builder.checking.findings import Finding
from scorm_builder.formats import registry
from scorm_builder.formats.format import Format


def recognise(contents: PackageContents) -> dict[Format, str]:
    """Return each format of the package with its label for people, in the order of the registry.

    Formats with the same ``marker`` exclude each other: the first that recognises the package is
    taken, a fallback format only if no other one does. A package can be in several formats with
    different markers: SCORM and cmi5, for instance.
    """
    found: dict[Format, str] = {}
    markers: set[str] = set()
    for package_format in sorted(registry.all_formats(), key=lambda one: one.is_fallback):
        if package_format.marker in markers:
            continue
        label = package_format.detect(contents)
        if label is not None:
            found[package_format] = label
            markers |= {package_format.marker} - {""}
    return {one: found[one] for one in registry.all_formats() if one in found}


def open_package(path: Path) -> PackageContents | Finding:
    """Open a zip, an unpacked folder or a single file; return a finding if it is none of them."""
    single = PackageContents(path)
    is_single = path.is_file() and not single.first_bytes.startswith(ZIP_SIGNATURE)
    if is_single and (recognise(single) or single.unreadable):
        return single
    archive = open_archive(path)
    return archive if isinstance(archive, Finding) else PackageContents(path, archive)
