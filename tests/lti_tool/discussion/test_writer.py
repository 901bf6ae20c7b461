"""After every change of posts, the stored counts are those of the posts."""

import random

import pytest
from sqlalchemy import delete, select, update

from lti_tool.discussion import counts, facets, recount, writer
from lti_tool.discussion.model import DiscussionCount, Post, ThreadFacet
from tests.lti_tool.discussion.scene import Scene
from tests.support.statements import counted

pytestmark = pytest.mark.both_engines

LANGUAGES = ("es", "fr", None)
STATUSES = ("published", "held", "hidden", "deleted")


def differences(scene: Scene) -> int:
    return sum(recount.wrong_discussions(scene.database).values())


@pytest.mark.parametrize("seed", range(3))
def test_counts_after_random_changes(scene: Scene, seed: int) -> None:
    choose = random.Random(seed)
    authors = [scene.launch_session(name) for name in ("Ana", "Bo", "Che")]
    teacher = scene.launch_session("Pilar", instructor=True)
    posts: list[int] = []
    for step in range(120):
        action = choose.choice(["post", "post", "reply", "status", "language", "author", "group"])
        if action == "post" or not posts:
            author = choose.choice([*authors, teacher])
            row = {
                "author_id": author.user_id,
                "author_role": "instructor" if author is teacher else "participant",
                "language": choose.choice(LANGUAGES),
                "question_id": choose.choice(["who-buys", None]),
                "status": choose.choice(STATUSES),
                "anonymous": choose.random() < 0.3,
            }
            posts += scene.many(author, [row])
        elif action == "reply":
            answered = scene.read(choose.choice(posts))
            row = {
                "thread_id": answered.thread_id or answered.id,
                "reply_to_id": answered.id,
                "group_id": answered.group_id,
                "language": choose.choice(LANGUAGES),
                "status": choose.choice(STATUSES),
                "anonymous": choose.random() < 0.3,
            }
            posts += scene.many(choose.choice(authors), [row])
        elif action == "status":
            scene.set(choose.choice(posts), status=choose.choice(STATUSES))
        elif action == "language":
            scene.set(choose.choice(posts), language=choose.choice(LANGUAGES))
        elif action == "author":
            scene.set(choose.choice(posts), author_id=choose.choice([None, authors[0].user_id]))
        else:
            thread = scene.read(choose.choice(posts))
            root, group = thread.thread_id or thread.id, choose.choice([0, 7])
            with scene.database.write() as session:
                first = session.get_one(Post, root)
                discussion = writer.lock(session, first.discussion_id)
                writer.move_to_group(session, discussion, first, group)
        if step % 20 == 19:
            assert differences(scene) == 0, (seed, step, action)
    assert differences(scene) == 0


@pytest.mark.parametrize(
    "damage",
    [
        update(DiscussionCount).values(posts=DiscussionCount.posts + 1),
        delete(DiscussionCount),
        update(ThreadFacet).values(activity=1000),
        delete(ThreadFacet).where(ThreadFacet.kind == "language"),
        update(Post).where(Post.thread_id.is_(None)).values(reply_count=9),
    ],
    ids=["count", "no counts", "activity", "no languages", "replies"],
)
def test_wrong_counts_are_found_and_mended(scene: Scene, damage) -> None:
    ana = scene.launch_session()
    first = scene.post(ana, language="es")
    scene.post(ana, reply_to_id=first.id, language="fr")
    assert differences(scene) == 0
    with scene.database.write() as session:
        session.execute(damage)
    assert differences(scene) > 0
    with scene.database.write_core() as connection:
        recount.recount(connection, first.discussion_id)
    assert differences(scene) == 0


def test_a_post_moves_to_another_thread(scene: Scene) -> None:
    ana = scene.launch_session()
    one, two = scene.post(ana, language="es"), scene.post(ana, language="fr")
    reply = scene.post(ana, reply_to_id=one.id, language="pt")
    scene.set(reply.id, thread_id=two.id, reply_to_id=two.id)
    assert differences(scene) == 0
    assert (scene.read(one.id).reply_count, scene.read(two.id).reply_count) == (0, 1)


def test_an_approved_post_is_newer_than_those_published_meanwhile(scene: Scene) -> None:
    ana = scene.launch_session()
    (held,) = scene.many(ana, [{"status": "held"}])
    meanwhile = scene.post(ana)
    assert scene.read(held).sequence == 0
    scene.set(held, status="published")
    assert scene.read(held).sequence > scene.read(meanwhile.id).sequence
    scene.set(held, status="hidden")
    again = scene.read(held).sequence
    scene.set(held, status="published")
    assert scene.read(held).sequence == again


def test_peers_cannot_count_the_anonymous_posts_of_a_person(scene: Scene) -> None:
    ana, bo = scene.launch_session("Ana"), scene.launch_session("Bo")
    assert ana.user_id is not None
    scene.post(ana)
    scene.settings_are(anonymous=True)
    scene.post(ana)
    with scene.database.read_core() as connection:
        rows = connection.execute(
            select(ThreadFacet.kind).where(ThreadFacet.kind.in_(("author", "own")))
        )
        assert sorted(row.kind for row in rows) == ["author", "own"]
        seen = counts.count_posts(connection, scene.scope(bo).discussion_id, bo.user_id)
        assert facets.by_author(ana.user_id) not in seen.posts
    assert scene.state(ana).own_posts == 2


def test_each_post_takes_a_bounded_number_of_statements(scene: Scene) -> None:
    people = [scene.launch_session(f"Person {number}") for number in range(30)]
    first = scene.post(people[0])
    for each in people:
        scene.post(each, reply_to_id=first.id)
    with counted(scene.database) as alone:
        scene.post(people[0], language="es")
    with counted(scene.database) as reply:
        scene.post(people[0], reply_to_id=first.id, language="es")
    assert len(alone) <= 15
    assert len(reply) <= 20, reply
