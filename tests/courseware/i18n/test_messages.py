"""Messages, dates and numbers in the language of the reader."""

import multiprocessing
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from courseware import resources
from courseware.i18n import LANGUAGES, Interface, fill, interface
from courseware.i18n.catalogs import compile_catalog
from courseware.i18n.messages import load

PO = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "Hello, %(name)s"
msgstr "Hola, %(name)s"

msgid "Goodbye, %(name)s"
msgstr "Adiós, %(nombre)s"

msgid "%(n)s post"
msgid_plural "%(n)s posts"
msgstr[0] "%(n)s aporte"
msgstr[1] "%(n)s aportes"

msgctxt "verb"
msgid "Post"
msgstr "Publicar"

msgid "All 100%%"
msgstr "Todo, 100 %%"
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    path = tmp_path / "es/LC_MESSAGES/minga.po"
    path.parent.mkdir(parents=True)
    path.write_text(PO)
    return tmp_path


@pytest.fixture
def ui(root: Path) -> Interface:
    return Interface("es", load(root, "es"))


def test_placeholders_are_filled_in(ui: Interface) -> None:
    assert ui.gettext("Hello, %(name)s", name="Ana") == "Hola, Ana"
    assert ui.pgettext("verb", "Post") == "Publicar"
    assert ui.gettext("Post") == "Post"
    assert ui.gettext("All 100%%") == "Todo, 100 %"


def test_the_number_of_a_plural_is_formatted(ui: Interface) -> None:
    shown = [ui.ngettext("%(n)s post", "%(n)s posts", n) for n in (1, 2, 12_345)]
    assert shown == ["1 aporte", "2 aportes", "12.345 aportes"]


def test_the_original_replaces_a_translation_with_an_unknown_placeholder(
    ui: Interface,
) -> None:
    assert ui.gettext("Goodbye, %(name)s", name="Ana") == "Goodbye, Ana"
    assert fill("50% d", "50% d", {}) == "50% d"


def test_without_a_catalog_messages_are_english(tmp_path: Path) -> None:
    assert Interface("fr", load(tmp_path, "fr")).gettext("Publish") == "Publish"


def test_in_a_checkout_a_missing_or_outdated_compiled_catalog_is_built(root: Path) -> None:
    po = root / "es/LC_MESSAGES/minga.po"
    mo = po.with_suffix(".mo")
    assert Interface("es", load(root, "es")).pgettext("verb", "Post") == "Publicar"
    assert mo.is_file()
    po.write_text(PO.replace("Publicar", "Enviar"))
    os.utime(mo, (1, 1))
    assert Interface("es", load(root, "es")).pgettext("verb", "Post") == "Enviar"


def test_a_catalog_can_be_compiled_many_times_at_once(root: Path) -> None:
    po = root / "es/LC_MESSAGES/minga.po"
    start = threading.Barrier(8)

    def compile_and_load(_: int) -> str:
        start.wait(10)
        compile_catalog(po, "es")
        return Interface("es", load(root, "es")).pgettext("verb", "Post")

    with ThreadPoolExecutor(8) as pool:
        for _ in range(20):
            assert set(pool.map(compile_and_load, range(8))) == {"Publicar"}
    assert {file.name for file in po.parent.iterdir()} == {"minga.po", "minga.mo"}


def test_processes_compile_a_catalog_at_the_same_time(root: Path) -> None:
    po = root / "es/LC_MESSAGES/minga.po"
    start = multiprocessing.get_context("spawn")
    together = start.Barrier(3)
    processes = [start.Process(target=_compile_often, args=(po, together.wait)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert {file.name for file in po.parent.iterdir()} == {"minga.po", "minga.mo"}


def _compile_often(po: Path, wait: Callable[[float], object]) -> None:
    for _ in range(20):
        wait(30)
        compile_catalog(po, "es")


def test_where_the_folder_is_read_only_an_outdated_catalog_is_compiled_in_memory(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError

    monkeypatch.setattr("tempfile.mkstemp", refuse)
    assert Interface("es", load(root, "es")).pgettext("verb", "Post") == "Publicar"


def test_an_installed_catalog_is_used_as_it_is(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    po = root / "es/LC_MESSAGES/minga.po"
    os.utime(compile_catalog(po, "es"), (1, 1))
    po.write_text(PO.replace("Publicar", "Enviar"))
    monkeypatch.setattr(resources, "installed", lambda: True)
    assert Interface("es", load(root, "es")).pgettext("verb", "Post") == "Publicar"


def test_fuzzy_translations_are_not_used(root: Path) -> None:
    po = root / "es/LC_MESSAGES/minga.po"
    po.write_text(PO.replace('msgctxt "verb"', '#, fuzzy\nmsgctxt "verb"'))
    assert Interface("es", load(root, "es")).pgettext("verb", "Post") == "Post"


@pytest.mark.parametrize(
    ("asked", "lang", "dir_"),
    [("es-419", "es", "ltr"), ("pt_BR", "pt", "ltr"), ("ar-EG", "ar", "rtl"), ("de", "en", "ltr")],
)
def test_the_nearest_language_of_the_interface(asked: str, lang: str, dir_: str) -> None:
    ui = interface(asked)
    assert (ui.lang, ui.dir) == (lang, dir_)
    assert interface(asked) is ui


MOMENT = datetime(2026, 3, 4, 15, 6, 7, tzinfo=UTC)


def plain(text: str) -> str:
    """Return a text with ordinary spaces, and without marks of direction."""
    return text.replace("\u202f", " ").replace("\u00a0", " ").replace("\u200f", "")


FORMATS = {
    "es": ("4 de marzo de 2026", "4 mar 2026, 15:06", "1.234,5", "2,8 MB"),
    "en": ("March 4, 2026", "Mar 4, 2026, 3:06 PM", "1,234.5", "2.8 MB"),
    "fr": ("4 mars 2026", "4 mars 2026, 15:06", "1 234,5", "2,8 Mo"),
    "pt": ("4 de março de 2026", "4 de mar. de 2026 15:06", "1.234,5", "2,8 MB"),
    "ar": ("4 مارس 2026", "4 مارس 2026، 3:06 م", "1,234.5", "2.8 ميغابايت"),
}


@pytest.mark.parametrize(
    ("language", "names", "expected"),
    [
        ("en", ["Ana"], "Ana"),
        ("es", ["Ana", "Bo"], "Ana y Bo"),
        ("fr", ["Ana", "Bo", "Cy"], "Ana, Bo et Cy"),
        ("ar", ["أنا", "بو", "سي"], "أنا وبو وسي"),
        ("en", ["{0}", "{1}", "{x}"], "{0}, {1}, and {x}"),
    ],
)
def test_names_are_joined_as_in_a_sentence(language: str, names: list[str], expected: str) -> None:
    assert interface(language).listed(names) == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_dates_numbers_and_sizes(language: str) -> None:
    ui = interface(language)
    shown = (
        ui.date(date(2026, 3, 4)),
        ui.datetime(MOMENT),
        ui.number(1234.5),
        ui.size(2_800_000),
    )
    assert tuple(map(plain, shown)) == tuple(map(plain, FORMATS[language]))


def test_time_zones() -> None:
    ui = interface("es")
    lima = timezone(timedelta(hours=-5))
    assert plain(ui.datetime(MOMENT, zone=lima)) == "4 mar 2026, 10:06"
    assert ui.datetime(MOMENT.replace(tzinfo=None)) == ui.datetime(MOMENT)


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (0, "0 kB"),
        (440, "0.4 kB"),
        (9_940, "9.9 kB"),
        (44_000, "44 kB"),
        (999_499, "999 kB"),
        (999_999, "1 MB"),
        (25_400_000, "25 MB"),
        (3_000_000_000, "3 GB"),
        (5e15, "5,000,000 GB"),
    ],
)
def test_sizes(size: float, shown: str) -> None:
    assert interface("en").size(size) == shown


@pytest.mark.parametrize(
    ("language", "seconds", "shown"),
    [
        ("en", 0, "0 sec"),
        ("en", 59.6, "1 min"),
        ("en", 150, "2 min 30 sec"),
        ("en", 3600, "1 hour"),
        ("en", 3905, "1 hour 5 min"),
        ("es", 3600, "1 hora"),
        ("es", 9000, "2 horas 30 min"),
        ("fr", 150, "2 min 30 s"),
        ("pt", 3600, "1 hora"),
        ("ar", 3600, "ساعة"),
        ("ar", 122, "دقيقتان وثانيتان"),
        ("ar", 2700, "45 دقيقة"),
    ],
)
def test_durations(language: str, seconds: float, shown: str) -> None:
    assert plain(interface(language).duration(seconds)) == shown
    assert interface(language).duration(minutes=seconds / 60) == interface(language).duration(
        seconds
    )
