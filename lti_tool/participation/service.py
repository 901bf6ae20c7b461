"""Collect what the participation pages and downloads show."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jinja2.filters import do_striptags
from sqlalchemy import Connection

from courseware import parts
from lti_tool.discussion import names, participation
from lti_tool.discussion.participation import Participation, Person
from lti_tool.discussion.people_list import Place, people_page
from lti_tool.discussion.reader import Reader
from lti_tool.module_page.service import sections_read
from lti_tool.storage.database import Database, now

PAGE_SIZE = 50
_BATCH = 1000
"""People who are read at once for a download."""

_FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person in a list or a download. ``answers``: number for each question, in their order."""

    person: Person
    shown_name: str
    sections: int
    answers: tuple[int, ...]


def person_rows(
    connection: Connection, reader: Reader, people: Sequence[Person]
) -> list[PersonRow]:
    """Return rows with sections and answers. Takes two statements."""
    module, launch_session = reader.module, reader.launch_session
    assert launch_session.resource_link_id is not None
    ids = [each.user_id for each in people]
    scope = scope_of(reader)
    answers = participation.answers(connection, scope, ids)
    shown = parts.only(module, launch_session.part)
    sections = sections_read(connection, launch_session.resource_link_id, shown, ids)
    questions = participation.question_ids(module)
    return [
        PersonRow(
            person=each,
            shown_name=shown_name(reader, each),
            sections=sections.get(each.user_id, 0),
            answers=tuple(answers[each.user_id].get(question, 0) for question in questions),
        )
        for each in people
    ]


def number_of_sections(reader: Reader) -> int:
    """Return how many sections the activity shows."""
    return len(parts.only(reader.module, reader.launch_session.part).sections)


def scope_of(reader: Reader) -> Participation:
    """Return the participation of the reader's discussion."""
    return Participation.of(reader.launch_session, reader.state)


def shown_name(reader: Reader, person: Person) -> str:
    """Return the name, or a stable pseudonym where the LMS sends none."""
    code = None if person.name else names.pseudonym_code(reader.secret_key, person.user_id)
    return names.display_name(reader.ui, person.name, code, "participant")


def all_rows(database: Database, reader: Reader) -> Iterator[PersonRow]:
    """Yield the rows of all participants, in the order of their names; memory is bounded."""
    after: Place | None = None
    with database.read_core() as connection:
        while True:
            page = people_page(connection, scope_of(reader), after=after, limit=_BATCH)
            yield from person_rows(connection, reader, page.people)
            after = page.after
            if after is None:
                return


def csv_lines(database: Database, reader: Reader, question_titles: Sequence[str]) -> Iterator[str]:
    """Yield the lines of a CSV file for spreadsheets, with a byte order mark.

    Columns have fixed positions: two questions with one title are two columns. Text that a
    spreadsheet would read as a formula gets an apostrophe before it; numbers are never changed.
    """
    gettext = reader.ui.gettext
    header = [
        gettext("Name"), gettext("User ID in the LMS"), gettext("First opened (UTC)"),
        gettext("Last opened (UTC)"), gettext("Sections read"), gettext("Last read (UTC)"),
        gettext("Threads"), gettext("Replies"), gettext("Posts"), gettext("First post (UTC)"),
        gettext("Latest post (UTC)"), *question_titles,
    ]  # fmt: skip
    yield "\ufeff" + csv_line(header)
    for row in all_rows(database, reader):
        person = row.person
        yield csv_line(
            [
                row.shown_name, person.lms_user_id, person.opened_at, person.latest_opened_at,
                row.sections, person.read_at, person.threads, person.replies, person.posts,
                person.first_post_at, person.latest_post_at, *row.answers,
            ]
        )  # fmt: skip


def csv_line(cells: Sequence[Any]) -> str:
    """Return a line of a CSV file."""
    line = io.StringIO()
    csv.writer(line).writerow([csv_cell(cell) for cell in cells])
    return line.getvalue()


def csv_cell(value: Any) -> Any:
    """Return the value of a cell: an apostrophe keeps a text from being read as a formula."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA_STARTS) else value
    return value


def json_lines(database: Database, reader: Reader, question_titles: Sequence[str]) -> Iterator[str]:
    """Yield a JSON document in pieces: totals, questions, days and people."""
    scope = scope_of(reader)
    with database.read_core() as connection:
        totals = participation.totals(connection, scope)
        per_question = participation.by_question(connection, scope)
        days = participation.days(connection, scope)
    questions = participation.question_ids(reader.module)
    head = {
        "activity": reader.launch_session.resource_link_title,
        "course": reader.launch_session.course_title,
        "module": reader.module.id,
        "made_at": now().isoformat(),
        "anonymous_posts_counted": scope.count_anonymous,
        "totals": totals._asdict(),
        "questions": [
            {
                "id": question,
                "title": title,
                "people": per_question[question].people if question in per_question else 0,
                "answers": per_question[question].answers if question in per_question else 0,
            }
            for question, title in zip(questions, question_titles, strict=True)
        ],
        "days": [day._asdict() for day in days],
    }
    yield json.dumps(head, ensure_ascii=False)[:-1] + ', "people": ['
    separator = "\n"
    for row in all_rows(database, reader):
        person = {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in row.person._asdict().items()
            if name != "user_id"
        }
        person |= {
            "name": row.shown_name,
            "sections_read": row.sections,
            "answers": dict(zip(questions, row.answers, strict=True)),
        }
        yield separator + json.dumps(person, ensure_ascii=False)
        separator = ",\n"
    yield "\n]}\n"


def question_titles(reader: Reader) -> list[str]:
    """Return number and title of each question, in the reader's language."""
    shown = []
    for question in participation.question_ids(reader.module):
        item = reader.questions[question]
        shown.append(f"{item.number}. {do_striptags(item.title)}")
    return shown
