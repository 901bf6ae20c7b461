"""A new module is valid in every language."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courseware.parser.reader import check, read
from scorm_builder.build import build
from scorm_builder.starter import LANGUAGES, CannotBeginError, begin


@pytest.mark.parametrize("tag", [*LANGUAGES, "es-419", "qu"])
def test_a_new_module_has_no_problems(tmp_path: Path, tag: str) -> None:
    begin(tmp_path / "my-module", languages=[tag])
    assert check(tmp_path / "my-module") == ()
    module = read(tmp_path / "my-module")
    assert (module.id, module.source_language) == ("my-module", tag)
    assert {section.kind.name for section in module.sections} == {
        *("text", "readings", "questions", "discussion")
    }


def test_a_new_module_in_all_languages_can_be_built(tmp_path: Path) -> None:
    begin(tmp_path / "m", title='El "gran" módulo', languages=["pt_br", *LANGUAGES], author="Ana")
    module = read(tmp_path / "m")
    assert module.languages == ("pt-BR", *LANGUAGES)
    assert module.titles["pt-BR"] == 'El "gran" módulo'
    assert module.titles["ar"] == "وحدتي التعليمية"
    assert module.authors == ("Ana",)
    assert module.problems == ()
    assert build(module, tmp_path / "out").path.is_file()


def test_an_existing_folder_is_not_changed(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(CannotBeginError, match="nothing was touched"):
        begin(folder)
    assert [path.name for path in tmp_path.rglob("*")] == ["mine", "notes.txt"]
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotBeginError):
        begin(tmp_path / "file")


def test_an_empty_folder_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    begin(tmp_path / "empty")
    assert [path.name for path in tmp_path.iterdir()] == ["empty"]


@pytest.mark.parametrize(
    ("name", "advice"),
    [("Módulo 5", '"modulo-5"'), ("وحدة", "small letters"), ("-a", '"a"'), ("a" * 70, "aaa")],
)
def test_a_name_that_cannot_be_an_id(tmp_path: Path, name: str, advice: str) -> None:
    with pytest.raises(CannotBeginError, match=advice):
        begin(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_an_invalid_language_tag_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotBeginError, match="not the short code of a language"):
        begin(tmp_path / "a", languages=["es", "spanish please"])
    assert list(tmp_path.iterdir()) == []


@given(title=st.text(max_size=40))
def test_any_title(tmp_path_factory: pytest.TempPathFactory, title: str) -> None:
    folder = tmp_path_factory.mktemp("new") / "a"
    begin(folder, title=title)
    assert not any(problem.level == "error" for problem in check(folder))
