"""Translation state, export and import of a module."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from courseware.parser.reader import check, read
from scorm_builder.starter import begin
from scorm_builder.translation import po, xliff
from scorm_builder.translation.entries import Entry, Exchange, ExchangeError
from scorm_builder.translation.writing import ImportResult, accept, import_exchange, units_of

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    begin(tmp_path / "mine", title="Mi mercado", languages=["es"])
    return tmp_path / "mine"


def statuses(folder: Path, language: str = "fr") -> dict[str, int]:
    counts: dict[str, int] = {}
    for unit in units_of(read(folder), language):
        counts[unit.status] = counts.get(unit.status, 0) + 1
    return counts


def sent_back(
    folder: Path, translate: Callable[[str], str] = lambda text: text, language: str = "fr"
) -> ImportResult:
    module = read(folder)
    entries = [
        Entry(unit.id, unit.source, translate(unit.source), True)
        for unit in units_of(module, language)
    ]
    return import_exchange(module, language, Exchange("es", language, tuple(entries)))


def change(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text("utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new), "utf-8")


def test_a_new_language(folder: Path) -> None:
    assert set(statuses(folder)) == {"missing"}
    result = sent_back(folder, lambda text: text.replace("módulo", "MODULE"))
    assert result.messages == []
    assert set(statuses(folder)) == {"translated"}
    module = read(folder)
    assert module.languages == ("es", "fr")
    assert module.problems == ()
    for name in ("introduction", "readings", "questions", "discussion"):
        source = (folder / f"es/{name}.md").read_text("utf-8")
        translation = (folder / f"fr/{name}.md").read_text("utf-8")
        assert translation == source.replace("módulo", "MODULE")


def test_comments_and_order_of_module_toml_are_preserved(folder: Path) -> None:
    before = (folder / "module.toml").read_text("utf-8").splitlines()
    sent_back(folder)
    after = (folder / "module.toml").read_text("utf-8").splitlines()
    added = [line for line in after if line not in before]
    assert [line[:12] for line in added] == [
        "languages = ",
        'fr = "Mi mer',
        'fr = "Una o ',
        'fr = "Dibujo',
    ]
    assert "# a folder for each" in added[0]


@pytest.mark.parametrize("form", [xliff, po])
@pytest.mark.parametrize("name", ["module-4", "how-to-write-a-module"])
def test_round_trip_of_our_modules(tmp_path: Path, form: object, name: str) -> None:
    folder = tmp_path / name
    shutil.copytree(ROOT / "content" / name, folder, ignore=shutil.ignore_patterns("sources"))
    module = read(folder)
    source = module.source_language
    found = form.read(form.write(units_of(module, "qu"), source, "qu").encode())  # type: ignore[attr-defined]
    entries = tuple(replace(one, target=one.source, done=True) for one in found.entries)
    assert import_exchange(module, "qu", replace(found, entries=entries)).messages == []
    for path in (folder / source).iterdir():
        translation = (folder / "qu" / path.name).read_text("utf-8")
        assert " ".join(translation.split()) == " ".join(path.read_text("utf-8").split())
    assert not any(problem.level == "error" for problem in check(folder))


def test_only_a_changed_paragraph_is_outdated(folder: Path) -> None:
    sent_back(folder)
    change(folder, "es/introduction.md", "- algo que la gente", "- lo que la gente")
    change(folder, "es/introduction.md", "## Qué", "Un párrafo más.\n\n## Qué")
    units = [unit for unit in units_of(read(folder), "fr") if unit.status != "translated"]
    assert [(unit.status, unit.source[:9]) for unit in units] == [
        ("missing", "Un párraf"),
        ("outdated", "- lo que "),
    ]
    assert units[1].target
    assert units[1].target.startswith("- algo que la gente")
    assert units[1].line == 9


def test_a_changed_title_is_outdated(folder: Path) -> None:
    sent_back(folder)
    change(folder, "es/questions.md", "¿Qué sabes de esto", "¿Qué has visto de esto")
    change(folder, "module.toml", 'es = "Mi mercado"', 'es = "Otro mercado"')
    found = [unit.id for unit in units_of(read(folder), "fr") if unit.status == "outdated"]
    assert found == ["_module:title", "questions.own-life:title"]


def test_moved_paragraphs_keep_their_translations(folder: Path) -> None:
    sent_back(folder, lambda text: text.replace("algo", "ALGO"))
    text = (folder / "es/introduction.md").read_text("utf-8")
    one, two = (
        "- algo que la gente podrá hacer después de leerlo,",
        "- y algo que verá de otra manera.",
    )
    (folder / "es/introduction.md").write_text(
        text.replace(one, "@").replace(two, one).replace("@", two), "utf-8"
    )
    assert statuses(folder).keys() == {"translated"}


def test_existing_translations_can_be_accepted(folder: Path) -> None:
    shutil.copytree(folder / "es", folder / "fr")
    change(folder, "module.toml", 'languages = ["es"]', 'languages = ["es", "fr"]')
    change(folder, "fr/discussion.md", "Este aviso", "Primero.\n\nEste aviso")
    assert statuses(folder)["apart"] == 1
    accept(read(folder), "fr")
    assert "apart" not in statuses(folder)
    assert "outdated" not in statuses(folder)
    change(folder, "es/discussion.md", "Este aviso", "Esta nota")
    assert statuses(folder)["outdated"] == 1


def test_an_incomplete_text_is_not_written(folder: Path) -> None:
    module = read(folder)
    first, *rest = [unit for unit in units_of(module, "fr") if unit.key == "introduction"]
    title = Entry("introduction:title", "Introducción", "Introduction", True)
    entries = [title, *(Entry(one.id, one.source, "Un.", True) for one in rest[:0])]
    result = import_exchange(
        module, "fr", Exchange("es", "fr", (*entries, Entry(first.id, "", "Un.", True)))
    )
    assert result.written == []
    assert f"introduction: {len(rest)} of {len(rest) + 1} paragraphs" in result.messages[0]
    assert not (folder / "fr").exists()


@pytest.mark.parametrize(
    ("unit", "target", "words"),
    [
        ("discussion", "Un.\n\n# Autre section\n\n## Piège {#trap}", "not one paragraph"),
        ("discussion", "- une liste", "not one paragraph"),
        ("discussion:title", "Forum {#trap}", "cannot be a title"),
        ("discussion:title", "<!-- -->", "cannot be a title"),
    ],
)
def test_translations_cannot_change_the_structure(
    folder: Path, unit: str, target: str, words: str
) -> None:
    module = read(folder)
    entries = tuple(
        Entry(one.id, one.source, target if one.key == unit else one.source, True)
        for one in units_of(module, "fr")
    )
    result = import_exchange(module, "fr", Exchange("", "", entries))
    assert any(words in line for line in result.messages)
    assert "fr/discussion.md" not in result.written
    assert "fr/introduction.md" in result.written


def test_unfinished_units_are_not_imported(folder: Path) -> None:
    sent_back(folder)
    change(folder, "es/discussion.md", "Este aviso", "Esta nota")
    module = read(folder)
    (unit,) = [one for one in units_of(module, "fr") if one.status == "outdated"]
    for entry in (
        Entry(unit.id, unit.source, unit.target or "", None),
        Entry(unit.id, unit.source, "Nouveau.", False),
        Entry(unit.id, unit.source, " ", True),
    ):
        assert import_exchange(module, "fr", Exchange("es", "fr", (entry,))).imported == 0
    new = Entry(unit.id, unit.source, "Nouveau.", None)
    result = import_exchange(module, "fr", Exchange("es", "fr", (new,)))
    assert result.written == ["fr/discussion.md"]
    assert set(statuses(folder)) == {"translated"}


def test_a_file_of_other_languages_is_rejected(folder: Path) -> None:
    with pytest.raises(ExchangeError, match='translated to "de", not "fr"'):
        import_exchange(read(folder), "fr", Exchange("es", "de", ()))
    with pytest.raises(ExchangeError, match='translated from "en", not "es"'):
        import_exchange(read(folder), "fr", Exchange("en", "fr", ()))


def test_items_that_the_source_lacks_are_not_deleted(folder: Path) -> None:
    sent_back(folder)
    with (folder / "fr/questions.md").open("a", encoding="utf-8") as file:
        file.write("\n## Mine {#mine}\n")
    result = sent_back(folder, lambda text: text.replace("pista", "PISTA"))
    assert any("take out what the source has not: ['mine']" in line for line in result.messages)
    assert "PISTA" not in (folder / "fr/questions.md").read_text("utf-8")


@pytest.mark.parametrize("text", ["", "[texts]\n'a' = 3", "{", "[texts]\ndiscussion = ['x', 'y']"])
def test_invalid_records_are_ignored(folder: Path, text: str) -> None:
    sent_back(folder)
    (folder / "fr/.translated.toml").write_text(text)
    assert sum(statuses(folder).values()) > 10
