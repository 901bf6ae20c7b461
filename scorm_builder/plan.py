"""The plan of a package: every file that goes into it, before any of them is written.

A plan holds the rendered pages, the runtime script, and every media file that the pages refer to
(and no other), each with its size and SHA-256. The format adds its own files, such as a manifest;
``zip_writer.py`` or ``folder_writer.py`` writes them.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from courseware import resources
from courseware.languages import choose
from courseware.module import Completion, Module
from scorm_builder.tool_url import normalised

if TYPE_CHECKING:
    from scorm_builder.package_pages import PageContext

LAUNCH = "index.html"


class PlanError(Exception):
    """A package that cannot be planned. The message is for the person who asked for it."""


@dataclass(frozen=True, slots=True)
class PackageFile:
    """One file of a package: ``data``, or the ``source`` to copy from. ``size`` is in bytes."""

    path: str
    data: bytes | None
    source: Path | None
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Sco:
    """A shareable content object: the whole module (``id`` is empty) or one section.

    ``files`` are the paths of the files that no other SCO needs. ``counts`` is False if the
    author's completion rule does not depend on this SCO.
    """

    id: str
    titles: Mapping[str, str]
    launch: str
    files: tuple[str, ...]
    completion: Completion
    counts: bool = True

    def identifier(self, prefix: str, module: str) -> str:
        """Return an identifier for a manifest, different for each SCO of a package."""
        return "-".join(filter(None, (prefix, module, self.id.upper())))


@dataclass(frozen=True, slots=True)
class PackagePlan:
    """A package without the files of its format.

    ``languages`` starts with the language of the ``launch`` page. ``tool_url`` is the URL of a live
    tool, for the formats that can link to it.
    """

    module: Module
    languages: tuple[str, ...]
    launch: str
    files: tuple[PackageFile, ...]
    tool_url: str | None = None
    scos: tuple[Sco, ...] = ()

    @property
    def shared(self) -> tuple[str, ...]:
        """The paths of the files that belong to no single SCO."""
        own = {path for sco in self.scos for path in sco.files}
        return tuple(file.path for file in self.files if file.path not in own)

    def in_languages(self, texts: Mapping[str, str]) -> Mapping[str, str]:
        """Return those of ``texts`` that are in the languages of the package, in their order."""
        return {tag: texts[tag] for tag in self.languages if tag in texts}

    def in_first_language(self, texts: Mapping[str, str]) -> str:
        """Return one of ``texts``, for an LMS that accepts only one language."""
        return texts.get(self.languages[0]) or texts[self.module.source_language]


MediaUrl = Callable[[str], str]
"""Return the URL of a module's file by its path; the file is then included in the package."""

Draw = Callable[[Module, tuple[str, ...], MediaUrl], Iterable[PackageFile]]
"""Render the pages of a package in some languages, and the assets that they need."""


def from_bytes(path: str, data: bytes) -> PackageFile:
    """Return a generated file."""
    return PackageFile(path, data, None, len(data), hashlib.sha256(data).hexdigest())


def from_folder(folder: Path) -> tuple[PackageFile, ...]:
    """Return every file below a folder, sorted by path."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return tuple(
        from_bytes(path.relative_to(folder).as_posix(), path.read_bytes()) for path in paths
    )


def make(
    module: Module,
    *,
    languages: Sequence[str] = (),
    adapters: Sequence[str] = (),
    draw: Draw | None = None,
    tool_url: str | None = None,
    format_name: str = "",
    per_section: bool = False,
) -> PackagePlan:
    """Plan a package of ``module`` in ``languages`` (default: all of the module's).

    ``adapters`` are the files of ``runtime/`` that talk to an LMS, the preferred one first. A
    format without the interactive pages passes ``draw`` instead. ``format_name`` is written into
    the answers file that a participant can save. With ``per_section`` each section is an SCO with
    pages of its own. Raises ``PlanError``.
    """
    chosen = languages_of(module, languages)
    tool_url = _checked_tool_url(tool_url)
    if per_section:
        return _per_section(module, chosen, adapters, tool_url, format_name)
    used = _UsedMedia()
    if draw is None:
        from scorm_builder.package_pages import PageContext

        draw = partial(_draw_interactive, PageContext(format_name, tool_url), adapters)
    files = list(draw(module, chosen, used))
    files += [_media_file(module, path) for path in sorted(used)]
    paths = tuple(file.path for file in files)
    sco = Sco("", module.titles, LAUNCH, paths, module.completion)
    return PackagePlan(module, chosen, LAUNCH, tuple(files), tool_url, (sco,))


class _UsedMedia(set[str]):
    """The paths of the files whose URL was asked for; calling it returns a URL."""

    def __call__(self, path: str) -> str:
        self.add(path)
        return quote(path)


def _per_section(
    module: Module,
    languages: tuple[str, ...],
    adapters: Sequence[str],
    tool_url: str | None,
    format_name: str,
) -> PackagePlan:
    from scorm_builder import package_pages, runtime
    from scorm_builder.sco_split import split

    files: list[PackageFile] = []
    scos = []
    all_used: set[str] = set()
    for part in split(module):
        used = _UsedMedia()
        context = package_pages.PageContext(
            format_name, tool_url, part.section.id, part.questions_before
        )
        pages = package_pages.render(part.module, languages, used, context)
        files += [from_bytes(path, html.encode()) for path, html in pages.items()]
        own = (*pages, *sorted(used))
        titles = part.section.titles
        rule = part.module.completion
        scos.append(Sco(part.section.id, titles, own[0], own, rule, part.counts))
        all_used |= used
    files += [*static_files(), from_bytes("runtime.js", runtime.script(adapters))]
    files += [_media_file(module, path) for path in sorted(all_used)]
    return PackagePlan(module, languages, scos[0].launch, tuple(files), tool_url, tuple(scos))


def _draw_interactive(
    context: "PageContext",
    adapters: Sequence[str],
    module: Module,
    languages: tuple[str, ...],
    media: MediaUrl,
) -> Iterable[PackageFile]:
    from scorm_builder import package_pages, runtime

    for path, html in package_pages.render(module, languages, media, context).items():
        yield from_bytes(path, html.encode())
    yield from static_files()
    yield from_bytes("runtime.js", runtime.script(adapters))


@cache
def static_files() -> tuple[PackageFile, ...]:
    """Return the stylesheet (the live tool's with additions for packages) and the icon."""
    additions = resources.templates() / "package" / "package.css"
    styles = (resources.static() / "minga.css").read_bytes() + additions.read_bytes()
    icon = (resources.static() / "icon.svg").read_bytes()
    return from_bytes("minga.css", styles), from_bytes("icon.svg", icon)


def languages_of(module: Module, wanted: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the languages of a package in the module's order, its source language first.

    Raises ``PlanError`` if the module lacks one of the languages ``wanted``.
    """
    missing = [tag for tag in wanted if not choose([tag], module.languages, "")]
    if missing:
        has = ", ".join(module.languages)
        raise PlanError(f"{module.id} is not written in {', '.join(missing)}; it has {has}.")
    chosen = {choose([tag], module.languages, "") for tag in wanted} or set(module.languages)
    source = module.source_language
    return tuple(sorted(chosen, key=lambda tag: (tag != source, module.languages.index(tag))))


def _checked_tool_url(url: str | None) -> str | None:
    try:
        return None if url is None else normalised(url)
    except ValueError as error:
        raise PlanError(str(error)) from None


def _media_file(module: Module, path: str) -> PackageFile:
    file = module.file(path)
    if file is None:
        raise PlanError(f"{module.id} refers to {path}, which is not among its files.")
    return PackageFile(path, None, module.folder / path, file.size, file.sha256)
