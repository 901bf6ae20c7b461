"""The tool was deleted and deployed again: its two deployments become one, and nothing is lost."""

import json
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from lti_tool.directory import row_merge
from lti_tool.directory.deployment_join import join_deployments, possible_joins
from lti_tool.directory.link_choice import LinkedModule
from lti_tool.directory.model import ActivityOpening, Course, Deployment, Membership, ResourceLink
from lti_tool.directory.registrations import InstitutionError
from lti_tool.discussion import writer
from lti_tool.discussion.model import (
    AuthorCount,
    DayCount,
    Discussion,
    Post,
    PostVersion,
    SavedDraft,
    SummaryText,
    SummaryVersion,
)
from lti_tool.discussion.recount import wrong_discussions
from lti_tool.launches.service import open_session
from lti_tool.lti.launch import LaunchCourse, LaunchResourceLink, LaunchUser
from lti_tool.models import METADATA
from lti_tool.module_page.model import Progress
from lti_tool.notifications.model import MAIL, Mailing, Subscription, due_key, put_mail
from lti_tool.sessions.current import CurrentSession
from lti_tool.sessions.model import LaunchSession
from lti_tool.sessions.service import load_session
from lti_tool.storage.database import Database, now
from lti_tool.tasks.outbox import OutboxRow
from tests.lti_tool.launches.test_service import KEY, a_launch, options

pytestmark = pytest.mark.both_engines

FOUR, WRITING = "module-4", "how-to-write-a-module"


class Place:
    """A registration whose tool was deployed twice."""

    def __init__(self, database: Database, registration_id: int) -> None:
        self.database = database
        self.registration_id = registration_id
        self.launches = 0

    def launch(
        self,
        deployment: str,
        *,
        user: str = "ana",
        course: str | None = "c1",
        link: str = "rl1",
        module: str | None = FOUR,
    ) -> CurrentSession:
        self.launches += 1
        launch = a_launch(
            f"n{self.launches}",
            deployment_id=deployment,
            user=LaunchUser(user, user, None, None, None, None),
            course=LaunchCourse(course, None, f"Course {course}") if course else None,
            resource_link=LaunchResourceLink(link, "Activity"),
        )
        made = open_session(
            self.database, launch, options(self.registration_id, linked=LinkedModule(module))
        )
        found = load_session(self.database, KEY, made.id, cookie=made.token, token=None)
        assert found is not None
        return found

    def post(self, session: CurrentSession, text: str, reply_to: int | None = None) -> int:
        with self.database.write() as writing:
            where = {"resource_link_id": session.resource_link_id, "module_id": session.module_id}
            discussion = writing.scalars(select(Discussion).filter_by(**where)).first()
            if discussion is None:
                discussion = Discussion(**where, created_at=now())
                writing.add(discussion)
                writing.flush()
            post = Post(
                discussion_id=discussion.id,
                thread_id=reply_to,
                reply_to_id=reply_to,
                author_id=session.user_id,
                draft_key=text,
                created_at=now(),
                renderer="1",
                source=text,
                html=text,
            )
            writer.add(writing, discussion, post)
            writing.add(PostVersion(post_id=post.id, replaced_at=now(), source=f"before {text}"))
            return post.id

    def draft(self, session: CurrentSession, text: str) -> None:
        self._add(SavedDraft, session, place="", draft_key=text, text=text)

    def progress(self, session: CurrentSession, seen: str) -> None:
        self._add(Progress, session, seen=seen, last_section=seen.split()[-1])

    def _add(self, table: type, session: CurrentSession, **values: object) -> None:
        with self.database.write() as writing:
            writing.add(
                table(
                    user_id=session.user_id,
                    resource_link_id=session.resource_link_id,
                    module_id=session.module_id,
                    updated_at=now(),
                    **values,
                )
            )

    def join(self, old: str = "old", new: str = "new", **more: bool):
        return join_deployments(self.database, self.registration_id, old, new, **more)

    def count(self, table: type) -> int:
        with self.database.read() as session:
            return session.scalar(select(func.count()).select_from(table)) or 0

    def all(self, statement) -> list:
        with self.database.read() as session:
            return [tuple(row) for row in session.execute(statement)]


@pytest.fixture
def place(database: Database, registration_id: int) -> Place:
    return Place(database, registration_id)


TEXTS = (
    select(ResourceLink.lti_resource_link_id, Discussion.module_id, Post.source)
    .join(Discussion, Discussion.resource_link_id == ResourceLink.id)
    .join(Post, Post.discussion_id == Discussion.id)
    .order_by(Post.id)
)


def test_posts_of_both_are_put_together(place: Place) -> None:
    old = place.launch("old")
    first = place.post(old, "one")
    place.post(old, "reply", reply_to=first)
    new = place.launch("new")
    place.post(new, "two")
    result = place.join()
    assert place.all(TEXTS) == [("rl1", FOUR, text) for text in ("one", "reply", "two")]
    assert place.count(Discussion) == place.count(ResourceLink) == place.count(Course) == 1
    assert place.count(PostVersion) == 3
    assert place.all(select(Deployment.deployment_id)) == [("new",)]
    assert (result.moved["posts"], result.merged["discussions"]) == (2, 1)
    assert place.all(select(Post.sequence).order_by(Post.sequence)) == [(1,), (2,), (3,)]
    assert place.all(select(Discussion.latest_sequence)) == [(3,)]
    assert wrong_discussions(place.database) == {}


@pytest.mark.parametrize(
    ("old_link", "new_link", "links"),
    [
        ({}, {}, [("c1", "rl1")]),
        ({}, {"link": "rl2"}, [("c1", "rl1"), ("c1", "rl2")]),
        ({"course": "c0"}, {}, [("c0", "rl1"), ("c1", "rl1")]),
        ({"course": None}, {}, [(None, "rl1"), ("c1", "rl1")]),
        ({"course": None}, {"course": None}, [(None, "rl1")]),
        ({}, {"course": None}, [(None, "rl1"), ("c1", "rl1")]),
    ],
)
def test_courses_and_links_by_their_own_ids(
    place: Place, old_link: dict, new_link: dict, links: list
) -> None:
    place.post(place.launch("old", **old_link), "one")
    place.post(place.launch("new", **new_link), "two")
    place.join(unrelated=True)
    found = place.all(
        select(Course.context_id, ResourceLink.lti_resource_link_id)
        .select_from(ResourceLink)
        .outerjoin(Course, Course.id == ResourceLink.course_id)
    )
    assert sorted(found, key=str) == sorted(links, key=str)
    assert {text for *_, text in place.all(TEXTS)} == {"one", "two"}


def test_drafts_progress_members_and_sessions(place: Place) -> None:
    old, new = place.launch("old"), place.launch("new")
    other = place.launch("old", user="joao")
    place.draft(old, "Typed before")
    place.draft(new, "Typed since")
    place.progress(old, "introduction videos")
    place.progress(new, "introduction questions")
    place.progress(other, "introduction")
    place.join()
    assert place.all(select(SavedDraft.text)) == [("Typed before\n\nTyped since",)]
    assert sorted(place.all(select(Progress.seen, Progress.last_section))) == [
        ("introduction", "introduction"),
        ("introduction videos questions", "questions"),
    ]
    assert place.count(Membership) == 2
    assert place.count(LaunchSession) == 3
    found = place.all(
        select(LaunchSession.deployment_id, LaunchSession.resource_link_id).distinct()
    )
    assert len(found) == 1, "an open page goes on in the joined activity"


@pytest.mark.parametrize(
    ("old_module", "new_module", "shown"),
    [(FOUR, None, FOUR), (None, WRITING, WRITING), (FOUR, WRITING, WRITING), (None, None, None)],
)
def test_the_module_of_the_new_link_unless_it_has_none(
    place: Place, old_module: str | None, new_module: str | None, shown: str | None
) -> None:
    place.launch("old", module=old_module)
    place.launch("new", module=new_module)
    place.join()
    assert place.all(select(ResourceLink.module_id)) == [(shown,)]
    assert place.launch("new", module=None).module_id == shown


def test_a_dry_run_changes_nothing_and_tells_the_same(place: Place) -> None:
    place.post(place.launch("old"), "one")
    place.post(place.launch("new"), "two")
    before = place.all(TEXTS.add_columns(Post.discussion_id))
    rehearsed = place.join(dry_run=True)
    assert place.all(TEXTS.add_columns(Post.discussion_id)) == before
    assert place.count(Deployment) == 2
    assert rehearsed == place.join()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("old", "old", "the same deployment"),
        ("older", "new", "no deployment 'older'"),
        ("old", "newer", "no deployment 'newer'"),
        ("old", "elsewhere", "no course with a member in common"),
        ("stranger", "new", "no course with a member in common"),
    ],
)
def test_what_is_refused(place: Place, old: str, new: str, message: str) -> None:
    place.launch("old")
    place.launch("new")
    place.launch("elsewhere", course="c9")
    place.launch("stranger", user="of another site")
    with pytest.raises(InstitutionError, match=message):
        place.join(old, new)
    assert place.count(Deployment) == 4


def test_a_failure_in_the_middle_undoes_everything(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.post(place.launch("old"), "one")
    place.post(place.launch("new"), "two")
    before = place.all(TEXTS.add_columns(Post.discussion_id))

    def fail(*_: object) -> dict:
        raise RuntimeError("no power")

    monkeypatch.setattr(ResourceLink, "merged_values", fail)
    with pytest.raises(RuntimeError, match="no power"):
        place.join()
    assert place.all(TEXTS.add_columns(Post.discussion_id)) == before
    assert place.count(Membership) == 2


def test_only_related_deployments_are_offered(place: Place) -> None:
    for deployment, user, course in (
        ("old", "ana", "c1"),
        ("old", "ana", "c2"),
        ("new", "ana", "c1"),
        ("new", "joao", "c2"),
        ("another site", "li", "c1"),
    ):
        place.launch(deployment, user=user, course=course)
    [offered] = possible_joins(place.database, place.registration_id)
    assert (offered.old, offered.new, offered.courses) == ("old", "new", 1)


def test_numbers_of_authors_and_days_add_up(place: Place) -> None:
    place.post(place.launch("old"), "one")
    new = place.launch("new")
    place.post(new, "two", reply_to=place.post(new, "three"))
    place.join()
    for table in (AuthorCount, DayCount):
        assert place.all(select(table.threads, table.replies)) == [(2, 1)]
    assert wrong_discussions(place.database) == {}


def test_the_first_and_the_latest_opening_stay(place: Place) -> None:
    place.launch("old")
    place.launch("new")
    with place.database.read() as session:
        openings = session.scalars(select(ActivityOpening)).all()
    assert len(openings) == 2
    moments = [each.first_at for each in openings] + [each.latest_at for each in openings]
    place.join()
    assert place.all(select(ActivityOpening.first_at, ActivityOpening.latest_at)) == [
        (min(moments), max(moments))
    ]


@pytest.mark.parametrize(
    ("old", "new", "joined"),
    [
        # (first, last, done_up_to); the old discussion has 3 posts
        ((None, 3, 3), (2, 2, 1), (5, 5, 4)),
        ((2, 3, 1), (None, 2, 2), (2, 3, 1)),
        ((2, 3, 1), (2, 2, 1), (2, 5, 1)),
        ((None, 3, 3), (None, 2, 2), (None, 5, 5)),
        ((None, 0, 0), (None, 0, 0), (None, 0, 0)),
        ((2, 3, 1), None, (2, 3, 1)),
        (None, (1, 2, 0), (4, 5, 0)),
    ],
)
def test_mail_that_waits_is_sent(
    place: Place, old: tuple | None, new: tuple | None, joined: tuple
) -> None:
    due_at = now().replace(microsecond=0) + timedelta(hours=1)
    for name, posts, numbers in (("old", 3, old), ("new", 2, new)):
        session = place.launch(name)
        for number in range(posts):
            post_id = place.post(session, f"{name} {number}")
        if numbers is None:
            continue
        with place.database.write() as writing:
            mailing = Mailing(
                user_id=session.user_id,
                discussion_id=writing.get_one(Post, post_id).discussion_id,
                due_at=due_at if numbers[0] else None,
                **dict(zip(("first", "last", "done_up_to"), numbers, strict=True)),
            )
            writing.add(mailing)
            writing.flush()
            if numbers[0]:
                put_mail(writing, mailing.id, numbers[0], due_at)
    place.join()
    assert place.all(select(Mailing.first, Mailing.last, Mailing.done_up_to)) == [joined]
    [(mailing_id, due)] = place.all(select(Mailing.id, Mailing.due_at))
    tasks = [
        json.loads(row[0])
        for row in place.all(select(OutboxRow.payload).where(OutboxRow.kind == MAIL))
    ]
    if joined[0] is not None:
        assert {"mailing": mailing_id, "due": due_key(due)} in tasks
    else:
        assert due is None


def test_both_published_summaries_stay(place: Place) -> None:
    for name in ("old", "new"):
        session = place.launch(name)
        post_id = place.post(session, name)
        with place.database.write() as writing:
            writing.add(
                SummaryText(
                    discussion_id=writing.get_one(Post, post_id).discussion_id,
                    week=date(2026, 11, 23),
                    language="es",
                    published_at=now(),
                    changed_at=now(),
                    source=f"summary {name}",
                    draft=f"draft {name}",
                )
            )
    place.join()
    assert place.all(select(SummaryText.source, SummaryText.draft)) == [
        ("summary new", "draft old\n\ndraft new")
    ]
    assert place.all(select(SummaryVersion.source)) == [("summary old",)]


def test_of_two_choices_of_notices_the_newer_one_stays(place: Place) -> None:
    for name, choice in (("old", "every"), ("new", "off")):
        session = place.launch(name)
        with place.database.write() as writing:
            writing.add(
                Subscription(
                    user_id=session.user_id,
                    course_id=session.course_id,
                    choice=choice,
                    changed_at=now(),
                )
            )
    place.join()
    assert place.all(select(Subscription.choice)) == [("off",)]


def test_two_launches_later_the_joined_deployment_is_one(place: Place) -> None:
    place.post(place.launch("old"), "one")
    place.launch("new")
    place.join()
    place.post(place.launch("new", user="joao"), "two")
    assert [text for *_, text in place.all(TEXTS)] == ["one", "two"]
    assert possible_joins(place.database, place.registration_id) == []


def test_every_table_that_can_hold_the_same_thing_twice_is_known() -> None:
    """A new table here: can two of its rows be one? By default the row of the new deployment stays.

    If that loses something, its model needs ``merged_values``, and this file a test.
    """
    found, wanted = set(), ["deployments"]
    while wanted:
        table = METADATA.tables[wanted.pop()]
        for column in row_merge.references(table):
            name = column.table.name
            if list(row_merge.unique_with(column)) and name not in found:
                found.add(name)
                wanted.append(name)
    assert found == {
        "courses",
        "memberships",
        "resource_links",
        "discussions",
        "course_copies",
        "imported_posts",
        "participation_totals",
        "course_rosters",
        "notice_handlers",
        "usage_days",
        "grade_columns",
        "grade_rules",
        "grade_updates",
        "grades",
        "activity_openings",
        "wanted_pages",
        "author_counts",
        "day_counts",
        "discussion_counts",
        "discussion_readers",
        "mailings",
        "subscriptions",
        "summary_texts",
        "thread_reads",
        "drafts",
        "progress",
    }
