"""The modules that are shipped keep what they promise to readers and to the scripts beside them."""

import re
import tomllib
from pathlib import Path

import pytest

import scorm_builder
from courseware.i18n.catalogs import FRENCH_SPACE
from courseware.parser.reader import check, read
from scorm_builder import plan
from scorm_builder.translation import record
from scorm_builder.translation.writing import units_of

CONTENT = Path(__file__).resolve().parents[2] / "content"
MODULES = sorted(path.parent for path in CONTENT.glob("*/module.toml"))


@pytest.mark.parametrize("folder", MODULES, ids=lambda folder: folder.name)
def test_nothing_is_left_to_mend(folder):
    assert [str(problem) for problem in check(folder)] == []


@pytest.mark.parametrize("folder", MODULES, ids=lambda folder: folder.name)
def test_every_translation_is_of_the_source_as_it_is_now(folder):
    module = read(folder)
    for language in set(module.languages) - {module.source_language}:
        known = record.read(folder / language)
        found = units_of(module, language)
        assert {unit.key for unit in found} == set(known)
        assert {unit.key for unit in found if unit.status != "translated"} == set()


@pytest.mark.parametrize("folder", MODULES, ids=lambda folder: folder.name)
def test_what_is_kept_for_translators_stays_at_home(folder):
    module = read(folder)
    assert list(folder.glob("*/.translated.toml"))
    packed = [file.path for file in plan.make(module).files]
    assert not [path for path in (*packed, *(one.path for one in module.files)) if "/." in path]


def test_module_4_is_whole_in_its_four_languages():
    module = read(CONTENT / "module-4")
    languages = {"es", "en", "fr", "pt"}
    assert module.source_language == "es"
    assert [section.letter for section in module.sections] == ["a", "b", "c", "d", None]
    for section in module.sections:
        assert set(section.texts) == languages
        for item in section.items:
            assert set(item.titles) == languages
            assert set(item.texts) == languages
    (video,) = module.sections[1].items
    assert set(video.captions) == set(video.transcripts) == languages


def test_the_example_shows_every_kind_of_section():
    module = read(CONTENT / "how-to-write-a-module")
    kinds = {section.kind.name for section in module.sections}
    assert kinds == {"text", "videos", "readings", "questions", "discussion"}
    (section,) = [one for one in module.sections if one.kind.name == "videos"]
    assert [bool(video.file) for video in section.items] == [True, False]


def test_french_signs_do_not_stand_alone_at_the_start_of_a_line():
    breakable = re.compile(r" [:;!?»]|« ")
    loose = [
        f"{path.relative_to(CONTENT)}: {line}"
        for path in [*CONTENT.glob("*/fr/*.md"), *CONTENT.glob("*/media/*.fr.vtt")]
        for line in path.read_text(encoding="utf-8").splitlines()
        if breakable.search(line)
    ]
    assert loose == []


def test_french_titles_and_summaries_keep_their_signs_too():
    for folder in MODULES:
        facts = tomllib.loads((folder / "module.toml").read_text(encoding="utf-8"))
        for key in ("title", "series", "summary", "cover_text"):
            assert not re.search(r" [:;!?»]|« ", facts[key].get("fr", ""))


def test_all_content_together_is_light():
    assert sum(path.stat().st_size for path in CONTENT.rglob("*") if path.is_file()) < 6_000_000


def test_french_texts_have_the_spaces_of_the_interface():
    folders = [*CONTENT.glob("*/fr"), Path(scorm_builder.__file__).parent / "starter" / "fr"]
    files = [file for folder in folders for file in folder.iterdir() if file.suffix == ".md"]
    assert len(files) > 6
    for file in files:
        text = re.sub(r"`[^`]*`|\]\([^)]*\)", "", file.read_text(encoding="utf-8"))
        assert not FRENCH_SPACE.search(text), file
