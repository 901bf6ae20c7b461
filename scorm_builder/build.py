"""Build a package of a module and check it before it is saved."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from courseware.module import Module
from scorm_builder import folder_writer, plan, zip_writer
from scorm_builder.checking.check import check
from scorm_builder.checking.findings import Finding
from scorm_builder.formats import registry
from scorm_builder.formats.format import Format, WriteFiles
from scorm_builder.humanize import format_size
from scorm_builder.plan import PackageFile, PlanError

_LARGEST_SHOWN = 3

_ReplaceWhenDone = Callable[[Path], AbstractContextManager[Path]]


class PackageError(Exception):
    """A package that did not pass its check; it is not saved."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(map(str, self.findings)))


class TooLargeError(Exception):
    """A package above the maximum size; it is not saved."""


@dataclass(frozen=True, slots=True)
class BuiltPackage:
    """A package on the disk: ``size`` in bytes; ``largest`` names its largest files."""

    path: Path
    format: str
    languages: tuple[str, ...]
    files: int
    size: int
    largest: str = ""


def build(
    module: Module,
    folder: Path,
    *,
    format_name: str = "scorm12",
    languages: Sequence[str] = (),
    schemas: Path | None = None,
    tool_url: str | None = None,
    max_size: int | None = None,
    per_section: bool = False,
    unpacked: bool = False,
) -> BuiltPackage:
    """Build one package of ``module`` into ``folder``; its file name says what it is.

    ``schemas`` is a folder of control documents (XSD) to add at the root of the package.
    ``tool_url`` is the URL of a live tool, for the formats that can link to it. ``max_size`` is in
    bytes. ``per_section`` makes one SCO per section (formats with ``has_scos``); ``unpacked`` makes
    a folder instead of a file (formats with ``can_be_folder``).

    Raises ``PlanError``, ``SourceChangedError``, ``PackageError``, ``TooLargeError``, ``OSError``,
    or ``KeyError`` for an unknown format.
    """
    package_format = registry.get(format_name)
    if per_section and not package_format.has_scos:
        raise PlanError(f"A package in {package_format.title} has no SCOs that sections could be.")
    if unpacked and not package_format.can_be_folder:
        raise PlanError(f"A package in {package_format.title} is one file, not a folder.")
    assert package_format.complete is not None
    planned = plan.make(
        module,
        languages=languages,
        adapters=package_format.adapters,
        draw=package_format.draw,
        tool_url=tool_url,
        format_name=package_format.name,
        per_section=per_section,
    )
    files = (*package_format.complete(planned), *(plan.from_folder(schemas) if schemas else ()))
    is_complete = (
        len(planned.languages) == len(module.languages) and not package_format.one_language
    )
    shown = () if is_complete else planned.languages
    name = package_format.file_name(module.id, shown, per_section=per_section, as_folder=unpacked)
    target = folder / name
    folder.mkdir(parents=True, exist_ok=True)
    replace_when_done, write = _output(package_format, unpacked)
    with replace_when_done(target) as part:
        write(part, files)
        size = sum(file.size for file in files) if unpacked else part.stat().st_size
        if max_size is not None and size > max_size:
            raise TooLargeError(
                f"{target.name} would have {format_size(size)}, more than the "
                f"{format_size(max_size)} allowed. Its largest files: {_largest(files)}."
            )
        # zipfile has just computed the checksums: verifying them would read everything again
        findings = check(part, thorough=False).findings
        ignored = package_format.several_scos_clause if per_section else ""
        problems = [finding for finding in findings if finding.clause != ignored]
        if problems:
            raise PackageError(problems)
    return BuiltPackage(
        target, package_format.name, planned.languages, len(files), size, _largest(files)
    )


def _output(package_format: Format, as_folder: bool) -> tuple[_ReplaceWhenDone, WriteFiles]:
    if not as_folder:
        return zip_writer.replace_when_done, package_format.write
    find_foreign_files = package_format.find_foreign_files
    assert find_foreign_files is not None
    place = partial(folder_writer.replace_when_done, find_foreign_files=find_foreign_files)
    return place, folder_writer.write


def _largest(files: Sequence[PackageFile]) -> str:
    largest = sorted(files, key=lambda file: (-file.size, file.path))[:_LARGEST_SHOWN]
    return ", ".join(f"{file.path} ({format_size(file.size)})" for file in largest)


def languages_of_packages(
    module: Module, package_format: Format, languages: Sequence[str] = ()
) -> tuple[tuple[str, ...], ...]:
    """Return the languages of each package that ``format`` makes of a module.

    That is one package with all ``languages`` (as given: empty means all of the module's), or one
    package for each language.
    """
    if not package_format.one_language:
        return (tuple(languages),)
    return tuple((tag,) for tag in plan.languages_of(module, languages))
