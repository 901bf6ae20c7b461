"""Posts that wait are approved or rejected together: each as it would be alone."""

from typing import Any

import pytest
from sqlalchemy import select

from lti_tool.directory.exchange_model import InstitutionRow
from lti_tool.discussion.announcements import POSTED
from lti_tool.discussion.model import Post
from lti_tool.discussion.moderation import queue, together
from lti_tool.storage.database import Database, now
from lti_tool.tasks.outbox import OutboxRow
from tests.lti_tool.discussion.moderating import acts, is_right, waiting
from tests.lti_tool.discussion.pages import Browser, tree
from tests.lti_tool.discussion.scene import Scene
from tests.support.statements import counted


def held(scene: Scene, author: Browser, number: int, **columns: Any) -> list[int]:
    return scene.many(author.launch_session, [{"status": "held", **columns}] * number)


def decide(browser: Browser, act: str, posts: list[int], revision: int = 0, **fields: str) -> Any:
    field = "shown" if act.endswith("_all") else "chosen"
    return browser.send(
        "moderation/together",
        act=act,
        **{field: [f"{each}-{revision}" for each in posts]},
        **fields,
    )


def statuses(scene: Scene, posts: list[int]) -> list[str]:
    return [scene.read(each).status for each in posts]


@pytest.mark.both_engines
def test_chosen_posts_are_approved_as_each_alone(
    scene: Scene, ana: Browser, pilar: Browser, heard: Any
) -> None:
    posts = held(scene, ana, 5, question_id="who-buys")
    response = decide(pilar, "approve", posts[:-1])
    assert response.status_code == 303
    assert "4 posts were approved." in pilar.get("moderation?approved=4").text
    assert response.location.endswith("moderation?approved=4&left=0")
    assert statuses(scene, posts) == ["published"] * 4 + ["held"]
    sequences = [scene.read(each).sequence for each in posts[:-1]]
    assert sequences == sorted(sequences)
    assert acts(scene) == [("approve", each, "") for each in posts[:-1]]
    assert heard == [("approved", each, "") for each in posts[:-1]]
    with scene.database.read() as session:
        announced = session.scalars(select(OutboxRow.key).where(OutboxRow.kind == POSTED))
        assert sorted(announced, key=int) == [str(each) for each in posts[:-1]]
    assert waiting(scene) == (1, 0)
    assert is_right(scene)


def test_all_that_are_shown_and_no_others(scene: Scene, ana: Browser, pilar: Browser) -> None:
    posts = held(scene, ana, 3)
    page = pilar.get("moderation")
    fields = tree(page).xpath("//form[@id='together']")[0].xpath(".//input[@name='shown']/@value")
    assert fields == [f"{each}-0" for each in posts]
    assert "Approve all 3 posts shown" in page.text
    later = held(scene, ana, 1)
    pilar.send("moderation/together", act="approve_all", shown=fields)
    assert statuses(scene, [*posts, *later]) == ["published"] * 3 + ["held"]


def test_what_changed_meanwhile_is_left(scene: Scene, ana: Browser, pilar: Browser) -> None:
    posts = held(scene, ana, 3)
    scene.edit(ana.launch_session, scene.read(posts[0]), "spam")
    scene.set(posts[1], status="rejected")
    response = decide(pilar, "approve_all", posts)
    assert response.location.endswith("?approved=1&left=2")
    assert statuses(scene, posts) == ["held", "rejected", "published"]
    assert "2 posts were left" in pilar.get("moderation?approved=1&left=2").text


@pytest.mark.both_engines
def test_posts_are_rejected_with_one_reason(
    scene: Scene, ana: Browser, pilar: Browser, heard: Any
) -> None:
    posts = held(scene, ana, 3)
    assert decide(pilar, "reject", posts[:2], reason="Not ours.").status_code == 303
    assert statuses(scene, posts) == ["rejected", "rejected", "held"]
    assert {scene.read(each).hidden_reason for each in posts[:2]} == {"Not ours."}
    assert heard == [("rejected", each, "Not ours.") for each in posts[:2]]
    assert acts(scene) == [("reject", each, "Not ours.") for each in posts[:2]]
    assert waiting(scene) == (1, 0)


@pytest.mark.parametrize(
    ("act", "fields", "message"),
    [
        ("reject", {"reason": ""}, "Give a reason."),
        ("reject", {"reason": "x" * 501}, "The reason can have 500 characters."),
        ("approve", {"chosen": []}, "Choose at least one post."),
        ("approve", {"chosen": ["x", "7", "-1", "9" * 30 + "-0"]}, "Choose at least one post."),
    ],
)
def test_bad_input_is_explained_and_nothing_is_lost(
    scene: Scene, ana: Browser, pilar: Browser, act: str, fields: Any, message: str
) -> None:
    posts = held(scene, ana, 2)
    sent = {"chosen": [f"{posts[0]}-0"], **fields}
    response = pilar.send("moderation/together", act=act, **sent)
    assert response.status_code in (400, 413)
    assert message in response.text
    assert statuses(scene, posts) == ["held"] * 2
    if fields.get("reason"):
        assert fields["reason"] in response.text
    chosen = tree(response).xpath("//input[@type='checkbox'][@checked]/@value")
    assert chosen == [each for each in sent["chosen"] if each == f"{posts[0]}-0"]
    assert pilar.send("moderation/together", act="publish").status_code == 404


def test_imported_answers_and_posts_of_guests_are_listed_apart(
    scene: Scene, ana: Browser, pilar: Browser
) -> None:
    (own,) = held(scene, ana, 1)
    (imported,) = held(scene, ana, 1, origin="offline")
    (guest,) = held(scene, ana, 1, author_role="guest")
    for query, posts in {
        "": [own, imported, guest],
        "?of=imported": [imported],
        "?of=guests": [guest],
        "?of=x": [own, imported, guest],
    }.items():
        listed = tree(pilar.get(f"moderation{query}")).xpath("//article/@data-post")
        assert listed == [str(each) for each in posts], query
    response = pilar.send(
        "moderation/together?of=imported", act="approve_all", shown=[f"{imported}-0"]
    )
    assert "of=imported" in response.location
    assert "None of these is waiting." in pilar.get("moderation?of=imported").text


def test_many_are_shown_at_once_with_as_many_statements(
    scene: Scene, ana: Browser, pilar: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "PER_PAGE", 3)
    monkeypatch.setattr(together, "MOST", 12)
    held(scene, ana, 9)
    with counted(scene.database) as few:
        page = pilar.get("moderation")
    assert "Show up to 12 at once" in page.text
    with counted(scene.database) as many:
        page = pilar.get("moderation?many=1")
    assert len(tree(page).xpath("//article")) == 9
    assert len(many) == len(few) <= 12


@pytest.mark.both_engines
def test_many_posts_are_decided_in_short_transactions(
    scene: Scene, ana: Browser, pilar: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(together, "BATCH", 3)
    posts, begun, write = held(scene, ana, 8), [], Database.write
    monkeypatch.setattr(Database, "write", lambda self: begun.append(self) or write(self))
    with counted(scene.database) as statements:
        decide(pilar, "approve", posts)
    assert len(begun) >= 3  # 3, 3 and 2 posts
    assert len(statements) <= 15 * len(posts) + 12
    assert set(statuses(scene, posts)) == {"published"}


def test_no_more_than_a_page_is_decided_at_once(
    scene: Scene, ana: Browser, pilar: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(together, "MOST", 2)
    posts = held(scene, ana, 3)
    decide(pilar, "approve", posts)
    assert statuses(scene, posts) == ["published", "published", "held"]


def test_posts_of_another_institution_stay(scene: Scene, ana: Browser, pilar: Browser) -> None:
    (post,) = held(scene, ana, 1)
    with scene.database.write() as session:
        other = InstitutionRow(name="Otra", shown_as="name", created_at=now())
        session.add(other)
        session.flush()
        session.get_one(Post, post).institution_id = other.id
    assert decide(pilar, "approve", [post]).location.endswith("approved=0&left=1")
    assert statuses(scene, [post]) == ["held"]
