"""codec.js and state.js: every state is decoded without loss and stays within its limits."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
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
    """Pack and unpack in the browser; JSON escapes also transport lone surrogates."""
    script = "(json) => JSON.stringify(JSON.parse(json).map((text) => unpack(pack(text))))"
    return list(json.loads(page.evaluate(script, json.dumps(texts))))


def write(page: Page, state: dict[str, Any], sections: list[str] = SECTIONS) -> str:
    return str(
        page.evaluate("([state, sections]) => writeState(state, sections)", [state, sections])
    )


def read(page: Page, encoded: str, sections: list[str] = SECTIONS) -> Any:
    return page.evaluate(
        "([encoded, sections]) => readState(encoded, sections)", [encoded, sections]
    )


@settings(max_examples=40)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=120), max_size=20))
def test_round_trip_of_texts(scripted: Page, texts: list[str]) -> None:
    assert round_trip(scripted, texts) == texts


@settings(max_examples=30)
@given(
    st.dictionaries(
        st.from_regex(r"[a-z][a-z0-9-]{0,20}", fullmatch=True),
        st.text(st.characters(codec=None, categories=None), min_size=1, max_size=200),
        max_size=6,
    ),
    st.sets(st.sampled_from(SECTIONS)),
)
def test_round_trip_of_states(scripted: Page, answers: dict[str, str], seen: set[str]) -> None:
    state = {**STATE, "answers": answers, "seen": [one for one in SECTIONS if one in seen]}
    script = """(json) => {
      const [state, sections] = JSON.parse(json);
      const encoded = writeState(state, sections);
      return [JSON.stringify(readState(encoded, sections)), encoded];
    }"""
    found, encoded = scripted.evaluate(script, json.dumps([state, SECTIONS]))
    assert json.loads(found) == {"kind": "state", "state": state}
    assert encoded.isascii()
    assert encoded.isprintable()


def test_a_state_is_encoded_in_few_characters_without_spaces(scripted: Page) -> None:
    encoded = write(scripted, STATE)
    assert encoded.startswith("M1:")
    assert " " not in encoded
    assert len(encoded) < 90


@pytest.mark.parametrize(("copies", "characters"), [(1, 250), (4, 420), (30, 800)])
def test_long_answers_are_compressed(scripted: Page, copies: int, characters: int) -> None:
    assert len(scripted.evaluate("(text) => pack(text)", SPANISH * copies)) <= characters


def test_the_format_is_frozen(scripted: Page) -> None:
    """States written by the first version must stay readable."""
    encoded = (
        "M1:C09T:es:readings:hrfjq:F:UfuPGqUWgu:5BEhBBf8cgCrZm5WrNa8IVQXuezyvz5V6tbP5IFWjb7hHAIA"
    )
    assert read(scripted, encoded) == {"kind": "state", "state": STATE}
    assert write(scripted, STATE) == encoded


@pytest.mark.parametrize(
    ("encoded", "kind"),
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
def test_foreign_states_are_recognized(scripted: Page, encoded: str, kind: str) -> None:
    assert read(scripted, encoded) == {"kind": kind}


@pytest.mark.parametrize("timed", [(), ("who-buys",), ("who-sells",), ("who-buys", "who-sells")])
def test_the_times_of_answers_are_stored_to_the_minute(scripted: Page, timed: list[str]) -> None:
    state = {**STATE, "times": {one: TIMES[one] for one in timed}}
    assert read(scripted, write(scripted, state)) == {"kind": "state", "state": state}


def test_the_times_do_not_change_how_older_versions_parse_the_state(scripted: Page) -> None:
    encoded = write(scripted, {**STATE, "times": TIMES})
    assert encoded.split(":")[4] == "hrfjq.hrfjq~7~.hrfjp~1~zh-Hant"
    assert (
        scripted.evaluate("(encoded) => parseInt(encoded, 36)", encoded.split(":")[4]) * MINUTE
        == WRITTEN
    )


def test_a_truncated_or_altered_state_is_unreadable(scripted: Page) -> None:
    encoded = write(scripted, STATE)
    script = """([encoded, sections]) =>
      Array.from(encoded, (_, i) => readState(encoded.slice(0, i), sections).kind)"""
    assert set(scripted.evaluate(script, [encoded, SECTIONS])) == {"empty", "unreadable"}
    altered = """([encoded, sections]) => Array.from(encoded, (letter, i) => {
      const other = encoded.slice(0, i) + (letter === "x" ? "y" : "x") + encoded.slice(i + 1);
      return readState(other, sections).kind;
    })"""
    assert set(scripted.evaluate(altered, [encoded, SECTIONS])) == {"unreadable"}


@pytest.mark.parametrize(
    ("later", "seen"),
    [
        (["new", *SECTIONS], ["introduction", "readings"]),
        (list(reversed(SECTIONS)), ["readings", "introduction"]),
        (["videos", "readings"], ["readings"]),
        ([], []),
    ],
)
def test_seen_sections_survive_a_new_version_of_the_module(
    scripted: Page, later: list[str], seen: list[str]
) -> None:
    found = read(scripted, write(scripted, STATE), later)
    assert found["state"]["seen"] == seen
    assert found["state"]["answers"] == STATE["answers"]


def test_a_hundred_sections_are_encoded_in_few_characters(scripted: Page) -> None:
    sections = [f"section-{number}" for number in range(100)]
    state = {**STATE, "seen": sections, "answers": {}}
    encoded = write(scripted, state, sections)
    assert len(encoded) < 270
    assert read(scripted, encoded, sections)["state"]["seen"] == sections
