"""From a module to a package on the disk that has passed its own check."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple

from courseware.module import Module
from scorm_builder import check, formats, plan
from scorm_builder.findings import Finding
from scorm_builder.formats import Format, Write
from scorm_builder.names import UNPACKED, WITH_SCOS
from scorm_builder.plan import Plan, PlanError, PlanFile
from scorm_builder.sizes import in_words
from scorm_builder.zip import unfinished

_LARGEST_NAMED = 3
_SEVERAL = "scorm12/several"
"""That several LMSs show only the first item; whoever asked for several was told."""


_Place = Callable[[Path], AbstractContextManager[Path]]


class PackageError(Exception):
    """A package that did not pass the check of what was built: it is not kept."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(map(str, self.findings)))


class TooLargeError(Exception):
    """A package larger than somebody allowed: it is not kept."""


class Package(NamedTuple):
    """A package that was built: ``size`` in bytes; ``largest`` names the files that weigh most."""

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
    form: str = "scorm12",
    languages: Sequence[str] = (),
    schemas: Path | None = None,
    tool: str | None = None,
    most: int | None = None,
    per_section: bool = False,
    unpacked: bool = False,
) -> Package:
    """Build one package of ``module`` into ``folder``, under a name that says what it is.

    ``schemas`` is a folder of control documents (XSD) to put at the root, for who needs them there.
    ``tool`` is the address of a live tool, for the formats that can lead there.
    ``most`` is the size in bytes above which no package is kept.
    ``per_section`` makes an SCO of each section, for the formats of ``names.WITH_SCOS``.
    ``unpacked`` makes a folder instead of a zip, for the formats of ``names.UNPACKED``.
    Raises ``PlanError``, ``SourceChangedError``, ``PackageError``, ``TooLargeError`` or
    ``OSError``.
    """
    chosen = formats.get(form)
    if per_section and form not in WITH_SCOS:
        raise PlanError(f"A package in {chosen.title} has no SCOs that sections could be.")
    if unpacked and form not in UNPACKED:
        raise PlanError(f"A package in {chosen.title} is one file, not a folder.")
    planned = plan.make(
        module,
        languages=languages,
        adapters=chosen.adapters,
        draw=chosen.draw,
        tool=tool,
        form=chosen.name,
        per_section=per_section,
    )
    files = (*chosen.complete(planned), *(plan.from_folder(schemas) if schemas else ()))
    target = folder / _name(planned, chosen, per_section)
    target = target.with_suffix("") if unpacked else target
    folder.mkdir(parents=True, exist_ok=True)
    heaviest = _largest(files)
    place, write = _way(chosen, unpacked)
    with place(target) as part:
        write(part, files)
        size = sum(file.size for file in files) if unpacked else part.stat().st_size
        if most is not None and size > most:
            raise TooLargeError(
                f"{target.name} would have {in_words(size)}, more than the {in_words(most)} "
                f"allowed. Its largest files: {heaviest}."
            )
        # what zipfile has just written it need not be asked to read through again
        report = check.check(part, thorough=False)
        wrong = [one for one in report.findings if not (per_section and one.clause == _SEVERAL)]
        if wrong:
            raise PackageError(wrong)
    return Package(target, form, planned.languages, len(files), size, heaviest)


def _way(form: Format, as_folder: bool) -> tuple[_Place, Write]:
    """Return what gives a place to write to, and what writes there."""
    if not as_folder:
        return unfinished, form.write
    from scorm_builder import unpacked

    return unpacked.unfinished, unpacked.write


def _largest(files: Sequence[PlanFile]) -> str:
    heaviest = sorted(files, key=lambda file: (-file.size, file.path))[:_LARGEST_NAMED]
    return ", ".join(f"{file.path} ({in_words(file.size)})" for file in heaviest)


def editions(
    module: Module, form: str, languages: Sequence[str] = ()
) -> tuple[tuple[str, ...], ...]:
    """Return the languages of each package that ``form`` makes: all in one, or one for each."""
    if not formats.get(form).each_language:
        return (tuple(languages),)
    return tuple((tag,) for tag in plan.languages_of(module, languages))


def _name(planned: Plan, form: Format, per_section: bool) -> str:
    """Return the file's name: its languages where some are left out; a zip says its format."""
    whole = len(planned.languages) == len(planned.module.languages)
    tags = () if whole and not form.each_language else planned.languages
    parts = ("sections",) if per_section else ()
    kind = (form.name,) if form.suffix == ".zip" else ()
    return "-".join((planned.module.id, *tags, *parts, *kind)) + form.suffix
