"""What others wrote about an erased person is found; it is changed in posts, else reported."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from lti_tool.directory.audit import AuditEntry
from lti_tool.discussion import summaries, texts_of_others, writer
from lti_tool.discussion.model import Discussion, Post, SummaryText, SummaryVersion
from lti_tool.gradebook.model import Grade, GradeColumn
from lti_tool.personal_data import service
from lti_tool.roster.model import CourseGroup
from lti_tool.sessions.current import CurrentSession
from lti_tool.storage.database import now
from tests.lti_tool.discussion.scene import Scene
from tests.lti_tool.personal_data.test_erasure import DECLARATIONS, NAME, erase
from tests.support.statements import counted

pytestmark = pytest.mark.both_engines

WEEK = date(2026, 11, 30)


@pytest.fixture
def ana(scene: Scene) -> CurrentSession:
    return scene.launch_session(NAME)


@pytest.fixture
def luis(scene: Scene) -> CurrentSession:
    return scene.launch_session("Luis Paz")


@pytest.fixture
def pilar(scene: Scene) -> CurrentSession:
    return scene.launch_session("Pilar Mamani", instructor=True)


def named(scene: Scene, user: CurrentSession) -> list[tuple[str, int, bool]]:
    assert user.user_id is not None
    found = service.named(scene.database, DECLARATIONS, user.user_id)
    return [(each.kind, each.row, each.removed) for each in found]


def summarize(scene: Scene, author: CurrentSession, text: str, **given: Any) -> SummaryText:
    row = {"language": "es", "revision": 0, "action": "publish", **given}
    return summaries.save(
        scene.database, author, scene.module, WEEK, row.pop("language"), text, **row
    )


def reported(scene: Scene) -> list[tuple[str, str]]:
    with scene.database.read() as session:
        rows = session.execute(select(AuditEntry.action, AuditEntry.detail).order_by(AuditEntry.id))
        return [(row.action, row.detail) for row in rows]


class TestPosts:
    @pytest.mark.parametrize(
        ("source", "left"),
        [
            ("I agree with Ana Quispe.", "I agree with […]."),
            ("ANA QUISPE is right", "[…] is right"),
            ("Ana  **Quispe** is right", "[…]** is right"),
            ("Ana and Quispe are two names", "Ana and Quispe are two names"),
        ],
    )
    def test_a_name_is_found_where_the_person_never_wrote(
        self, scene: Scene, ana: CurrentSession, luis: CurrentSession, source: str, left: str
    ) -> None:
        post = scene.post(luis, source)
        assert named(scene, ana) == ([("post", post.id, True)] if left != source else [])
        erase(scene, ana)
        assert scene.read(post.id).source == left

    def test_an_accented_name_is_found_in_each_case(
        self, scene: Scene, luis: CurrentSession
    ) -> None:
        jose = scene.launch_session("José Ñahui")
        post = scene.post(luis, "JOSÉ ÑAHUI wrote this.")
        scene.edit(luis, post, "Somebody wrote this.")
        erase(scene, jose)
        with scene.database.read() as session:
            left = session.scalars(select(Post.source)).all()
        assert left == ["Somebody wrote this."]
        assert "ÑAHUI" not in str(left)

    def test_a_quotation_is_found_in_another_thread(
        self, scene: Scene, ana: CurrentSession, luis: CurrentSession
    ) -> None:
        first, other = scene.post(ana, "The river floods in March."), scene.post(luis)
        quoting = scene.post(luis, "> The river floods in March.\n\nYes.", reply_to_id=first.id)
        scene.set(quoting.id, thread_id=other.id)
        assert named(scene, ana) == [("post", quoting.id, True)]
        erase(scene, ana)
        assert scene.read(quoting.id).source == "> […]\n\nYes."

    def test_the_texts_of_posts_are_not_scanned(
        self, scene: Scene, ana: CurrentSession, luis: CurrentSession
    ) -> None:
        numbers = []
        for more in (1, 40):
            scene.many(luis, [{"source": "Hola", "html": "<p>Hola</p>"}] * more)
            with scene.database.read() as session, counted(scene.database) as statements:
                subject = texts_of_others.subject_of(session, ana.user_id)
                assert texts_of_others.candidate_posts(session, subject) == {}
            numbers.append(len(statements))
        assert numbers[0] == numbers[1]
        scans = [each for each in statements if "LIKE" in each and "thread_id IN" not in each]
        assert scans == []

    def test_imported_posts_under_the_name_are_reported(
        self, scene: Scene, ana: CurrentSession, luis: CurrentSession
    ) -> None:
        row = {"author_id": None, "author_name": NAME, "origin": "archive"}
        (post,) = scene.many(luis, [row])
        assert named(scene, ana) == [("imported", post, False)]
        erase(scene, ana)
        assert scene.read(post).author_name == NAME


class TestSummaries:
    def test_those_of_others_are_reported_and_stay(
        self, scene: Scene, ana: CurrentSession, luis: CurrentSession, pilar: CurrentSession
    ) -> None:
        post = scene.post(luis, f"Thanks to {NAME}")
        text = f"This week {NAME} showed us the market."
        summary = summarize(scene, pilar, text)
        summarize(scene, pilar, "Nothing", language="fr")
        assert named(scene, ana) == [("summary", summary.id, False), ("post", post.id, True)]
        erase(scene, ana)
        with scene.database.read() as session:
            assert session.get_one(SummaryText, summary.id).source == text
        assert reported(scene) == [
            ("people.unnamed", f"post={post.id}"),
            ("people.named", f"summary={summary.id}"),
        ]

    def test_those_of_the_person_are_withdrawn_with_their_earlier_texts(
        self, scene: Scene, pilar: CurrentSession
    ) -> None:
        rosa = scene.launch_session("Rosa Condori", instructor=True)
        own = summarize(scene, pilar, "First")
        summarize(scene, pilar, "Second", revision=1)
        mixed = summarize(scene, rosa, "Of Rosa", language="fr")
        summarize(scene, pilar, "Of Pilar", language="fr", revision=1)
        summarize(scene, rosa, "A draft of Rosa", language="fr", revision=2, action="draft")
        exported = service.as_json(service.export(scene.database, DECLARATIONS, pilar.user_id))
        assert [
            (each["text"], each["draft"], each["earlier_texts"]) for each in exported["summaries"]
        ] == [("Second", None, ["First"]), ("Of Pilar", None, [])]
        erase(scene, pilar)
        with scene.database.read() as session:
            assert session.get(SummaryText, own.id) is None
            row = session.get_one(SummaryText, mixed.id)
            assert (row.source, row.published_at, row.draft) == ("", None, "A draft of Rosa")
            assert session.scalars(select(SummaryVersion.source)).all() == ["Of Rosa"]


def test_other_texts_with_the_name_are_reported(
    scene: Scene, ana: CurrentSession, luis: CurrentSession, pilar: CurrentSession
) -> None:
    with scene.database.write() as session:
        column = GradeColumn(resource_link_id=scene.resource_link_id, kind="final")
        group = CourseGroup(
            course_id=scene.course_id, source="instructor", name=NAME, created_at=now()
        )
        entry = AuditEntry(
            registration_id=scene.registration_id,
            actor="person",
            action="discussion.hide",
            detail=f"Rude to {NAME}",
            created_at=now(),
        )
        session.add_all([column, group, entry])
        session.flush()
        comment = f"Better than {NAME}"
        session.add(Grade(column_id=column.id, user_id=luis.user_id, comment=comment, revision=1))
        ids = {"grade": luis.user_id, "group": group.id, "log": entry.id}
    assert set(named(scene, ana)) == {(kind, row, False) for kind, row in ids.items()}
    erase(scene, ana)
    assert set(reported(scene)[1:]) == {
        ("people.named", f"{kind}={row}") for kind, row in ids.items()
    }


def test_the_log_has_all_numbers_and_no_name(
    scene: Scene, ana: CurrentSession, luis: CurrentSession
) -> None:
    row = {"source": f"{NAME} said so.", "html": f"<p>{NAME} said so.</p>"}
    posts = scene.many(luis, [row] * 50)
    erase(scene, ana)
    entries = reported(scene)
    numbers = [each for _, detail in entries for each in detail.removeprefix("post=").split(", ")]
    assert [action for action, _ in entries] == ["people.unnamed"] * 2
    assert list(map(int, numbers)) == posts


def test_a_discussion_that_others_share_is_looked_at(
    scene: Scene, ana: CurrentSession, luis: CurrentSession
) -> None:
    with scene.database.write() as session:
        shared = Discussion(module_id=scene.module.id, created_at=now())
        session.add(shared)
        session.flush()
        own = Discussion(
            resource_link_id=scene.resource_link_id,
            module_id=scene.module.id,
            shared_id=shared.id,
            created_at=now(),
        )
        session.add(own)
        session.flush()
        post = Post(
            discussion_id=shared.id,
            author_id=luis.user_id,
            source=f"Hello {NAME}",
            html=f"<p>Hello {NAME}</p>",
            renderer="1",
            draft_key="k",
            created_at=now(),
        )
        writer.add(session, writer.lock(session, shared.id), post)
    assert named(scene, ana) == [("post", post.id, True)]
