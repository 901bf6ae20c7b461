"""Every table of the database is declared: exported and erased, erased, or kept with a reason.

The list of tables comes from the metadata. A person gets a row in each table about people, with a
different text in each column; then the export must have these texts, and the erasure leave none.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Boolean, Date, Float, Integer, String, Table, Text, insert, or_, select
from sqlalchemy.orm import Session

from lti_tool.directory.exchange_model import InstitutionRow
from lti_tool.discussion.model import Post, PostReport
from lti_tool.feature import PersonalData
from lti_tool.features import FEATURES
from lti_tool.gradebook.model import GradeColumn
from lti_tool.models import METADATA
from lti_tool.personal_data import service
from lti_tool.personal_data.labels import LABELS
from lti_tool.roster.model import CourseGroup
from lti_tool.storage.database import Moment, now
from tests.lti_tool.discussion.scene import Scene

pytestmark = pytest.mark.both_engines

DECLARATIONS = tuple(each.personal_data for each in FEATURES if each.personal_data)
ABOUT_PEOPLE = {name for each in DECLARATIONS for name in (*each.tables, *each.derived)}
MADE_BY_POSTING = {
    "posts",
    "post_words",
    "users",
    "memberships",
    "discussion_counts",
    "thread_facets",
}
NOT_EXPORTED = {
    "a part of the key of another row, or of a form": {
        *("audit_entries.module_id", "answer_uploads.module_id", "drafts.place"),
        *("drafts.draft_key", "attachments.draft_key", "attachments.store_key"),
        *("launch_sessions.module_id", "launch_sessions.part", "launch_sessions.module_language"),
    },
    "a secret": {"launch_sessions.id", "mail_recipients.link_key", "mail_recipients.feed_key"},
    "what the platform asked for": {
        *("launch_sessions.message_type", "launch_sessions.return_url"),
        *("launch_sessions.frame_ancestors", "launch_sessions.deep_linking"),
        "launch_sessions.placement",
    },
    "technical: how and by what it was made": {
        *("audit_entries.actor", "answer_uploads.method"),
        *("post_translations.provider", "post_translations.renderer", "grades.problem"),
        *("post_translations.source_language", "pending_edits.language_source"),
    },
    "answers of others": {"answer_uploads.content"},
    "said with the text of the post": {"post_versions.language", "pending_edits.language"},
    "the same as another column": {"grades.sent_comment"},
}
"""Texts about people that the export leaves out, by the reason."""
KEPT = {"audit_entries.action", "audit_entries.actor", "audit_entries.detail"}
"""What a row that stays has: the log of the institution, without the person."""


def texts(table: Table) -> list[Any]:
    return [each for each in table.columns if isinstance(each.type, String | Text)]


def users_in(table: Table) -> list[Any]:
    return [
        column
        for column in table.columns
        if any(key.column.table.name == "users" for key in column.foreign_keys)
    ]


def test_every_table_is_declared_once() -> None:
    """A new table must be added to the declaration (``personal_data``) of its feature."""
    places = [
        name
        for each in DECLARATIONS
        for mapping in (each.tables, each.derived, each.kept)
        for name in mapping
    ]
    assert sorted(places) == sorted(METADATA.tables)


def test_a_table_with_a_person_is_not_kept() -> None:
    kept = {name for each in DECLARATIONS for name in each.kept}
    assert not {name for name in kept if users_in(METADATA.tables[name])}
    assert all(reason for each in DECLARATIONS for reason in (*each.kept.values(),))


@pytest.mark.parametrize("declaration", DECLARATIONS)
def test_each_exported_table_names_a_category(declaration: PersonalData) -> None:
    assert set(declaration.tables.values()) <= {each.key for each in declaration.categories}


class Person:
    """A person with a row in each table about people; ``marks`` are the texts by column."""

    def __init__(self, scene: Scene) -> None:
        self.scene, self.marks = scene, dict[str, str]()
        self.launch_session = scene.launch_session("Ana Quispe")
        self.user_id = self.launch_session.user_id
        self.post = scene.post(self.launch_session, "m0-posts.source")
        self.marks["posts.source"] = "m0-posts.source"
        with scene.database.write() as session:
            self._make_rows(session)

    def _make_rows(self, session: Session) -> None:
        scene = self.scene
        institution = InstitutionRow(name="", created_at=now())
        group = CourseGroup(
            course_id=scene.course_id, source="instructor", name="Group", created_at=now()
        )
        column = GradeColumn(resource_link_id=scene.resource_link_id, kind="final")
        session.add_all([institution, group, column])
        session.flush()
        self.keys = {
            "users": self.user_id,
            "posts": self.post.id,
            "discussions": self.post.discussion_id,
            "courses": scene.course_id,
            "resource_links": scene.resource_link_id,
            "registrations": scene.registration_id,
            "deployments": scene.deployment_id,
            "institutions": institution.id,
            "course_groups": group.id,
            "grade_columns": column.id,
        }
        for table in METADATA.sorted_tables:
            if table.name in ABOUT_PEOPLE - MADE_BY_POSTING:
                values = {
                    each.name: self._value(each)
                    for each in table.columns
                    if not (each.name == "id" and isinstance(each.type, Integer))
                }
                result = session.execute(insert(table).values(values))
                if table.name == "summary_texts":
                    self.keys[table.name] = result.inserted_primary_key[0]

    def _value(self, column: Any) -> Any:
        for key in column.foreign_keys:
            return self.keys[key.column.table.name]
        match column.type:
            case Moment():
                return now()
            case Date():
                return date(2026, 11, 30)
            case Boolean():
                return False
            case Integer() | Float():
                return 1
            case _:
                name = f"{column.table.name}.{column.name}"
                self.marks[name] = f"m{len(self.marks)}-{name}"[: column.type.length]
                return self.marks[name]

    def rows(self, session: Session, table: Table) -> int:
        """The rows that refer to the person, or to what the person wrote."""
        owners = {"users": self.user_id, "posts": self.post.id}
        owners |= {"summary_texts": self.keys["summary_texts"]}
        refers = [
            column == owners[key.column.table.name]
            for column in table.columns
            for key in column.foreign_keys
            if key.column.table.name in owners
        ]
        refers += [table.c.id == self.user_id] if table.name == "users" else []
        if table.name == "discussion_counts":
            refers = [table.c.value == str(self.user_id)]
        return len(session.execute(select(table).where(or_(*refers))).all())


def all_texts(scene: Scene) -> Iterator[str]:
    with scene.database.read() as session:
        for table in METADATA.sorted_tables:
            for row in session.execute(select(table)):
                yield str(tuple(row))


def test_the_person_has_a_row_in_each_table(scene: Scene) -> None:
    person = Person(scene)
    with scene.database.read() as session:
        empty = [name for name in ABOUT_PEOPLE if not person.rows(session, METADATA.tables[name])]
    assert empty == []


def test_the_export_has_each_text(scene: Scene) -> None:
    person = Person(scene)
    found = str(service.as_json(service.export(scene.database, DECLARATIONS, person.user_id)))
    left_out = set().union(*NOT_EXPORTED.values())
    derived = {name for each in DECLARATIONS for name in each.derived}
    missing = {
        name
        for name, text in person.marks.items()
        if text not in found and name.partition(".")[0] not in derived
    }
    assert missing == left_out


def test_each_field_of_the_export_has_a_label(scene: Scene) -> None:
    person = Person(scene)
    exported = service.export(scene.database, DECLARATIONS, person.user_id)
    assert {key for each in exported for row in each.rows for key in row} <= set(LABELS)


def test_an_erasure_leaves_no_text_and_no_reference(scene: Scene) -> None:
    person = Person(scene)
    service.erase(scene.database, scene.settings, DECLARATIONS, person.user_id)
    left = "\n".join(all_texts(scene))
    assert {name for name, text in person.marks.items() if text in left} - KEPT == {
        # The row stays until the purge, so that the launch cannot be used again.
        *("launch_sessions.id", "launch_sessions.module_id"),
        *("launch_sessions.part", "launch_sessions.module_language"),
        *("launch_sessions.message_type", "launch_sessions.frame_ancestors"),
        "audit_entries.module_id",
    }
    with scene.database.read() as session:
        for table in METADATA.sorted_tables:
            for column in users_in(table):
                assert session.scalars(select(column).where(column == person.user_id)).all() == []
        remaining = {
            name
            for name in ABOUT_PEOPLE - {"posts", "thread_facets"}
            if person.rows(session, METADATA.tables[name])
        }
        assert remaining == set()
        post = session.get_one(Post, person.post.id)
        assert (post.status, post.author_name, post.source, post.html) == ("deleted", None, "", "")
        assert session.scalars(select(PostReport)).all() == []
