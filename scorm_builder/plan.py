"""What goes into a package, settled before a byte of it is written.

A plan is made once from a module and the languages wanted: every page rendered, the script put
together, every file that the pages refer to (and no other) with its size and digest. A format adds
what is its own, a manifest for instance, and the zip writes it down.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from courseware import resources
from courseware.languages import choose
from courseware.module import Completion, Module

if TYPE_CHECKING:
    from scorm_builder.pages import About

LAUNCH = "index.html"


class PlanError(Exception):
    """A package that cannot be planned, in words for the person who asked for it."""


class PlanFile(NamedTuple):
    """One file of a package: its ``data``, or the ``source`` to copy it from. ``size`` in bytes."""

    path: str
    data: bytes | None
    source: Path | None
    size: int
    sha256: str


class Sco(NamedTuple):
    """Something that an LMS starts: the whole module (``id`` is empty) or one section.

    ``files`` are the paths of what it needs besides what all SCOs share. ``counts`` says whether
    the author's rule asks for it.
    """

    id: str
    titles: Mapping[str, str]
    launch: str
    files: tuple[str, ...]
    completion: Completion
    counts: bool = True

    def name(self, kind: str, module: str) -> str:
        """Return an identifier for a manifest, unlike that of any other SCO."""
        return "-".join(filter(None, (kind, module, self.id.upper())))


class Plan(NamedTuple):
    """A package without its format. ``languages`` starts with the one that ``launch`` shows.

    ``tool`` is the address of a live tool, for the formats that can lead there.
    """

    module: Module
    languages: tuple[str, ...]
    launch: str
    files: tuple[PlanFile, ...]
    tool: str | None = None
    scos: tuple[Sco, ...] = ()

    @property
    def shared(self) -> tuple[str, ...]:
        """The paths of what belongs to no SCO alone."""
        own = {path for sco in self.scos for path in sco.files}
        return tuple(file.path for file in self.files if file.path not in own)

    def in_languages(self, words: Mapping[str, str]) -> Mapping[str, str]:
        """Return what there is of ``words`` in the languages of the package, in their order."""
        return {tag: words[tag] for tag in self.languages if tag in words}

    def in_first_language(self, words: Mapping[str, str]) -> str:
        """Return the one of ``words`` that an LMS shows where it takes only one."""
        return words.get(self.languages[0]) or words[self.module.source_language]


Media = Callable[[str], str]
Draw = Callable[[Module, tuple[str, ...], Media], Iterable[PlanFile]]
"""Makes the pages of a package, and what they need; asks ``Media`` for each address of a file."""


def from_bytes(path: str, data: bytes) -> PlanFile:
    """Return a file that is made here."""
    return PlanFile(path, data, None, len(data), hashlib.sha256(data).hexdigest())


def from_folder(folder: Path) -> tuple[PlanFile, ...]:
    """Return every file below a folder, in order of their names."""
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
    tool: str | None = None,
    form: str = "",
    per_section: bool = False,
) -> Plan:
    """Plan a package of ``module`` in ``languages`` (all of its own unless given).

    ``adapters`` are the files of ``runtime/`` that speak to an LMS, the one to prefer first. A
    format whose pages are others than those that play with them gives ``draw`` instead. ``form``
    is the format's name, for what a participant takes out of the package. With ``per_section`` each
    section is an SCO with pages of its own.
    """
    chosen = languages_of(module, languages)
    tool = _tool(tool)
    if per_section:
        return _in_parts(module, chosen, adapters, tool, form)
    used = _Used()
    if draw is None:
        from scorm_builder import pages

        draw = partial(_played, pages.About(form, tool), adapters)
    files = list(draw(module, chosen, used))
    files += [_media_file(module, path) for path in sorted(used)]
    everything = tuple(file.path for file in files)
    sco = Sco("", module.titles, LAUNCH, everything, module.completion)
    return Plan(module, chosen, LAUNCH, tuple(files), tool, (sco,))


class _Used(set[str]):
    """The files of a module that were asked for; call it with a path to have its address."""

    def __call__(self, path: str) -> str:
        self.add(path)
        return quote(path)


def _in_parts(
    module: Module,
    languages: tuple[str, ...],
    adapters: Sequence[str],
    tool: str | None,
    form: str,
) -> Plan:
    from scorm_builder import pages, runtime
    from scorm_builder.parts import parts

    files: list[PlanFile] = []
    scos = []
    all_used: set[str] = set()
    for part in parts(module):
        used = _Used()
        about = pages.About(form, tool, part.section.id, part.asked_before)
        drawn = pages.render(part.module, languages, used, about)
        files += [from_bytes(path, html.encode()) for path, html in drawn.items()]
        own = (*drawn, *sorted(used))
        titles = part.section.titles
        rule = part.module.completion
        scos.append(Sco(part.section.id, titles, own[0], own, rule, part.counts))
        all_used |= used
    files += [*shared(), from_bytes("runtime.js", runtime.script(adapters))]
    files += [_media_file(module, path) for path in sorted(all_used)]
    return Plan(module, languages, scos[0].launch, tuple(files), tool, tuple(scos))


def _played(
    about: "About",
    adapters: Sequence[str],
    module: Module,
    languages: tuple[str, ...],
    media: Media,
) -> Iterable[PlanFile]:
    from scorm_builder import pages, runtime

    for path, html in pages.render(module, languages, media, about).items():
        yield from_bytes(path, html.encode())
    yield from shared()
    yield from_bytes("runtime.js", runtime.script(adapters))


def shared() -> Iterable[PlanFile]:
    """Return what the pages of every package refer to: the stylesheet and the icon."""
    return [from_bytes(name, data) for name, data in _shared().items()]


@cache
def _shared() -> dict[str, bytes]:
    """Return what every package carries alike: the stylesheet, with a few rules more, the icon."""
    own_rules = resources.templates() / "package" / "package.css"
    styles = (resources.static() / "minga.css").read_bytes() + own_rules.read_bytes()
    return {"minga.css": styles, "icon.svg": (resources.static() / "icon.svg").read_bytes()}


def languages_of(module: Module, wanted: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the languages of the package in the module's order, its source language first."""
    missing = [tag for tag in wanted if not choose([tag], module.languages, "")]
    if missing:
        has = ", ".join(module.languages)
        raise PlanError(f"{module.id} is not written in {', '.join(missing)}; it has {has}.")
    chosen = {choose([tag], module.languages, "") for tag in wanted} or set(module.languages)
    source = module.source_language
    return tuple(sorted(chosen, key=lambda tag: (tag != source, module.languages.index(tag))))


def _tool(address: str | None) -> str | None:
    from scorm_builder.tool_address import checked

    try:
        return None if address is None else checked(address)
    except ValueError as error:
        raise PlanError(str(error)) from None


def _media_file(module: Module, path: str) -> PlanFile:
    file = module.file(path)
    if file is None:
        raise PlanError(f"{module.id} refers to {path}, which is not among its files.")
    return PlanFile(path, None, module.folder / path, file.size, file.sha256)
