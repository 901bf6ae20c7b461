"""The items of a section, joined from its files in all languages and from ``module.toml``.

The source language decides which items there are and their order; other languages translate them.
"""

from collections.abc import Collection, Mapping, Sequence

from courseware import sections as kinds
from courseware.module import Item, Section
from courseware.parser.context import ParserContext
from courseware.parser.folder import MANIFEST
from courseware.parser.manifest import Manifest
from courseware.parser.manifest_sections import SectionDeclaration
from courseware.parser.report import Report, did_you_mean, listed
from courseware.parser.section_file import ItemFile, SectionFile
from courseware.sections.kind import Declaration, SectionKind


def parse_items(
    section: SectionDeclaration,
    files: Mapping[str, SectionFile],
    declared: Mapping[str, Declaration],
    context: ParserContext,
) -> tuple[Item, ...]:
    """Return the items of a section; ``declared`` are those of its kind in ``module.toml``."""
    kind = section.kind
    if kind.item_name is None:
        return ()
    found = []
    for item_id, item in _join(kind.item_name, files, context.source, context.report).items():
        declaration = declared.get(item_id)
        if kind.declares_items and declaration is None:
            _report_undeclared(kind, item_id, item[context.source], declared, context.report)
            continue
        titles = {language: file.title for language, file in item.items()}
        texts = {language: file.text for language, file in item.items()}
        found.append(kind.item(item_id, titles, texts, declaration, context))
    return tuple(found)


def _join(
    word: str, files: Mapping[str, SectionFile], source: str, report: Report
) -> dict[str, dict[str, ItemFile]]:
    """Return the items in the order of the source language: by id, then by language."""
    original = files[source]
    if not original.items and not original.failed:
        report.error(
            original.text.file,
            None,
            f"The section has no {word}.",
            f"Begin each {word} with a line such as: ## Title {{#my-id}}",
        )
    items = {name: {source: item} for name, item in original.items.items()}
    for language, file in files.items():
        if language == source or original.failed or not items:
            continue
        for name, item in file.items.items():
            if name in items:
                items[name][language] = item
            else:
                report.warning(
                    file.text.file,
                    item.line,
                    f'The {word} "{name}" is not in the source language, so nobody will see it.',
                    did_you_mean(name, items, f"Write it in {original.text.file} too."),
                )
        missing = [name for name in items if language not in items[name]]
        if missing and not file.failed:
            report.warning(
                file.text.file,
                None,
                f"Not translated yet: {listed(missing)}.",
                f"Until then they are shown in {source}.",
            )
    return items


def _report_undeclared(
    kind: SectionKind, item_id: str, item: ItemFile, declared: Collection[str], report: Report
) -> None:
    report.error(
        item.text.file,
        item.line,
        f'The {kind.item_name} "{item_id}" is not declared in {MANIFEST}.',
        did_you_mean(
            item_id,
            declared,
            f"Add there: [{kind.name}.{item_id}] and below it {kind.declaration_example}",
        ),
    )


def report_unused_declarations(
    manifest: Manifest, sections: Sequence[Section], unread: Collection[str], report: Report
) -> None:
    """Report the items that ``module.toml`` declares and no section's file contains.

    ``unread`` are the ids of sections whose files could not be parsed completely.
    """
    for name, declared in manifest.declared_items.items():
        homes = [section for section in manifest.sections if section.kind.name == name]
        if not manifest.sections or any(section.id in unread for section in homes):
            continue
        used = {
            item.id for section in sections if section.kind.name == name for item in section.items
        }
        for item_id, declaration in declared.items():
            if item_id in used:
                continue
            report.error(
                MANIFEST,
                declaration.line,
                f'The {kinds.get(name).item_name} "{item_id}" is declared here but shown nowhere.',
                f"Add a line to {manifest.source}/{homes[0].id}.md: ## Title {{#{item_id}}}"
                if homes
                else f'Add a section of the kind "{name}", or remove these lines.',
            )
