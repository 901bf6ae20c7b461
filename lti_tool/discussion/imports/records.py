"""Values that the readers of files produce: answers, who wrote them, and what was left out."""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

MAX_ANSWERS = 2_000
"""Answers of one import."""
MAX_PEOPLE = 500
"""People of one import."""
MAX_CHARACTERS = 4_000_000
"""Characters of all texts of one import."""
MAX_SKIPPED = 200
"""Things left out that are listed with their reason; the others are counted."""
_MAX_NAME = 255

_SPACE = re.compile(r"\s+")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")


class Fault(StrEnum):
    """Why a file, a row or an answer is left out. ``messages`` has the texts."""

    EMPTY_FILE = "empty_file"
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"
    UNKNOWN_FORMAT = "unknown_format"
    SPREADSHEET = "spreadsheet"
    ANSWERS_PAGE = "answers_page"
    BAD_ENCODING = "bad_encoding"
    CUT_OFF = "cut_off"
    INVALID = "invalid"
    BAD_ZIP = "bad_zip"
    OTHER_MODULE = "other_module"
    NO_QUESTION_COLUMNS = "no_question_columns"
    NO_ANSWERS = "no_answers"
    NO_PERSON = "no_person"
    UNKNOWN_QUESTION = "unknown_question"
    BLANK = "blank"
    TOO_LONG = "too_long"
    TOO_COMPLEX = "too_complex"


class FileFault(Exception):  # noqa: N818 - a fault of the input, not of the program
    """A file that cannot be used. ``detail``: what was found, for the person who sent it."""

    def __init__(self, fault: Fault, detail: str = "") -> None:
        self.fault = fault
        self.detail = detail
        super().__init__(f"{fault}: {detail}")


@dataclass(frozen=True, slots=True)
class SourcePerson:
    """A person as a file names one; empty where the file says nothing.

    ``identifier``: the user name, ID number or ID of the LMS.
    """

    name: str = ""
    email: str = ""
    identifier: str = ""

    @classmethod
    def of(cls, name: object = "", email: object = "", identifier: object = "") -> "SourcePerson":
        """Return the person with cleaned values; what is no text counts as missing."""
        address = one_line(email)
        return cls(one_line(name), address if "@" in address else "", one_line(identifier))

    @property
    def known(self) -> bool:
        """Whether the file says anything about the person."""
        return bool(self.name or self.email or self.identifier)

    @property
    def key(self) -> str:
        """A value that is the same for the same person in another file of the same kind."""
        for kind in ("identifier", "email", "name"):
            if value := getattr(self, kind):
                return f"{kind}:{folded(value)}"
        return ""


@dataclass(frozen=True, slots=True)
class OfflineAnswer:
    """An answer to a question of the module. ``written_at`` is a claim of the file, or None."""

    person: SourcePerson
    question: str
    text: str
    written_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that is left out: of which file, why, and what (a name, a question, a place)."""

    file: str
    fault: Fault
    detail: str = ""


@dataclass(slots=True)
class Collected:
    """What was found in the files of one import.

    A later answer of a person to a question replaces an earlier one. ``skipped`` lists at most
    ``MAX_SKIPPED`` things; ``skipped_total`` counts all of them.
    """

    answers: dict[tuple[str, str], OfflineAnswer] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)
    skipped_total: int = 0
    characters: int = 0
    people: set[str] = field(default_factory=set)

    def add(self, answer: OfflineAnswer) -> bool:
        """Add an answer; return False, and add nothing, if the import is full."""
        key = (answer.person.key, answer.question)
        earlier = self.answers.get(key)
        size = self.characters + len(answer.text) - (len(earlier.text) if earlier else 0)
        is_new = earlier is None and len(self.answers) >= MAX_ANSWERS
        crowded = answer.person.key not in self.people and len(self.people) >= MAX_PEOPLE
        if is_new or crowded or size > MAX_CHARACTERS:
            return False
        if earlier is None or not _is_older(answer, earlier):
            self.answers[key] = answer
            self.characters = size
        self.people.add(answer.person.key)
        return True

    def skip(self, file: str, fault: Fault, detail: str = "") -> None:
        """Note that something is left out."""
        self.skipped_total += 1
        if len(self.skipped) < MAX_SKIPPED:
            self.skipped.append(Skipped(file[:100], fault, one_line(detail)))

    def by_person(self) -> dict[SourcePerson, list[OfflineAnswer]]:
        """Return the answers of each person, in the order of the files."""
        found: dict[str, list[OfflineAnswer]] = {}
        for (person, _), answer in self.answers.items():
            found.setdefault(person, []).append(answer)
        return {answers[-1].person: answers for answers in found.values()}


def _is_older(answer: OfflineAnswer, other: OfflineAnswer) -> bool:
    if answer.written_at is None or other.written_at is None:
        return False
    return answer.written_at < other.written_at


def one_line(value: object) -> str:
    """Return a text as one line without invisible characters, at most 255 characters."""
    if not isinstance(value, str):
        return ""
    text = _SPACE.sub(" ", _UNSEEN.sub("", value[: 8 * _MAX_NAME].replace("\n", " "))).strip()
    return unicodedata.normalize("NFC", text)[:_MAX_NAME]


def folded(value: str) -> str:
    """Return a text for comparing: without the case, the spaces and the order "Family, Given"."""
    family, comma, given = one_line(value).partition(",")
    whole = f"{given} {family}" if comma and given.strip() and "," not in given else value
    return unicodedata.normalize("NFC", one_line(whole).casefold())
