"""Collecting messages, updating catalogs, and checking them."""

from pathlib import Path

import pytest

from courseware import resources
from courseware.i18n import LANGUAGES, Interface
from courseware.i18n.catalogs import check, collect, compile_all, main, update
from courseware.i18n.messages import load, path_of

CODE = """
from courseware.i18n import Interface

TITLE = N_("Not found")
OTHER = f(name)

def show(ui: Interface, n: int) -> str:
    words = ui.gettext
    words("Write something first.")
    # Translators: the button below the text
    ui.pgettext("verb", "Post")
    ui.ngettext("%(n)s post by %(name)s", "%(n)s posts by %(name)s", n, name="A")
    return ui.ngettext("%(n)s post", "%(n)s posts", n) + _(OTHER)
"""
TEMPLATE = """<h1 title="{{ _('A title') }}">{% trans name=x %}Hello, {{ name }}{% endtrans %}</h1>
{{ ngettext("%(n)s answer", "%(n)s answers", n) }}"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("templates/module", "courseware", "scorm_builder", "lti_tool/web"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "lti_tool/web/words.py").write_text(CODE)
    (tmp_path / "templates/module/page.html").write_text(TEMPLATE)
    return tmp_path


@pytest.fixture
def translations(root: Path) -> Path:
    update(root, root / "translations")
    return root / "translations"


def translate(translations: Path, language: str, *changes: tuple[str, str]) -> None:
    path = path_of(translations, language)
    text = path.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text)


def of(root: Path, translations: Path, language: str) -> list[str]:
    lines = [line for line in check(root, translations) if line.startswith(f"{language}/")]
    return [line.removeprefix(f"{language}/LC_MESSAGES/minga.po: ") for line in lines]


def test_messages_are_collected_from_code_and_templates(root: Path) -> None:
    assert {(message.id, message.context) for message in collect(root) if message.id} == {
        ("Not found", None),
        ("Write something first.", None),
        ("Post", "verb"),
        (("%(n)s post", "%(n)s posts"), None),
        (("%(n)s post by %(name)s", "%(n)s posts by %(name)s"), None),
        ("A title", None),
        ("Hello, %(name)s", None),
        (("%(n)s answer", "%(n)s answers"), None),
    }


def test_english_is_filled_in_and_the_others_are_missing(root: Path, translations: Path) -> None:
    assert of(root, translations, "en") == []
    for language in set(LANGUAGES) - {"en"}:
        assert sorted(of(root, translations, language)) == [
            'missing: "%(n)s answer"',
            'missing: "%(n)s post by %(name)s"',
            'missing: "%(n)s post"',
            'missing: "A title"',
            'missing: "Hello, %(name)s"',
            'missing: "Not found"',
            'missing: "Post"',
            'missing: "Write something first."',
        ]


def test_a_catalog_changes_only_with_its_messages(root: Path, translations: Path) -> None:
    before = path_of(translations, "fr").read_bytes()
    code = root / "lti_tool/web/words.py"
    code.write_text("\n\n\n" + code.read_text())
    update(root, translations)
    assert path_of(translations, "fr").read_bytes() == before
    assert b"Date" not in before
    assert b"words.py\n" in before


def test_an_update_keeps_translations_and_drops_unused_messages(
    root: Path, translations: Path
) -> None:
    translate(
        translations, "es", ('msgid "A title"\nmsgstr ""', 'msgid "A title"\nmsgstr "Título"')
    )
    (root / "lti_tool/web/words.py").unlink()
    assert 'no longer used: "Not found"' in of(root, translations, "es")
    update(root, translations)
    text = path_of(translations, "es").read_text()
    assert 'msgstr "Título"' in text
    assert "Not found" not in text


@pytest.mark.parametrize(
    ("entry", "translation", "expected"),
    [
        ('msgid "Hello, %(name)s"', 'msgstr "Hola"', 'other placeholders in "Hola"'),
        ('msgid "Hello, %(name)s"', 'msgstr "Hola, %(nombre)s"',
         'other placeholders in "Hola, %(nombre)s"'),
        ('msgid "A title"', 'msgstr "100 % título"',
         'a single % in "100 % título" (write %% for the sign)'),
        ('msgid "A title"', 'msgstr "<b>Título</b>"', 'other tags in "<b>Título</b>"'),
    ],
)  # fmt: skip
def test_a_translation_has_the_placeholders_and_tags_of_its_original(
    entry: str, translation: str, expected: str, root: Path, translations: Path
) -> None:
    translate(translations, "es", (f'{entry}\nmsgstr ""', f"{entry}\n{translation}"))
    lines = of(root, translations, "es")
    assert [line.rpartition(": ")[0] for line in lines if expected in line] == [expected]


# In English, because the number of plural forms of the others depends on Babel's version.


def test_a_plural_form_may_leave_out_the_number(root: Path, translations: Path) -> None:
    translate(translations, "en", ('msgstr[0] "%(n)s post"', 'msgstr[0] "one post"'))
    assert of(root, translations, "en") == []


def test_a_plural_form_may_leave_out_nothing_else(root: Path, translations: Path) -> None:
    translate(translations, "en", ('msgstr[0] "%(n)s post by %(name)s"', 'msgstr[0] "one post"'))
    assert of(root, translations, "en") == [
        'other placeholders in "one post": "%(n)s post by %(name)s"'
    ]


def test_a_fuzzy_translation_and_a_missing_catalog(root: Path, translations: Path) -> None:
    translate(
        translations,
        "es",
        ('msgid "A title"\nmsgstr ""', '#, fuzzy\nmsgid "A title"\nmsgstr "Título"'),
    )
    path_of(translations, "ar").unlink()
    assert 'not certain (fuzzy): "A title"' in of(root, translations, "es")
    assert of(root, translations, "ar") == ["there is no such catalog. Run: make translations"]


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("Titre\u00a0: «\u00a0mot\u00a0»", True),
        ("Quoi\u202f? Oui\u202f; non\u202f!", True),
        ("À 12:30, sur https://example.org", True),
        ("Titre : mot", False),
        ("Titre: mot", False),
        ("Titre :", False),
        ("Titre\u202f: mot", False),
        ("Quoi ?", False),
        ("Quoi\u00a0?", False),
        ("Oui; non", False),
        ("« mot\u00a0»", False),
        ("«\u00a0mot »", False),
        ("«mot»", False),
    ],
)
def test_french_spaces(root: Path, translations: Path, text: str, good: bool) -> None:
    for language in ("fr", "es"):
        new = f'msgid "A title"\nmsgstr "{text}"'
        translate(translations, language, ('msgid "A title"\nmsgstr ""', new))
    wrong = [line for line in of(root, translations, "fr") if line.startswith("not a French")]
    assert wrong == ([] if good else [f'not a French space before : ; ! ? or in « »: "{text}"'])
    assert not [line for line in of(root, translations, "es") if "French" in line]


def test_arabic_says_how_its_plural_forms_are_numbered(translations: Path) -> None:
    header = path_of(translations, "ar").read_text().partition('msgid ""')[0]
    assert "msgstr[5] is for 11-99" in header


def test_the_interface_reads_the_compiled_catalogs(translations: Path) -> None:
    translate(
        translations, "es", ('msgid "A title"\nmsgstr ""', 'msgid "A title"\nmsgstr "Título"')
    )
    compile_all(translations)
    path_of(translations, "es").unlink()
    assert Interface("es", load(translations, "es")).gettext("A title") == "Título"


def test_the_commands(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("courseware.resources.translations", lambda: root / "translations")
    assert main(["check"]) == 1
    assert "there is no such catalog" in capsys.readouterr().out
    assert main(["update"]) == 0
    assert main(["compile"]) == 0
    assert path_of(root / "translations", "fr").with_suffix(".mo").is_file()
    assert main(["check"]) == 1
    assert 'fr/LC_MESSAGES/minga.po: missing: "A title"' in capsys.readouterr().out
    assert main(["what"]) == 2
    assert "update | compile | check" in capsys.readouterr().err


def test_our_own_catalogs_are_complete() -> None:
    root = resources.translations().parent
    assert list(check(root, resources.translations())) == []
