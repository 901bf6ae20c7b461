"""A package format registered by tests: the module's titles as JSON in a zip."""

import json
from collections.abc import Iterable

from courseware.module import Module
from scorm_builder.checking.contents import PackageContents
from scorm_builder.checking.findings import Finding
from scorm_builder.formats.format import Format
from scorm_builder.plan import MediaUrl, PackageFile, PackagePlan, from_bytes

MARKER = "toy.json"


def _detect(contents: PackageContents) -> str | None:
    return "Toy" if MARKER in contents.files else None


def _check(contents: PackageContents) -> Iterable[Finding]:
    if not json.loads(contents.read(MARKER)):
        yield Finding("error", "toy/empty", "There is no title.", MARKER)


def _draw(module: Module, languages: tuple[str, ...], media: MediaUrl) -> Iterable[PackageFile]:
    return ()


def _complete(plan: PackagePlan) -> tuple[PackageFile, ...]:
    titles = json.dumps(plan.in_languages(plan.module.titles))
    return (from_bytes(MARKER, titles.encode()),)


TOY = Format(
    name="toy",
    title="Toy",
    audience="For tests.",
    marker=MARKER,
    detect=_detect,
    check=_check,
    draw=_draw,
    complete=_complete,
)
