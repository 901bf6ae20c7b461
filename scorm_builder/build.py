"""From a module to a package on the disk that has passed its own check."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from courseware.module import Module
from scorm_builder import check, formats, plan
from scorm_builder.findings import Finding
from scorm_builder.zip import unfinished, write


class PackageError(Exception):
    """A package that did not pass the check of what was built: it is not kept."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(map(str, self.findings)))


@dataclass(frozen=True, slots=True)
class Package:
    """A package that was built: ``size`` in bytes."""

    path: Path
    format: str
    languages: tuple[str, ...]
    files: int
    size: int


def build(
    module: Module,
    folder: Path,
    *,
    form: str = "scorm12",
    languages: Sequence[str] = (),
    schemas: Path | None = None,
) -> Package:
    """Build one package of ``module`` into ``folder``, under a name that says what it is.

    ``schemas`` is a folder of control documents (XSD) to put at the root, for who needs them there.
    Raises ``PlanError``, ``SourceChangedError``, ``PackageError`` or ``OSError``.
    """
    chosen = formats.get(form)
    planned = plan.make(module, languages=languages, adapters=chosen.adapters)
    files = (*chosen.complete(planned), *(plan.from_folder(schemas) if schemas else ()))
    restricted = planned.languages if len(planned.languages) < len(module.languages) else ()
    target = folder / f"{'-'.join((module.id, *restricted, form))}.zip"
    folder.mkdir(parents=True, exist_ok=True)
    with unfinished(target) as part:
        write(part, files)
        # what zipfile has just written it need not be asked to read through again
        report = check.check(part, thorough=False)
        if report.findings:
            raise PackageError(report.findings)
        size = part.stat().st_size
    return Package(target, form, planned.languages, len(files), size)
