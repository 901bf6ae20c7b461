"""The section kinds: one file each, with all that distinguishes the kind from the others.

A kind defines its keys in ``module.toml``, how its items are parsed and checked, what the page
shows, what is translated, and how packages represent it (see :class:`SectionKind`). Its templates
are ``module/sections/<name>.html`` (live page and packages with scripts) and
``package/sections/<name>.html`` (books, paper, cartridges).

To add a kind from outside, subclass :class:`SectionKind` and call :func:`register` before the first
module is read.
"""

from pathlib import Path

from courseware import templating
from courseware.sections.discussion import DiscussionSection
from courseware.sections.kind import SectionKind
from courseware.sections.questions import QuestionsSection
from courseware.sections.readings import ReadingsSection
from courseware.sections.text import TextSection
from courseware.sections.videos import VideosSection

_kinds: dict[str, SectionKind] = {}


def register(kind: SectionKind, templates: Path | None = None) -> None:
    """Add a section kind; ``templates`` is a folder with its templates.

    Raises ValueError if a kind of that name exists.
    """
    if kind.name in _kinds:
        raise ValueError(f"The section kind {kind.name!r} is already registered.")
    _kinds[kind.name] = kind
    if templates is not None:
        templating.add_folder(templates)


def get(name: str) -> SectionKind:
    """Return the section kind of that name. Raises KeyError if there is none."""
    return _kinds[name]


def all() -> tuple[SectionKind, ...]:  # noqa: A001 - used as sections.all()
    """Return every section kind, in the order of registration."""
    return tuple(_kinds.values())


for _kind in (
    TextSection(),
    VideosSection(),
    ReadingsSection(),
    QuestionsSection(),
    DiscussionSection(),
):
    register(_kind)
