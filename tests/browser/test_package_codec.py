"""codec.js and state.js: what a person wrote comes back, whatever it was, and fits."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page

from scorm_builder import runtime

pytestmark = pytest.mark.browser

SECTIONS = ["introduction", "videos", "readings", "questions", "discussion"]
STATE: dict[str, Any] = {
    "language": "es",
    "place": "readings",
    "time": 1_790_000_040_000,
    "seen": ["introduction", "readings"],
    "answers": {"who-buys": "Las vecinas.\n\nY yo.", "who-sells": "نحن"},
    "times": {},
}
MINUTE = 60_000
WRITTEN = 1_790_000_040_000
TIMES = {
    "who-buys": {"written": WRITTEN, "changed": WRITTEN + 7 * MINUTE, "language": "es"},
    "who-sells": {"written": WRITTEN - MINUTE, "changed": WRITTEN, "language": "zh-Hant"},
}
SPANISH = (
    "En Rosario abrimos las compras del municipio a cooperativas de barrio; nos lo contó "
    "primero la gente de Montevideo, que lo había probado dos años antes. Al principio nadie "
    "creía que fuera "
    "posible: los pliegos estaban escritos para empresas grandes y los plazos de pago ahogaban a "
    "cualquiera. Lo que cambió fue sentarnos con quienes ya lo habían hecho y revisar sus errores."
)


@pytest.fixture(scope="module")
def scripted(chromium: Browser) -> Iterator[Page]:
    page = chromium.new_page()
    page.add_script_tag(content=runtime.source("codec.js") + runtime.source("state.js"))
    yield page
    page.close()


def round_trip(page: Page, texts: list[str]) -> list[str]:
    """Pack and unpack in the browser; JSON escapes carry halves of surrogate pairs, too."""
    script = "(words) => JSON.stringify(JSON.parse(words).map((text) => unpack(pack(text))))"
    return list(json.loads(page.evaluate(script, json.dumps(texts))))


def write(page: Page, state: dict[str, Any], sections: list[str] = SECTIONS) -> str:
    return str(
        page.evaluate("([state, sections]) => writeState(state, sections)", [state, sections])
    )


def read(page: Page, word: str, sections: list[str] = SECTIONS) -> Any:
    return page.evaluate("([word, sections]) => readState(word, sections)", [word, sections])


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=120), max_size=20))
def test_every_text_comes_back(scripted: Page, texts: list[str]) -> None:
    assert round_trip(scripted, texts) == texts


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.dictionaries(
        st.from_regex(r"[a-z][a-z0-9-]{0,20}", fullmatch=True),
        st.text(st.characters(codec=None, categories=None), min_size=1, max_size=200),
        max_size=6,
    ),
    st.sets(st.sampled_from(SECTIONS)),
)
def test_every_state_comes_back(scripted: Page, answers: dict[str, str], seen: set[str]) -> None:
    state = {**STATE, "answers": answers, "seen": [one for one in SECTIONS if one in seen]}
    script = """(words) => {
      const [state, sections] = JSON.parse(words);
      const word = writeState(state, sections);
      return [JSON.stringify(readState(word, sections)), word];
    }"""
    found, word = scripted.evaluate(script, json.dumps([state, SECTIONS]))
    assert json.loads(found) == {"kind": "state", "state": state}
    assert word.isascii()
    assert word.isprintable()


def test_a_state_is_one_short_word(scripted: Page) -> None:
    word = write(scripted, STATE)
    assert word.startswith("M1:")
    assert " " not in word
    assert len(word) < 90


@pytest.mark.parametrize(("copies", "characters"), [(1, 250), (4, 420), (30, 800)])
def test_long_answers_are_packed_small(scripted: Page, copies: int, characters: int) -> None:
    assert len(scripted.evaluate("(text) => pack(text)", SPANISH * copies)) <= characters


def test_the_format_is_frozen(scripted: Page) -> None:
    """Words written by the first version must be read for as long as anybody has one."""
    word = "M1:C09T:es:readings:hrfjq:F:UfuPGqUWgu:5BEhBBf8cgCrZm5WrNa8IVQXuezyvz5V6tbP5IFWjb7hHAIA"
    assert read(scripted, word) == {"kind": "state", "state": STATE}
    assert write(scripted, STATE) == word


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("", "empty"),
        ("M2:abcd:anything at all", "newer"),
        ("M17:", "newer"),
        ("M1:", "unreadable"),
        ("M1:abcd:es:readings:x:A:A:A", "unreadable"),
        ("bookmark=3&quiz=1", "unreadable"),
        ("{}", "unreadable"),
        ("M1" + ":" * 5000, "unreadable"),
    ],
)
def test_what_is_not_ours_is_told_apart(scripted: Page, word: str, kind: str) -> None:
    assert read(scripted, word) == {"kind": kind}


@pytest.mark.parametrize("timed", [(), ("who-buys",), ("who-sells",), ("who-buys", "who-sells")])
def test_the_times_of_answers_come_back_to_the_minute(scripted: Page, timed: list[str]) -> None:
    state = {**STATE, "times": {one: TIMES[one] for one in timed}}
    assert read(scripted, write(scripted, state)) == {"kind": "state", "state": state}


def test_the_times_stand_where_a_reader_without_them_reads_on(scripted: Page) -> None:
    word = write(scripted, {**STATE, "times": TIMES})
    assert word.split(":")[4] == "hrfjq.hrfjq~7~.hrfjp~1~zh-Hant"
    assert scripted.evaluate("(word) => parseInt(word, 36)", word.split(":")[4]) * MINUTE == WRITTEN


def test_a_state_cut_short_or_altered_is_unreadable(scripted: Page) -> None:
    word = write(scripted, STATE)
    script = """([word, sections]) =>
      Array.from(word, (_, i) => readState(word.slice(0, i), sections).kind)"""
    assert set(scripted.evaluate(script, [word, SECTIONS])) == {"empty", "unreadable"}
    altered = """([word, sections]) => Array.from(word, (letter, i) => {
      const other = word.slice(0, i) + (letter === "x" ? "y" : "x") + word.slice(i + 1);
      return readState(other, sections).kind;
    })"""
    assert set(scripted.evaluate(altered, [word, SECTIONS])) == {"unreadable"}


@pytest.mark.parametrize(
    ("later", "seen"),
    [
        (["new", *SECTIONS], ["introduction", "readings"]),
        (list(reversed(SECTIONS)), ["readings", "introduction"]),
        (["videos", "readings"], ["readings"]),
        ([], []),
    ],
)
def test_seen_sections_are_found_again_in_a_later_version_of_the_module(
    scripted: Page, later: list[str], seen: list[str]
) -> None:
    found = read(scripted, write(scripted, STATE), later)
    assert found["state"]["seen"] == seen
    assert found["state"]["answers"] == STATE["answers"]


def test_a_hundred_sections_cost_little(scripted: Page) -> None:
    sections = [f"section-{number}" for number in range(100)]
    state = {**STATE, "seen": sections, "answers": {}}
    word = write(scripted, state, sections)
    assert len(word) < 270
    assert read(scripted, word, sections)["state"]["seen"] == sections
