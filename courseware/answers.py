"""Strict parser for the file of answers that participants download from a package.

The format is described in ``docs/answers-file.md`` and, for other programs, in
``scorm_builder/answers.schema.json``. The file is not trusted: times and persons in it are claims.
Nothing is guessed or repaired; a file is accepted as a whole, or rejected with position and reason.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn, TypeVar

from courseware.languages import normal

VERSION = 1
MAX_BYTES = 4_000_000
MAX_ANSWERS = 1_000
MAX_TEXT_LENGTH = 200_000
MAX_LINE_LENGTH = 4_000

_ID = re.compile(r"[a-z0-9-]{1,64}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MAX_DEPTH = 8

T = TypeVar("T")


class AnswersError(ValueError):
    """An invalid file; ``place`` is a path such as ``answers[2].text``, or "" for the file."""

    def __init__(self, place: str, reason: str) -> None:
        self.place = place
        self.reason = reason
        super().__init__(f"{place}: {reason}" if place else reason)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. ``question_text`` is None if the module no longer has it; times are in UTC.

    ``language`` is the language in which the module was read (BCP 47), not that of the answer.
    """

    question: str
    question_text: str | None
    language: str | None
    text: str
    written_at: datetime | None
    changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Answers:
    """A file of answers. ``learner_id`` and ``learner_name`` are those that the LMS provided."""

    module: str
    module_version: str
    module_title: str
    language: str
    learner_id: str | None
    learner_name: str | None
    answers: tuple[Answer, ...]
    made_at: datetime
    package: str
    built_with: str


def read(data: bytes) -> Answers:
    """Parse a file of answers. Raises ``AnswersError`` if it is not valid."""
    if len(data) > MAX_BYTES:
        raise AnswersError("", f"The file has more than {MAX_BYTES:,} bytes.")
    return _whole(_parsed(data))


def _parsed(data: bytes) -> Any:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise AnswersError("", f"Not UTF-8: byte {error.start} fits nowhere.") from None
    _check_depth(text)
    try:
        return json.loads(
            text, object_pairs_hook=_unique, parse_constant=_reject_constant, parse_int=_integer
        )
    except json.JSONDecodeError as error:
        reason = f"Not JSON: {error.msg}, line {error.lineno}, column {error.colno}."
        raise AnswersError("", reason) from None


def _check_depth(text: str) -> None:
    """Reject deeply nested JSON before it is parsed."""
    depth = 0
    for token in re.finditer(r'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', text, re.DOTALL):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(token[0], 0)
        if depth > _MAX_DEPTH:
            raise AnswersError("", f"Nested deeper than {_MAX_DEPTH} levels.")


def _unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise AnswersError("", f"The name {_quoted(twice)} stands twice in one object.")
    return found


def _reject_constant(word: str) -> NoReturn:
    raise AnswersError("", f"Not JSON: {word} is no value.")


def _integer(digits: str) -> int:
    """Parse only the first digits: Python limits the length of integers."""
    return int(digits[:10])


def _whole(value: Any) -> Answers:
    top = _object(value, "")
    if top.get("format") != "minga-answers":
        raise AnswersError("format", 'Must be "minga-answers": this is a file of something else.')
    version = top.get("version")
    if type(version) is not int or version < 1:
        raise AnswersError("version", "Must be a whole number from 1.")
    if version > VERSION:
        reason = f"This file is of version {version}; this program reads version {VERSION} only."
        raise AnswersError("version", f"{reason} Use a newer release.")
    names = "format version module language learner answers made_at package"
    _names(top, "", names)
    module = _part(top, "module", "id version title")
    learner = _part(top, "learner", "id name")
    package = _part(top, "package", "format built_with")
    return Answers(
        module=_id(module["id"], "module.id"),
        module_version=_line(module["version"], "module.version"),
        module_title=_line(module["title"], "module.title"),
        language=_tag(top["language"], "language"),
        learner_id=_or_none(_line, learner["id"], "learner.id"),
        learner_name=_or_none(_line, learner["name"], "learner.name"),
        answers=_answers(top["answers"]),
        made_at=_moment(top["made_at"], "made_at"),
        package=_line(package["format"], "package.format"),
        built_with=_line(package["built_with"], "package.built_with"),
    )


def _answers(value: Any) -> tuple[Answer, ...]:
    if not isinstance(value, list):
        raise AnswersError("answers", "Must be a list.")
    if len(value) > MAX_ANSWERS:
        raise AnswersError("answers", f"More than {MAX_ANSWERS:,} answers.")
    answers = tuple(_answer(one, f"answers[{number}]") for number, one in enumerate(value))
    seen: set[str] = set()
    for number, one in enumerate(answers):
        if one.question in seen:
            raise AnswersError(f"answers[{number}].question", f"{one.question} is answered twice.")
        seen.add(one.question)
    return answers


def _answer(value: Any, place: str) -> Answer:
    one = _object(value, place)
    _names(one, place, "question question_text language text written_at changed_at")
    written = _or_none(_moment, one["written_at"], f"{place}.written_at")
    changed = _or_none(_moment, one["changed_at"], f"{place}.changed_at")
    if (written is None) != (changed is None):
        raise AnswersError(place, "written_at and changed_at are both times, or both null.")
    if written is not None and changed is not None and changed < written:
        raise AnswersError(f"{place}.changed_at", "Lies before written_at.")
    return Answer(
        question=_id(one["question"], f"{place}.question"),
        question_text=_or_none(_line, one["question_text"], f"{place}.question_text"),
        language=_or_none(_tag, one["language"], f"{place}.language"),
        text=_text(one["text"], f"{place}.text"),
        written_at=written,
        changed_at=changed,
    )


def _object(value: Any, place: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise AnswersError(place, "Must be an object.")
    return value


def _part(top: Mapping[str, Any], name: str, names: str) -> Mapping[str, Any]:
    part = _object(top[name], name)
    _names(part, name, names)
    return part


def _names(value: Mapping[str, Any], place: str, names: str) -> None:
    """Reject missing and unknown names."""
    known = names.split()
    for name in known:
        if name not in value:
            raise AnswersError(place, f'"{name}" is missing.')
    for name in value:
        if name not in known:
            raise AnswersError(place, f"{_quoted(name)} is not a name of this format.")


def _string(value: Any, place: str, longest: int) -> str:
    if not isinstance(value, str):
        raise AnswersError(place, "Must be text.")
    if len(value) > longest:
        raise AnswersError(place, f"Has {len(value):,} characters; {longest:,} are allowed.")
    if any("\ud800" <= letter <= "\udfff" for letter in value):
        raise AnswersError(place, "Holds half a character (a surrogate without its pair).")
    return value


def _text(value: Any, place: str) -> str:
    text = _string(value, place, MAX_TEXT_LENGTH)
    if "\0" in text:
        raise AnswersError(place, "Holds a NUL character.")
    if not text.strip():
        raise AnswersError(place, "Is empty: an unanswered question is left out.")
    return text


def _line(value: Any, place: str) -> str:
    text = _string(value, place, MAX_LINE_LENGTH)
    if _CONTROL.search(text) or "\n" in text or "\r" in text:
        raise AnswersError(place, "Holds a line break or a control character.")
    return text


def _id(value: Any, place: str) -> str:
    text = _string(value, place, MAX_LINE_LENGTH)
    if not _ID.fullmatch(text):
        raise AnswersError(place, "Must be 1 to 64 of the characters a-z, 0-9 and -.")
    return text


def _tag(value: Any, place: str) -> str:
    text = _string(value, place, MAX_LINE_LENGTH)
    tag = normal(text)
    if tag is None or tag != text:
        raise AnswersError(place, "Must be a language tag in its usual form, such as es or pt-BR.")
    return tag


def _moment(value: Any, place: str) -> datetime:
    text = _string(value, place, MAX_LINE_LENGTH)
    try:
        if _MOMENT.fullmatch(text):
            return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        pass
    raise AnswersError(place, "Must be a moment in UTC such as 2026-01-31T14:02:00Z.")


def _or_none(check: Callable[[Any, str], T], value: Any, place: str) -> T | None:
    return None if value is None else check(value, place)


def _quoted(name: str) -> str:
    return json.dumps(name[:40])
