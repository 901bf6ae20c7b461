"""A section kind from outside: one file and its templates, without a change of any package."""

import zipfile
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from courseware import page as pages
from courseware import sections, templating
from courseware.i18n import interface
from courseware.module import Module
from courseware.parser.reader import read
from scorm_builder.build import build
from scorm_builder.translation.writing import units_of
from tests.courseware.conftest import Write
from tests.courseware.small import problems_of, toml

KIND = '''
"""Sections of terms, each with an abbreviation that module.toml declares."""

from dataclasses import dataclass
from pathlib import Path

from courseware import sections
from courseware.module import Item
from courseware.page_view import PageItem
from courseware.sections.kind import Declaration, Resource, SectionKind


@dataclass(frozen=True, slots=True)
class Term(Item):
    short: str


@dataclass(frozen=True, slots=True)
class PageTerm(PageItem):
    short: str


@dataclass(frozen=True, slots=True)
class TermDeclaration(Declaration):
    short: str


class GlossarySection(SectionKind):
    name = "glossary"
    item_name = "term"
    declares_items = True
    declaration_example = 'short = "…"'
    anchor_prefix = "t-"
    item_note = "A term of the glossary."

    def declaration(self, table):
        return TermDeclaration(table.line(), table.text("short", "SSE", required=True) or "")

    def item(self, item_id, titles, texts, declaration, context):
        return Term(item_id, titles, texts, declaration.short)

    def page_item(self, item, view, number):
        return PageTerm(**view.common(item, number), short=item.short)

    def resource(self, item):
        return Resource(None, f"https://example.org/terms/{item.id}")


sections.register(GlossarySection(), Path(__file__).parent / "templates")
'''
LIVE = (
    '<dl data-live>{% for term in section.items %}<dt id="t-{{ term.id }}">{{ term.title }} '
    "({{ term.short }})</dt><dd>{{ term.html }}</dd>{% endfor %}</dl>\n"
)
DOCUMENT = (
    '<dl>{% for term in section.items %}<dt id="t-{{ term.id }}">{{ term.title }}</dt>'
    "<dd>{{ flow(term.html) }}</dd>{% endfor %}</dl>\n"
)
CHANGES = {
    **toml(
        ('id = "readings"\nkind = "readings"', 'id = "terms"\nkind = "glossary"'),
        (
            '[readings.guide]\nfile = "media/guide.pdf"\nlanguage = "en"\n\n'
            '[readings.site]\naddress = "https://example.org/paper"',
            '[glossary.sse]\nshort = "SSE"',
        ),
    ),
    "es/introduction.md": "# Introducción\n\n![m](../media/map.png) [término](terms.md#sse)\n",
    "es/terms.md": "# Glosario\n\n## Economía social {#sse}\n\nSin *lucro*.\n",
    "ar/terms.md": "# مسرد\n\n## اقتصاد {#sse}\n",
    **dict.fromkeys(("es/readings.md", "ar/readings.md", "media/guide.pdf")),
}


@pytest.fixture
def _glossary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kind, registered by importing its file."""
    monkeypatch.setattr(sections, "_kinds", dict(sections._kinds))
    loader = templating.loader()
    monkeypatch.setattr(loader, "loaders", loader.loaders)
    for folder, text in (("module", LIVE), ("package", DOCUMENT)):
        path = tmp_path / "kind" / "templates" / folder / "sections" / "glossary.html"
        path.parent.mkdir(parents=True)
        path.write_text(text)
    path = tmp_path / "kind" / "glossary.py"
    path.write_text(KIND)
    spec = spec_from_file_location("glossary", path)
    assert spec is not None
    assert spec.loader is not None
    spec.loader.exec_module(module_from_spec(spec))


@pytest.fixture
def module(_glossary: None, write: Write) -> Module:
    return read(write(CHANGES))


def packaged(module: Module, form: str, folder: Path, name: str) -> str:
    with zipfile.ZipFile(build(module, folder, format_name=form).path) as package:
        return package.read(name).decode()


TERM = '<dl data-live><dt id="t-sse">Economía social (SSE)</dt><dd><p>Sin <em>lucro</em>.</p>'


def test_the_module_is_read(module: Module) -> None:
    section = module.sections[2]
    assert section.kind is sections.get("glossary")
    assert [(item.id, item.titles["es"]) for item in section.items] == [("sse", "Economía social")]
    assert module.problems == ()


@pytest.mark.usefixtures("_glossary")
def test_its_declarations_are_checked(write: Write) -> None:
    changes = toml(('kind = "readings"', 'kind = "glossary"'))
    missing = write({**changes, "es/readings.md": "# G\n\n## T {#term}\n"}, "missing")
    assert (
        'es/readings.md:3: error: The term "term" is not declared in module.toml.',
        'Add there: [glossary.term] and below it short = "…"',
    ) in problems_of(missing)


def test_the_live_page(module: Module) -> None:
    page = pages.build(module, "es", media=lambda path: path)
    html = templating.environment().get_template("module/page.html").render(
        page=page, ui=interface("es"), asset=str, language_href=str
    )  # fmt: skip
    assert TERM in html
    assert 'href="#t-sse"' in html


@pytest.mark.parametrize("form", ["website", "scorm12"])
def test_packages_with_scripts(module: Module, form: str, tmp_path: Path) -> None:
    assert TERM in packaged(module, form, tmp_path, "index.html")


def test_the_cartridge(module: Module, tmp_path: Path) -> None:
    manifest = packaged(module, "cc13", tmp_path, "imsmanifest.xml")
    assert "<title>Economía social</title>" in manifest
    link = packaged(module, "cc13", tmp_path / "again", "small/link-sse.xml")
    assert 'href="https://example.org/terms/sse"' in link
    html = packaged(module, "cc13", tmp_path / "page", "small/es.html")
    assert '<dl><dt id="t-sse">Economía social</dt><dd><p>Sin <em>lucro</em>.</p>' in html


def test_the_book(module: Module, tmp_path: Path) -> None:
    package = build(module, tmp_path, format_name="epub", languages=["es"]).path
    with zipfile.ZipFile(package) as book:
        assert "Economía social" in book.read("EPUB/part-terms.xhtml").decode()


def test_the_translation_units(module: Module) -> None:
    notes = {unit.id: unit.note for unit in units_of(module, "fr")}
    assert notes["terms.sse:title"] == "A term of the glossary."


def test_a_name_is_registered_once() -> None:
    with pytest.raises(ValueError, match="'text' is already registered"):
        sections.register(sections.get("text"))
