"""Parts of a module: the whole, one section, the discussion."""

import pytest

from courseware import parts, resources
from courseware.library import Library
from courseware.module import Module


@pytest.fixture(scope="module")
def module() -> Module:
    found = Library(resources.content()).get("module-4")
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("discussion", "discussion"),
        ("section/videos", "section/videos"),
        (f"section/{'a' * 64}", f"section/{'a' * 64}"),
        (f"section/{'a' * 65}", ""),
        ("", ""),
        (None, ""),
        ("module", ""),
        ("section/", ""),
        ("section/-a", ""),
        ("section/Videos", ""),
        ("section/a/b", ""),
        ("section/../videos", ""),
        ("section/videos\n", ""),
        ("discussion ", ""),
        ("<script>", ""),
        ("section/" + "a" * 100_000, ""),
    ],
)
def test_only_valid_parts_are_read(text: str | None, part: str) -> None:
    assert parts.parse(text) == part
    assert len(part) <= parts.MOST_CHARACTERS


@pytest.mark.parametrize(
    ("part", "sections"),
    [
        ("section/introduction", ["introduction"]),
        ("section/questions", ["questions", "discussion"]),
        ("discussion", ["discussion"]),
    ],
)
def test_a_part_has_its_section_and_questions_the_discussion(
    module: Module, part: str, sections: list[str]
) -> None:
    assert part in parts.choices(module)
    assert [section.id for section in parts.only(module, part).sections] == sections


@pytest.mark.parametrize("part", ["", "section/not-there", "section/discussion"])
def test_any_other_part_is_the_whole_module(module: Module, part: str) -> None:
    assert parts.only(module, part) is module
