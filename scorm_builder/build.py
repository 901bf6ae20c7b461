"""From a module to a package on the disk that has passed its own check."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from courseware.module import Module
from scorm_builder import check, formats, plan
from scorm_builder.findings import Finding
from scorm_builder.formats import Format
from scorm_builder.plan import Plan, PlanFile
from scorm_builder.sizes import in_words
from scorm_builder.zip import unfinished

_LARGEST_NAMED = 3


class PackageError(Exception):
    """A package that did not pass the check of what was built: it is not kept."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(map(str, self.findings)))


class TooLargeError(Exception):
    """A package larger than somebody allowed: it is not kept."""


@dataclass(frozen=True, slots=True)
class Package:
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
) -> Package:
    """Build one package of ``module`` into ``folder``, under a name that says what it is.

    ``schemas`` is a folder of control documents (XSD) to put at the root, for who needs them there.
    ``tool`` is the address of a live tool, for the formats that can lead there.
    ``most`` is the size in bytes above which no package is kept.
    Raises ``PlanError``, ``SourceChangedError``, ``PackageError``, ``TooLargeError`` or
    ``OSError``.
    """
    chosen = formats.get(form)
    planned = plan.make(
        module,
        languages=languages,
        adapters=chosen.adapters,
        draw=chosen.draw,
        tool=tool,
        form=chosen.name,
    )
    files = (*chosen.complete(planned), *(plan.from_folder(schemas) if schemas else ()))
    target = folder / _name(planned, chosen)
    folder.mkdir(parents=True, exist_ok=True)
    heaviest = _largest(files)
    with unfinished(target) as part:
        chosen.write(part, files)
        size = part.stat().st_size
        if most is not None and size > most:
            raise TooLargeError(
                f"{target.name} would have {in_words(size)}, more than the {in_words(most)} "
                f"allowed. Its largest files: {heaviest}."
            )
        # what zipfile has just written it need not be asked to read through again
        report = check.check(part, thorough=False)
        if report.findings:
            raise PackageError(report.findings)
    return Package(target, form, planned.languages, len(files), size, heaviest)


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


def _name(planned: Plan, form: Format) -> str:
    """Return the file's name: its languages where some are left out; a zip says its format."""
    whole = len(planned.languages) == len(planned.module.languages)
    tags = () if whole and not form.each_language else planned.languages
    kind = (form.name,) if form.suffix == ".zip" else ()
    return "-".join((planned.module.id, *tags, *kind)) + form.suffix
