"""Two users become one: in each table, the rows of both are joined, and nothing names the removed.

The list of tables comes from the metadata: a new table with a user needs a rule here.
"""

from typing import Any

import pytest
from sqlalchemy import Integer, String, Table, UniqueConstraint, insert, select
from sqlalchemy.exc import IntegrityError

from lti_tool.directory.row_merge import Merger, references, unique_with
from lti_tool.models import METADATA
from tests.lti_tool.discussion.scene import Scene
from tests.lti_tool.personal_data.test_every_table import ABOUT_PEOPLE, Person, all_texts, users_in

pytestmark = pytest.mark.both_engines

USERS = METADATA.tables["users"]
RULES = {
    "every row stays; it names the other user": {
        *("answer_uploads", "attachments", "audit_entries", "launch_sessions", "pending_edits"),
        *("post_mentions", "summary_texts", "summary_versions"),
    },
    "every row stays; of two posts with one key, one gets another": {"posts"},
    "of two rows for one thing, the kept user's stays": {
        *("course_group_members", "grade_updates", "memberships", "subscriptions", "wanted_pages"),
    },
    "two rows for one thing are put together": {
        *("activity_openings", "author_counts", "digests", "discussion_readers", "drafts"),
        *("grades", "mail_recipients", "mailings", "post_reactions", "post_reports", "progress"),
        "thread_reads",
    },
}
LOST = {
    # The choice, the secrets and the texts of the kept user stay.
    *("course_group_members", "memberships", "subscriptions", "wanted_pages", "mail_recipients"),
    *("digests", "discussion_readers", "grades", "post_reports", "post_reactions", "progress"),
    *("activity_openings", "author_counts", "grade_updates", "mailings", "thread_reads", "users"),
}
"""Tables of which one text of two may go, because both rows are about one thing."""


def test_every_table_with_a_user_has_a_rule() -> None:
    found = {column.table.name for column in references(USERS)}
    ruled = [name for names in RULES.values() for name in names]
    assert sorted(ruled) == sorted(found)


def test_tables_without_a_rule_to_put_rows_together_cannot_have_two_for_one_thing() -> None:
    plain = RULES["every row stays; it names the other user"]
    unique = {each.table.name for each in references(USERS) if list(unique_with(each))}
    assert {each.table.name for each in references(USERS)} - unique == plain


def second_person(person: Person) -> int:
    """Another user with a row in each table, with the same keys as the first one's where it can."""
    scene = person.scene
    other = scene.launch_session("Ana Quispe").user_id
    assert other is not None
    for table in METADATA.sorted_tables:
        if table.name not in ABOUT_PEOPLE or table.name in ("users", "memberships"):
            continue
        columns = users_in(table)
        if columns:
            _copy_rows(person, table, columns, other)
    return other


def _copy_rows(person: Person, table: Table, columns: list[Any], other: int) -> None:
    with person.scene.database.read() as session:
        rows = session.execute(select(table).where(columns[0] == person.user_id)).mappings().all()
    for row in rows:
        values = {
            name: value
            for name, value in row.items()
            if not (name == "id" and isinstance(table.c[name].type, Integer))
        }
        values |= {column.name: other for column in columns}
        for name in _own_texts(table, columns):
            values[name] = f"other {values[name]}"[: table.c[name].type.length]
        try:
            with person.scene.database.write() as session:
                session.execute(insert(table).values(values))
        except IntegrityError:  # one row for all people, such as that of a post
            continue


def _own_texts(table: Table, columns: list[Any]) -> list[str]:
    """Texts that are unique by themselves, such as the ID of a session."""
    users = {column.name for column in columns}
    uniques = [list(table.primary_key)]
    uniques += [
        list(each.columns) for each in table.constraints if isinstance(each, UniqueConstraint)
    ]
    return [
        column.name
        for unique in uniques
        for column in unique
        if not users & {each.name for each in unique}
        and not column.foreign_keys
        and isinstance(column.type, String)
    ]


def test_the_rows_of_two_users_are_joined(scene: Scene) -> None:
    person = Person(scene)
    other = second_person(person)
    before = {
        name: text
        for name, text in person.marks.items()
        if name.partition(".")[0] not in LOST and any(text in row for row in all_texts(scene))
    }
    with scene.database.write_core() as connection:
        Merger(connection).merge(USERS, kept=(other,), removed=(person.user_id,))
    with scene.database.read() as session:
        for table in METADATA.sorted_tables:
            for column in users_in(table):
                found = session.execute(select(column).where(column == person.user_id)).all()
                assert found == [], column
    rows = "\n".join(all_texts(scene))
    assert {name for name, text in before.items() if text not in rows} == set()
