"""The sections and items that ``module.toml`` declares."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from courseware import sections
from courseware.parser.manifest_fields import ID_RULE, TOP_KEYS, identifier, is_id
from courseware.parser.report import shown
from courseware.parser.toml_table import Table
from courseware.sections.kind import Declaration, SectionKind

_DEFAULT_KIND = "text"
_RESERVED_ID = re.compile(r"main|composer|p[0-9]+")
_LONGEST_LETTER = 3


@dataclass(frozen=True, slots=True)
class SectionDeclaration:
    """A section as it is declared in ``module.toml``."""

    id: str
    kind: SectionKind
    letter: str | None


def parse_sections(top: Table) -> tuple[SectionDeclaration, ...]:
    """Return the sections, in the order of the page."""
    top.mark_known("sections")
    tables = top.values.get("sections")
    if not isinstance(tables, list) or not tables:
        top.error(
            "sections" if tables is not None else None,
            "The module has no sections.",
            'Add the lines [[sections]], id = "introduction" and kind = "text" for the first.',
        )
        return ()
    found: list[SectionDeclaration] = []
    for position, values in enumerate(tables):
        if not isinstance(values, dict):
            top.error("sections", "A section should be a table.", "Begin it with [[sections]].")
            continue
        table = top.inner(values, "sections", position)
        section = _section(table)
        if section is not None:
            _check_section(table, section, found)
            found.append(section)
    return tuple(found)


def _section(table: Table) -> SectionDeclaration | None:
    section_id = identifier(table, "id", "introduction")
    table.text("kind", _DEFAULT_KIND, required=True)
    names = tuple(kind.name for kind in sections.all())
    kind = table.choice("kind", names, _DEFAULT_KIND)
    letter = table.text("letter", "a")
    table.finish(TOP_KEYS)
    if letter is not None and len(letter) > _LONGEST_LETTER:
        table.error("letter", f'The letter "{shown(letter)}" is too long.', "Write one letter.")
    if not section_id:
        return None
    return SectionDeclaration(section_id, sections.get(kind), letter)


def _check_section(
    table: Table, section: SectionDeclaration, before: list[SectionDeclaration]
) -> None:
    kind = section.kind
    if _RESERVED_ID.fullmatch(section.id):
        table.error("id", f'The page itself uses the id "{section.id}".', "Choose another one.")
    if any(other.id == section.id for other in before):
        table.error(
            "id", f'Two sections have the id "{section.id}".', "Give one of them another id."
        )
    if kind.at_most_one and any(other.kind is kind for other in before):
        table.error(
            "kind", f"There is a second section of the kind {kind.name}.", "Keep only one of them."
        )


def parse_item_declarations(top: Table) -> dict[str, dict[str, Declaration]]:
    """Return the declared items of each kind that declares them, by kind and item id."""
    found: dict[str, dict[str, Declaration]] = {}
    for kind in sections.all():
        if kind.declares_items:
            found[kind.name] = {}
            for item_id, table in _item_tables(top, kind.name).items():
                found[kind.name][item_id] = kind.declaration(table)
                table.finish(TOP_KEYS)
    return found


def _item_tables(top: Table, key: str) -> Mapping[str, Table]:
    outer = top.table(key)
    found: dict[str, Table] = {}
    for name, values in outer.values.items() if outer else ():
        assert outer is not None
        if not is_id(name):
            outer.error(name, f'"{shown(name)}" cannot be an id.', ID_RULE)
        elif not isinstance(values, dict):
            outer.error(
                name,
                f'"{key}.{shown(name)}" should be a table.',
                f"Begin it with [{key}.{shown(name)}] on a line of its own.",
            )
        else:
            found[name] = outer.inner(values, name)
    return found
