"""The discussion of an exchange, below the pages: names, counts, leaving, mail and deletion."""

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from courseware.i18n import interface
from courseware.library import Library
from lti_tool.directory import exchanges as directory
from lti_tool.directory.exchanges import Member
from lti_tool.directory.model import (
    ActivityOpening,
    Deployment,
    RegistrationRow,
)
from lti_tool.discussion import (
    audience,
    discussions,
    exchange_mentions,
    notices,
    presenter,
    recount,
    shared_posts,
    shared_retention,
    withdrawal,
)
from lti_tool.discussion.errors import DiscussionError, Reason
from lti_tool.discussion.model import Discussion, DiscussionReader, Post
from lti_tool.discussion.moderation import together
from lti_tool.discussion.moderation.service import Moderator
from lti_tool.discussion.notices import NoticeReader
from lti_tool.discussion.reader import make_reader
from lti_tool.discussion.shared_posts import Viewpoint
from lti_tool.exchanges import service
from lti_tool.sessions.current import CurrentSession
from lti_tool.storage.database import Database, now
from tests.lti_tool.discussion import scene as scenes
from tests.lti_tool.discussion.scene import Scene, statements_of

pytestmark = pytest.mark.both_engines

UI = interface("en")
NAME = "Ana Quispe Mamani"


@dataclass
class Pair:
    """Two institutions whose activities take part in one exchange."""

    a: Scene
    b: Scene
    exchange_id: int

    @property
    def database(self):
        return self.a.database

    def institution(self, scene: Scene) -> int:
        with self.database.read() as session:
            found = session.get_one(Deployment, scene.deployment_id).institution_id
        assert found is not None
        return found

    def reader(self, scene: Scene, session: CurrentSession):
        with self.database.read_core() as connection:
            return make_reader(connection, scene.settings, session, scene.module, (), UI)

    def row(self, scene: Scene, session: CurrentSession, post: Post):
        from lti_tool.discussion import queries

        reader = self.reader(scene, session)
        with self.database.read_core() as connection:
            return queries.find_post(connection, reader.scope, post.id)

    def differences(self) -> int:
        with self.database.read_core() as connection:
            return sum(recount.count_differences(connection, each) for each in self.ids())

    def ids(self) -> list[int]:
        return recount.discussion_ids(self.database)


def second(scene: Scene) -> Scene:
    names = ("registration_id", "deployment_id", "course_id", "resource_link_id")
    ids = scenes.add_platform(scene.database, "https://other.example.org", "Other", scene.module.id)
    return replace(scene, **dict(zip(names, ids, strict=True)))


@pytest.fixture
def pair(database: Database, tmp_path: Path) -> Pair:
    a = scenes.make(database, tmp_path)
    b = second(a)
    with database.write() as session:
        exchange = directory.create_exchange(session, "Sur-Sur").id
        code = directory.invite(session, exchange, uses=2, days=1)
        for scene, name in ((a, "Universidad A"), (b, "Université B")):
            institution = directory.institution_of(session, scene.deployment_id)
            directory.describe_institution(session, institution.id, name=name, shown_as="initials")
            assert directory.join(session, institution.id, code) is not None
        assert directory.join(session, institution.id, "guessed") is None
    made = Pair(a, b, exchange)
    for scene in (a, b):
        choose(scene, f"exchange-{exchange}")
    return made


def choose(scene: Scene, key: str) -> None:
    teacher = scene.launch_session("Tito", instructor=True)
    with scene.database.write() as session:
        audience.change(session, teacher, scene.module, key)


def post(scene: Scene, author: CurrentSession, text: str = "Hola", **draft: object) -> Post:
    return scene.post(author, text, shared_id=scene.state(author).shared_id, **draft)


@pytest.mark.parametrize(
    ("then", "now_", "nameless", "expected"),
    [
        ("name", "name", False, NAME),
        ("name", "initials", False, "AM (K7QX)"),
        ("name", "pseudonym", False, None),
        ("initials", "name", False, "AM (K7QX)"),
        ("pseudonym", "name", False, None),
        (None, "name", False, None),
        ("name", "name", True, None),
    ],
)
def test_a_promise_about_names_only_becomes_more_careful(
    then: str | None, now_: str, nameless: bool, expected: str | None
) -> None:
    other = Viewpoint(1, {2: Member(2, "B", now_, nameless=nameless)})
    assert other.shown_name(2, then, NAME, "K7QX") == expected
    assert other.label(2) == (None if nameless else "B")
    assert Viewpoint(2, other.members).shown_name(2, then, NAME, "K7QX") == NAME
    assert Viewpoint(1).shown_name(3, then, NAME, "K7QX") is None


def test_several_courses_post_and_all_counts_are_right(pair: Pair) -> None:
    ana, bo = pair.a.launch_session(NAME), pair.b.launch_session("Bo")
    pair.a.settings_are(moderation="all")
    held = post(pair.a, pair.a.reload(ana.id), "Espera")
    first = post(pair.b, bo, "Premier", question_id=None)
    assert (held.status, first.status) == ("held", "published")
    for scene, waiting in ((pair.a, 1), (pair.b, 0)):
        teacher = scene.launch_session("Tito", instructor=True)
        assert scene.state(teacher).waiting == waiting
        seen = pair.row(scene, teacher, held)
        assert (seen is not None) == bool(waiting)
    assert pair.differences() == 0
    with pair.database.write_core() as connection:
        for each in pair.ids():
            recount.recount(connection, each)
    assert pair.differences() == 0


def test_the_number_of_statements_does_not_grow(pair: Pair) -> None:
    ana, bo = pair.a.launch_session(NAME), pair.b.launch_session("Bo")
    numbers = []
    for posts in (2, 12):
        for _ in range(posts):
            first = post(pair.a, ana)
            post(pair.b, bo, reply_to_id=first.id)
        reader = pair.reader(pair.b, bo)
        page = type("Page", (), {"questions": ()})()
        with statements_of(pair.database) as seen, pair.database.read_core() as connection:
            arguments = (pair.b.settings, bo, pair.b.module, page, UI, {})
            presenter.present(connection, *arguments)
        numbers.append(len(seen))
        assert reader is not None
    assert numbers[0] == numbers[1] <= 14


def test_nobody_writes_in_a_closed_exchange(pair: Pair) -> None:
    ana = pair.a.launch_session(NAME)
    written = post(pair.a, ana)
    directory.set_closed(pair.database, pair.exchange_id, closed=True)
    for session in (ana, pair.a.launch_session("Tito", instructor=True)):
        with pytest.raises(DiscussionError) as refused:
            post(pair.a, session)
        assert refused.value.reason is Reason.EXCHANGE_CLOSED
    assert pair.row(pair.b, pair.b.launch_session("Bo"), written) is not None


@pytest.mark.parametrize(
    ("posts", "name", "label", "text"),
    [
        ("keep", "AM (", "Universidad A", "Hola"),
        ("nameless", None, None, "Hola"),
        ("remove", None, None, ""),
    ],
)
def test_leaving(
    pair: Pair, posts: service.Leaving, name: str | None, label: str | None, text: str
) -> None:
    ana, bo = pair.a.launch_session(NAME), pair.b.launch_session("Bo")
    written = post(pair.a, ana)
    post(pair.b, bo, reply_to_id=written.id)
    institution = pair.institution(pair.a)
    with pair.database.write() as session:
        assert service.end_membership(session, institution, pair.exchange_id, posts)
        assert not service.end_membership(session, institution, pair.exchange_id, posts)
    assert pair.a.state(ana).audience == "course"
    if posts != "keep":
        payload = {"institution": pair.institution(pair.a), "exchange": pair.exchange_id}
        withdrawal.withdraw(pair.database, {**payload, "texts": posts == "remove"})
    row = pair.row(pair.b, bo, written)
    assert (row.author_name or "")[:4] == (name or "")
    reader = pair.reader(pair.b, bo)
    assert reader.viewpoint.label(row.institution_id) == label
    assert text in row.html
    assert bool(row.html) == bool(text)
    assert pair.a.read(written.id).author_name == (NAME if posts == "keep" else None)
    assert pair.differences() == 0


def test_a_removed_registration_leaves_no_text(pair: Pair) -> None:
    written = post(pair.a, pair.a.launch_session(NAME))
    withdrawal.remove_of_registration(pair.database, pair.a.registration_id)
    assert (pair.a.read(written.id).status, pair.a.read(written.id).source) == ("deleted", "")


def test_mail_tells_what_the_page_tells(pair: Pair) -> None:
    ana, bo = pair.a.launch_session(NAME), pair.b.launch_session("Bo")
    post(pair.a, ana, "¿Qué tal?")
    with pair.database.read() as session:
        shared = pair.b.state(bo).shared_id
        place = notices.find_place(session, shared, bo.user_id or 0)
        assert place is not None
        assert (place.course_id, place.active) == (pair.b.course_id, True)
        library = Library(pair.b.settings.content_dir)
        found = notices.news(
            session, library, NoticeReader(bo.user_id or 0, instructor=False), place, UI, most=5
        )
    [noticed] = found.posts
    assert noticed.author.startswith("AM (")
    assert noticed.author.endswith("), Universidad A")
    choose(pair.b, "course")
    with pair.database.read() as session:
        assert notices.find_place(session, shared, bo.user_id or 0) is None


def test_mentions_are_codes_where_names_are_not_shown(pair: Pair) -> None:
    ana, bo = pair.a.launch_session(NAME), pair.b.launch_session("Bo")
    written = post(pair.a, ana)
    for scene, session, typed, found in (
        (pair.a, pair.a.launch_session("Cai"), "Ana", True),
        (pair.b, bo, "Ana", False),
        (pair.b, bo, written.author_code, True),
    ):
        reader = pair.reader(scene, session)
        circle = exchange_mentions.circle_of(
            reader.permissions, reader.state, reader.viewpoint, scene.course_id
        )
        with pair.database.read_core() as connection:
            people, _ = exchange_mentions.people_page(connection, circle, typed)
            assert [each.name for each in people] == ([written.author_code] if found else [])
            [mention] = exchange_mentions.find(connection, circle, f"@{written.author_code}!")
        assert mention.user_id == ana.user_id


@pytest.mark.parametrize(("allowed", "expected"), [(False, False), (True, True)])
def test_both_institutions_allow_a_translation(pair: Pair, allowed: bool, expected: bool) -> None:
    bo = pair.b.launch_session("Bo")
    with pair.database.write() as session:
        session.execute(
            update(RegistrationRow)
            .where(RegistrationRow.id == pair.a.registration_id)
            .values(translation=allowed)
        )
    reader = replace(pair.reader(pair.b, bo), translates=True)
    assert reader.may_translate(pair.institution(pair.a)) is expected
    assert reader.may_translate(pair.institution(pair.b))
    assert not replace(reader, translates=False).may_translate(pair.institution(pair.b))


@pytest.mark.parametrize(
    ("action", "used", "expected"),
    [("delete", False, ("deleted", None)), ("anonymise", False, ("published", None)),
     ("delete", True, ("published", NAME))],
)  # fmt: skip
def test_retention_of_one_institution(
    pair: Pair, action: str, used: bool, expected: tuple[str, str | None]
) -> None:
    ana, bo = pair.a.launch_session(NAME), pair.b.launch_session("Bo")
    written, other = post(pair.a, ana), post(pair.b, bo)
    long_ago = now() - timedelta(days=100)
    with pair.database.write() as session:
        registration = session.get_one(RegistrationRow, pair.a.registration_id)
        registration.retention_months, registration.retention_action = 2, action
        session.execute(update(Post).values(created_at=long_ago))
        session.execute(update(DiscussionReader).values(visited_at=long_ago))
        if used:
            session.add(
                ActivityOpening(
                    resource_link_id=pair.a.resource_link_id,
                    user_id=ana.user_id,
                    first_at=long_ago,
                    latest_at=now(),
                )
            )
    shared_retention.apply(pair.database)
    after = pair.a.read(written.id)
    assert (after.status, after.author_name) == expected
    assert (pair.b.read(other.id).status, pair.b.read(other.id).author_name) == ("published", "Bo")


def test_a_change_of_audience_moves_no_post(pair: Pair) -> None:
    ana = pair.a.launch_session(NAME)
    shared = post(pair.a, ana)
    choose(pair.a, "course")
    own = post(pair.a, ana)
    assert own.discussion_id != shared.discussion_id
    assert (own.institution_id, own.shown_as) == (None, None)
    with pair.database.read() as session:
        row = session.scalars(
            select(Discussion).where(Discussion.resource_link_id == pair.a.resource_link_id)
        ).one()
        assert row.id == own.discussion_id
    teacher = pair.a.launch_session("Tito", instructor=True)
    for key in ("exchange-77", "exchange-", "everybody"):
        with pair.database.write() as session, pytest.raises(DiscussionError):
            audience.change(session, teacher, pair.a.module, key)
    choose(pair.a, f"exchange-{pair.exchange_id}")
    assert pair.a.state(ana).id == shared.discussion_id
    with pair.database.write() as session, pytest.raises(DiscussionError):
        discussions.start_afresh(session, teacher, pair.a.module)


def test_rows_pass_one_function(pair: Pair) -> None:
    """Without a viewpoint nothing is read, and in a course nothing is changed."""
    with statements_of(pair.database) as seen, pair.database.read_core() as connection:
        assert shared_posts.as_seen(connection, None, []) == []
    assert seen == []


def test_a_thread_with_replies_of_another_institution_stays(pair: Pair) -> None:
    ana, bo = pair.a.launch_session(NAME), pair.b.launch_session("Bo")
    teacher = pair.a.launch_session("Tito", instructor=True)
    mixed, own, into = (post(pair.a, ana) for _ in range(3))
    for author, answered in ((bo, mixed), (ana, own)):
        post(pair.b if author is bo else pair.a, author, reply_to_id=answered.id)
    moderator = Moderator(pair.database, teacher, pair.a.module)
    with pytest.raises(DiscussionError) as refused:
        moderator.move(mixed.id, str(into.id))
    assert refused.value.reason is Reason.OTHER_INSTITUTION
    moderator.move(own.id, str(into.id))
    assert pair.a.read(into.id).reply_count == 2
    assert pair.differences() == 0


def test_each_institution_decides_about_its_own_waiting_posts_together(pair: Pair) -> None:
    teacher = pair.a.launch_session("Tito", instructor=True)
    for scene in (pair.a, pair.b):
        scene.settings_are(moderation="all")
    ours = [post(pair.a, pair.a.launch_session(f"Ana {number}")) for number in range(2)]
    theirs = post(pair.b, pair.b.launch_session("Bo"))
    moderator = Moderator(pair.database, teacher, pair.a.module)
    shown = [together.Waiting(each.id, each.revision) for each in (*ours, theirs)]
    outcome = together.approve(moderator, shown)
    assert (outcome.done, outcome.left) == (2, 1)
    assert [pair.a.read(each.id).status for each in (*ours, theirs)] == [
        *("published", "published", "held")
    ]
    assert pair.a.state(teacher).waiting == 0
    assert pair.differences() == 0
