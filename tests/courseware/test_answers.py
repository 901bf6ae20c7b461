"""The file of answers of docs/answers-file.md: parsed, or rejected with the reason."""

import contextlib
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courseware import answers
from courseware.answers import AnswersError, read

ROOT = Path(__file__).parents[2]
EXAMPLE = re.search(
    r"```json\n(.*?)```", (ROOT / "docs/answers-file.md").read_text("utf-8"), re.DOTALL
)
SCHEMA = json.loads((ROOT / "scorm_builder/answers.schema.json").read_text("utf-8"))


@pytest.fixture
def whole() -> Any:
    assert EXAMPLE
    return json.loads(EXAMPLE[1])


def changed(whole: Any, path: str, value: Any) -> bytes:
    """Return the example with one value replaced; ``...`` removes the name."""
    *steps, last = (int(step) if step.isdigit() else step for step in path.split("."))
    here = whole
    for step in steps:
        here = here[step]
    if value is ...:
        del here[last]
    else:
        here[last] = value
    return json.dumps(whole).encode()


def refusal(data: bytes) -> AnswersError:
    with pytest.raises(AnswersError) as caught:
        read(data)
    return caught.value


def test_the_example_of_the_documentation(whole: Any) -> None:
    found = read(json.dumps(whole).encode())
    assert (found.module, found.module_version, found.language) == ("module-4", "1.0.0", "en")
    assert (found.learner_id, found.learner_name) == ("jaraujo", "Araújo, João")
    assert (found.package, found.built_with) == ("scorm12", "minga 0.1.0")
    assert found.made_at == datetime(2026, 2, 2, 10, 0, 7, tzinfo=UTC)
    (one,) = found.answers
    assert one.text == "Sim.\n\nAprendemos com Montevidéu."
    assert (one.question, one.language) == ("peers", "pt")
    assert one.changed_at == datetime(2026, 2, 2, 9, 40, tzinfo=UTC)


def test_a_byte_order_mark_is_ignored(whole: Any) -> None:
    assert read(b"\xef\xbb\xbf" + json.dumps(whole).encode()).module == "module-4"


@pytest.mark.parametrize(
    "path",
    [
        "learner.id",
        "learner.name",
        "answers.0.question_text",
        "answers.0.language",
    ],
)
def test_unknown_values_are_null(whole: Any, path: str) -> None:
    assert read(changed(whole, path, None))


def test_both_times_are_given_or_none(whole: Any) -> None:
    assert refusal(changed(whole, "answers.0.written_at", None)).place == "answers[0]"
    (one,) = read(changed(whole, "answers.0.changed_at", None)).answers
    assert one.written_at is one.changed_at is None


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        ("format", "minga", "format"),
        ("format", ..., "format"),
        ("version", 2, "version"),
        ("version", 0, "version"),
        ("version", True, "version"),
        ("version", 1.0, "version"),
        ("version", 10**30, "version"),
        ("module", ..., ""),
        ("extra", 1, ""),
        ("module.extra", 1, "module"),
        ("module.id", "Module 4", "module.id"),
        ("module.id", "m" * 65, "module.id"),
        ("module.title", 4, "module.title"),
        ("module.title", "two\nlines", "module.title"),
        ("module.title", "x" * 4001, "module.title"),
        ("language", "English", "language"),
        ("language", "pt_br", "language"),
        ("learner", None, "learner"),
        ("learner.name", "\ud800", "learner.name"),
        ("answers", {}, "answers"),
        ("answers", [None], "answers[0]"),
        ("answers.0.question", "peers\n", "answers[0].question"),
        ("answers.0.text", " \n ", "answers[0].text"),
        ("answers.0.text", "a\0b", "answers[0].text"),
        ("answers.0.text", "\ud83d", "answers[0].text"),
        ("answers.0.text", "x" * 200_001, "answers[0].text"),
        ("answers.0.text", None, "answers[0].text"),
        ("answers.0.changed_at", "2026-01-31T14:01:59Z", "answers[0].changed_at"),
        ("answers.0.changed_at", "2026-02-30T00:00:00Z", "answers[0].changed_at"),
        ("answers.0.changed_at", "2026-02-02", "answers[0].changed_at"),
        ("made_at", "٢٠٢٦-02-02T10:00:07Z", "made_at"),
        ("made_at", 1, "made_at"),
        ("package.built_with", ..., "package"),
    ],
)
def test_invalid_values_are_rejected_with_their_position(
    whole: Any, path: str, value: Any, place: str
) -> None:
    error = refusal(changed(whole, path, value))
    assert error.place == place
    assert str(error) == (f"{place}: {error.reason}" if place else error.reason)
    assert error.reason.endswith(".")


def test_duplicate_answers_are_rejected(whole: Any) -> None:
    whole["answers"] *= 2
    assert refusal(json.dumps(whole).encode()).place == "answers[1].question"


def test_the_number_of_answers_is_limited(whole: Any) -> None:
    one = whole["answers"][0]
    whole["answers"] = [{**one, "question": str(number)} for number in range(1000)]
    assert len(read(json.dumps(whole).encode()).answers) == 1000
    whole["answers"].append(one)
    assert refusal(json.dumps(whole).encode()).place == "answers"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "Not JSON"),
        (b"\xff{}", "Not UTF-8: byte 0"),
        (b'{"format": NaN}', "NaN"),
        (b'{"format": "minga-answers", "format": "minga-answers"}', "twice"),
        (b"[" * 100_000, "Nested"),
        (b'{"a":' * 100_000, "Nested"),
        (b"[]", "Must be an object"),
        (b'"' * 3_999_999, "Not JSON"),
        (b" " * 4_000_001, "more than 4,000,000"),
    ],
)
def test_other_files_are_rejected(data: bytes, reason: str) -> None:
    assert reason in str(refusal(data))


def test_brackets_in_strings_do_not_count_as_nesting(whole: Any) -> None:
    text = '[{"' * 500 + "\\"
    assert read(changed(whole, "answers.0.text", text)).answers[0].text == text


@given(st.binary(max_size=400))
def test_any_bytes_are_parsed_or_rejected(data: bytes) -> None:
    with contextlib.suppress(AnswersError):
        assert read(data).module


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3)
    ),
    max_leaves=6,
)
PATHS = ["format", "version", "module", "module.id", "language", "learner", "learner.name"]
PATHS += ["answers", "answers.0", "made_at", "package", "package.format"]
PATHS += [f"answers.0.{name}" for name in ("question", "text", "language", "written_at")]


@given(st.sampled_from(PATHS), JSON_VALUES)
def test_any_value_is_accepted_or_rejected(path: str, value: Any) -> None:
    assert EXAMPLE
    data = changed(json.loads(EXAMPLE[1]), path, value)
    with contextlib.suppress(AnswersError):
        assert all(one.text.strip() for one in read(data).answers)


def test_the_schema_has_the_fields_and_limits_of_the_parser(whole: Any) -> None:
    def names(schema: Any, value: Any) -> None:
        assert schema["additionalProperties"] is False
        assert schema["required"] == list(schema["properties"]) == list(value)

    names(SCHEMA, whole)
    for part in ("module", "learner", "package"):
        names(SCHEMA["properties"][part], whole[part])
    one = SCHEMA["properties"]["answers"]
    names(one["items"], whole["answers"][0])
    assert one["maxItems"] == answers.MAX_ANSWERS
    assert one["items"]["properties"]["text"]["maxLength"] == answers.MAX_TEXT_LENGTH
    assert SCHEMA["$defs"]["line"]["maxLength"] == answers.MAX_LINE_LENGTH
    assert SCHEMA["properties"]["version"]["const"] == answers.VERSION


@pytest.mark.parametrize(
    ("name", "text", "fits"),
    [
        ("id", "module-4", True),
        ("id", "Module", False),
        ("line", "Una línea\tsí", True),
        ("line", "two\nlines", False),
        ("language", "pt-BR", True),
        ("language", "English", False),
        ("moment", "2026-01-31T14:02:00Z", True),
        ("moment", "2026-01-31", False),
    ],
)
def test_the_patterns_of_the_schema_match_the_parser(
    whole: Any, name: str, text: str, fits: bool
) -> None:
    assert bool(re.search(SCHEMA["$defs"][name]["pattern"], text)) is fits
    paths = {"id": "module.id", "line": "module.title", "moment": "made_at"}
    data = changed(whole, paths.get(name, name), text)
    if fits:
        assert read(data)
    else:
        refusal(data)
