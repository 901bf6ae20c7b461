"""What an import of answers would do: for each person, who it is, and which answers are new."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, select

from courseware import characters
from courseware.markdown import TooComplex, post_html
from courseware.module import Module
from lti_tool.discussion.imports import matching
from lti_tool.discussion.imports.matching import Candidate, Method
from lti_tool.discussion.imports.records import (
    Collected,
    Fault,
    OfflineAnswer,
    Skipped,
    SourcePerson,
)
from lti_tool.discussion.model import Discussion, ImportedPost, Post
from lti_tool.discussion.text import MAX_LENGTH, clean_text

Choice = int | Literal["archive", "skip"] | None
"""Who a person is: a user id, nobody of the course, or left out; None if nobody has chosen."""

_BATCH = 200
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class UploadedPerson:
    """A person in the files, the answers, and the user chosen for the person."""

    person: SourcePerson
    answers: tuple[OfflineAnswer, ...]
    choice: Choice = None


@dataclass(frozen=True, slots=True)
class Upload:
    """The checked content of the files of one import."""

    people: tuple[UploadedPerson, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    skipped_total: int = 0

    @classmethod
    def of(cls, found: Collected) -> "Upload":
        """Check the texts that were collected; those that no post can have are left out."""
        people = []
        for person, answers in found.by_person().items():
            good = []
            for answer in answers:
                text = clean_text(answer.text)
                if fault := _fault(text):
                    found.skip(person.name or person.identifier, fault, answer.question)
                else:
                    good.append(replace(answer, text=text))
            if good:
                people.append(UploadedPerson(person, tuple(good)))
        return cls(tuple(people), tuple(found.skipped), found.skipped_total)

    def choosing(self, number: int, choice: Choice) -> "Upload":
        """Return the upload with another choice about one person."""
        people = list(self.people)
        people[number] = replace(people[number], choice=choice)
        return replace(self, people=tuple(people))

    def to_json(self) -> str:
        """Return the text in which the upload is stored."""
        return json.dumps(
            {
                "people": [
                    {
                        "person": [each.person.name, each.person.email, each.person.identifier],
                        "choice": each.choice,
                        "answers": [
                            [a.question, a.text, a.written_at.isoformat() if a.written_at else None]
                            for a in each.answers
                        ],
                    }
                    for each in self.people
                ],
                "skipped": [[each.file, each.fault, each.detail] for each in self.skipped],
                "skipped_total": self.skipped_total,
            },
            ensure_ascii=False,
        )

    @classmethod
    def from_json(cls, stored: str) -> "Upload":
        """Read what :meth:`to_json` wrote."""
        value: dict[str, Any] = json.loads(stored)
        people = []
        for each in value["people"]:
            person = SourcePerson(*each["person"])
            answers = tuple(
                OfflineAnswer(person, question, text, _moment(written))
                for question, text, written in each["answers"]
            )
            people.append(UploadedPerson(person, answers, each["choice"]))
        skipped = tuple(Skipped(file, Fault(fault), why) for file, fault, why in value["skipped"])
        return cls(tuple(people), skipped, value["skipped_total"])


@dataclass(frozen=True, slots=True)
class PersonPlan:
    """What happens with the answers of one person.

    ``user``: the matched member. ``candidates``: several members, among whom somebody must choose.
    ``archive``: the posts get the name of the file, and belong to no user. ``left_out``: somebody
    chose that. ``new``: the answers that become posts; ``known``: the others are there already.
    """

    number: int
    person: SourcePerson
    user: Candidate | None
    candidates: tuple[Candidate, ...]
    archive: bool
    left_out: bool
    new: tuple[OfflineAnswer, ...]
    known: tuple[OfflineAnswer, ...]

    @property
    def undecided(self) -> bool:
        """Whether nothing happens until somebody chooses."""
        return bool(self.candidates)


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan for everybody."""

    people: tuple[PersonPlan, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    skipped_total: int = 0

    @property
    def ready(self) -> int:
        """The number of posts that would be made."""
        return sum(len(each.new) for each in self.people if not each.undecided)

    @property
    def undecided(self) -> int:
        """The number of people about whom somebody must choose."""
        return sum(each.undecided for each in self.people)


@dataclass(frozen=True, slots=True)
class Place:
    """The activity and the module into whose discussion posts are imported."""

    resource_link_id: int
    course_id: int | None
    module: Module


def make_plan(connection: Connection, place: Place, upload: Upload, method: Method) -> Plan:
    """Return what the import would do now. Reads the roster once, and stored keys in batches."""
    people = [each.person for each in upload.people]
    matches = matching.find(connection, place.course_id, people, method)
    chosen = {each.choice for each in upload.people if isinstance(each.choice, int)}
    users = matching.members(connection, place.course_id, chosen)
    decided = [_decide(each, matches.get(each.person.key, ()), users) for each in upload.people]
    discussion_id = connection.scalar(
        select(Discussion.id).where(
            Discussion.resource_link_id == place.resource_link_id,
            Discussion.module_id == place.module.id,
            Discussion.archived_at.is_(None),
        )
    )
    entries = [
        Entry.of(place.module.id, answer, user.user_id if user else None)
        for each, (user, _) in zip(upload.people, decided, strict=True)
        for answer in each.answers
    ]
    known = set(known_entries(connection, discussion_id, entries)) if discussion_id else set()
    rest = iter(range(len(entries)))
    plans = []
    for number, (each, (user, several)) in enumerate(zip(upload.people, decided, strict=True)):
        split: tuple[list[OfflineAnswer], list[OfflineAnswer]] = ([], [])
        for answer, position in zip(each.answers, rest, strict=False):
            split[position in known].append(answer)
        left_out = each.choice == "skip"
        plans.append(
            PersonPlan(
                number=number,
                person=each.person,
                user=user,
                candidates=several,
                archive=user is None and not several and not left_out,
                left_out=left_out,
                new=() if left_out else tuple(split[0]),
                known=tuple(split[1]),
            )
        )
    return Plan(tuple(plans), upload.skipped, upload.skipped_total)


def _decide(
    each: UploadedPerson, matches: tuple[Candidate, ...], users: Mapping[int, Candidate]
) -> tuple[Candidate | None, tuple[Candidate, ...]]:
    """Return the member who the person is, or several; a chosen one who has left does not count."""
    if each.choice in ("archive", "skip"):
        return None, ()
    if isinstance(each.choice, int) and each.choice in users:
        return users[each.choice], ()
    return (matches[0], ()) if len(matches) == 1 else (None, matches)


@dataclass(frozen=True, slots=True)
class Entry:
    """An answer as the import recognises it again.

    ``keys``: of the person in the file, and of the matched user; each means the same answer.
    """

    keys: tuple[str, ...]
    user_id: int | None
    question: str
    text_hash: str

    @classmethod
    def of(cls, module_id: str, answer: OfflineAnswer, user_id: int | None) -> "Entry":
        """Return the entry of an answer to a module's question."""
        hashed = text_hash(answer.text)
        people = [f"file {answer.person.key}", *([f"user {user_id}"] if user_id else [])]
        keys = tuple(
            hashlib.sha256(
                "\0".join((module_id, answer.question, who, hashed)).encode()
            ).hexdigest()
            for who in people
        )
        return cls(keys, user_id, answer.question, hashed)


def known_entries(
    connection: Connection, discussion_id: int, entries: Sequence[Entry]
) -> Iterator[int]:
    """Yield the positions of the answers that were imported before, or posted by their authors."""
    for start in range(0, len(entries), _BATCH):
        numbers = range(start, min(start + _BATCH, len(entries)))
        keys = [key for number in numbers for key in entries[number].keys]
        stored = set(
            connection.scalars(
                select(ImportedPost.key).where(
                    ImportedPost.discussion_id == discussion_id, ImportedPost.key.in_(keys)
                )
            )
        )
        users = {entries[number].user_id for number in numbers} - {None}
        posted = {
            (row.author_id, row.question_id, text_hash(row.source))
            for row in connection.execute(
                select(Post.author_id, Post.question_id, Post.source).where(
                    Post.discussion_id == discussion_id,
                    Post.author_id.in_(users),
                    Post.question_id.in_({entries[number].question for number in numbers}),
                )
            )
        }
        for number in numbers:
            entry = entries[number]
            same = (entry.user_id, entry.question, entry.text_hash) in posted
            if same or not stored.isdisjoint(entry.keys):
                yield number


def text_hash(text: str) -> str:
    """Return a hash of a text that does not depend on its line breaks and spaces.

    Reports of an LMS have each answer on one line.
    """
    plain = unicodedata.normalize("NFC", _SPACE.sub(" ", text)).strip()
    return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()


def _fault(text: str) -> Fault | None:
    if characters.is_blank(text):
        return Fault.BLANK
    if len(text) > MAX_LENGTH:
        return Fault.TOO_LONG
    try:
        post_html(text)
    except TooComplex:
        return Fault.TOO_COMPLEX
    return None


def _moment(stored: str | None) -> datetime | None:
    return datetime.fromisoformat(stored) if stored else None
