"""PDF: the module as a tagged document to print or read, one for each language."""

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from courseware.i18n.marking import N_
from courseware.module import Module
from scorm_builder.checking.contents import PackageContents
from scorm_builder.checking.findings import Finding
from scorm_builder.formats.format import Format
from scorm_builder.plan import MediaUrl, PackageFile, PackagePlan, PlanError


def _detect(contents: PackageContents) -> str | None:
    return "PDF" if contents.first_bytes.startswith(b"%PDF-") else None


def _check(contents: PackageContents) -> Iterable[Finding]:
    from scorm_builder.formats.pdf import rules

    return rules.findings(contents.path)


def _draw(module: Module, languages: tuple[str, ...], media: MediaUrl) -> Iterator[PackageFile]:
    from scorm_builder.formats.pdf import document

    return document.draw(module, languages, media)


def _complete(plan: PackagePlan) -> tuple[PackageFile, ...]:
    from scorm_builder.formats.pdf import document

    return document.complete(plan)


def _write(target: Path, files: Iterable[PackageFile]) -> None:
    from scorm_builder.formats.pdf import document

    document.write(target, files)


@cache
def _unavailable() -> str | None:
    """Import WeasyPrint once: only that shows whether it finds Pango on this system."""
    from scorm_builder.formats.pdf import document

    try:
        document.import_weasyprint()
    except PlanError as error:
        return str(error)
    return None


FORMATS = (
    Format(
        name="print",
        title="PDF",
        audience=N_("For printing, or reading on any device."),
        detect=_detect,
        check=_check,
        complete=_complete,
        draw=_draw,
        write=_write,
        suffix=".pdf",
        media_type="application/pdf",
        one_language=True,
        unavailable=_unavailable,
    ),
)
