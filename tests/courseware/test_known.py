"""What was made of a text is not made again, and is never out of date."""

import json
from pathlib import Path
from typing import Any

import pytest

from courseware import markdown
from courseware.known import Memory, using
from courseware.markdown import Part, module_html, parts, plain_title
from courseware.page import build
from courseware.reader import check, read
from tests.support.small_module import write_module

TEXT = """
## Where {#where}

See [the market](#market "Here")
and ![a map](../media/map.png), <b>now</b>.

[Again](#market)
"""


def after_a_night(memory: Memory) -> Memory:
    """A memory as the next process has it: from JSON."""
    return Memory(json.loads(json.dumps(memory.used)))


@pytest.fixture
def unparsed(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Call it, and nothing can be parsed from then on."""

    def forbid() -> None:
        markdown.parse.cache_clear()
        monkeypatch.setattr(markdown, "_module_parser", None)
        monkeypatch.setattr(markdown, "_module_cleaner", None)

    return forbid


def drawn(lead: str = "there") -> str:
    return module_html(TEXT, address=lambda address: f"{lead}-{address.lstrip('#')}")


def test_the_parts_of_a_text() -> None:
    assert parts(TEXT) == [
        Part(1, "place", "where"),
        Part(3, "link", "#market"),
        Part(4, "picture", "../media/map.png", "a map"),
        Part(4, "html", "<b>"),
        Part(4, "html", "</b>"),
        Part(6, "link", "#market"),
    ]


def test_what_is_known_needs_no_parser(unparsed: Any) -> None:
    memory = Memory()
    with using(memory):
        before = drawn(), parts(TEXT), plain_title("*Why*")
    assert memory.changed
    unparsed()
    later = after_a_night(memory)
    with using(later):
        assert (drawn(), parts(TEXT), plain_title("*Why*")) == before
    assert not later.changed
    with using(later), pytest.raises(TypeError):
        module_html(TEXT + "more", address=str)


def test_where_links_lead_is_asked_each_time() -> None:
    memory = Memory()
    with using(memory):
        drawn()
    later = after_a_night(memory)
    asked: list[str] = []
    with using(later):
        assert 'href="here-market"' in drawn("here")
        module_html(TEXT, address=lambda address: asked.append(address) or f"here-{address}")
    assert {"#market", "../media/map.png"} <= set(asked)


def test_a_heading_of_another_level_is_another_text() -> None:
    with using(Memory()):
        found = [module_html("## A", address=str, heading_base=base) for base in (3, 4)]
    assert found == ["<h3>A</h3>\n", "<h4>A</h4>\n"]


def test_outside_nothing_is_remembered(unparsed: Any) -> None:
    with using(Memory()):
        drawn()
    unparsed()
    with pytest.raises(TypeError):
        drawn()


def test_only_what_was_used_is_kept() -> None:
    memory = Memory()
    with using(memory):
        parts("one")
        parts("two")
    later = after_a_night(memory)
    with using(later):
        parts("two")
    assert later.changed
    assert len(later.used) == 1


def test_a_module_is_read_and_drawn_alike(tmp_path: Path, unparsed: Any) -> None:
    folder = write_module(tmp_path)
    text = folder / "es/introduction.md"
    text.write_text(text.read_text("utf-8") + f"\n{TEXT}\n[?](#nowhere-at-all)\n", "utf-8")
    said = check(folder)
    assert {problem.level for problem in said} == {"error", "warning"}
    memory = Memory()
    with using(memory):
        assert check(folder) == said
    whole = write_module(tmp_path / "whole")
    with using(memory):
        module = read(whole)
        page = build(module, "es", media=str)
    unparsed()
    with using(after_a_night(memory)):
        assert check(folder) == said
        assert read(whole) == module
        assert build(module, "es", media=str) == page
