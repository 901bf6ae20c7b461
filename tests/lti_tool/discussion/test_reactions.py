"""Reactions: set or unset once for each user, counted while they are written, without names."""

import re
import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from courseware import resources
from lti_tool.discussion import reactions, service
from lti_tool.discussion.errors import DiscussionError, Reason
from lti_tool.discussion.model import Post, PostReaction, ReactionCount
from lti_tool.discussion.reactions import KINDS, Reaction
from lti_tool.sessions.current import CurrentSession
from tests.lti_tool.discussion.pages import FRAGMENT, Browser, one, tree
from tests.lti_tool.discussion.scene import Scene

pytestmark = pytest.mark.both_engines


def react(
    scene: Scene, user: CurrentSession, post_id: int, kind: str = "thanks", *, set_: bool = True
) -> None:
    reactions.react(
        scene.database,
        user,
        scene.permissions(user),
        scene.state(user).id,
        post_id,
        kind,
        set_=set_,
    )


def shown(scene: Scene, user: CurrentSession, post_id: int) -> tuple[Reaction, ...]:
    with scene.database.read_core() as connection:
        return reactions.of_posts(connection, [post_id], user.user_id).get(post_id, ())


def counts_are_true(scene: Scene) -> bool:
    """Every counter is the number of its reactions."""
    with scene.database.read() as session:
        group = (PostReaction.post_id, PostReaction.kind)
        rows = session.execute(select(*group, func.count()).group_by(*group))
        counted = {(post, kind): number for post, kind, number in rows}
        stored = session.scalars(select(ReactionCount)).all()
    return {(row.post_id, row.kind): row.count for row in stored if row.count} == counted


@pytest.fixture
def post(scene: Scene) -> Post:
    return scene.post(scene.launch_session("Eva Ríos"))


def test_the_same_request_again_changes_nothing(scene: Scene, post: Post) -> None:
    one, two = scene.launch_session("Ana"), scene.launch_session("Bo")
    for user in (one, one, two):
        react(scene, user, post.id)
    assert shown(scene, one, post.id) == (Reaction("thanks", 2, True),)
    for _ in range(2):
        react(scene, one, post.id, set_=False)
    assert shown(scene, one, post.id) == (Reaction("thanks", 1, False),)
    assert counts_are_true(scene)


def test_parallel_requests_leave_one_reaction_and_a_true_counter(scene: Scene, post: Post) -> None:
    user = scene.launch_session("Ana")
    faults: list[Exception] = []

    def change(number: int) -> None:
        try:
            react(scene, user, post.id, set_=number % 2 == 0)
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=change, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert scene.count(PostReaction) in (0, 1)
    assert counts_are_true(scene)


REFUSED = [
    ("held", "thanks", Reason.UNKNOWN_POST),
    ("hidden", "thanks", Reason.DELETED_POST),
    ("deleted", "thanks", Reason.DELETED_POST),
    ("published", "hate", Reason.UNKNOWN_REACTION),
]


@pytest.mark.parametrize(("status", "kind", "reason"), REFUSED)
def test_a_reaction_needs_a_post_that_is_shown(
    scene: Scene, post: Post, status: str, kind: str, reason: Reason
) -> None:
    scene.set(post.id, status=status)
    with pytest.raises(DiscussionError) as raised:
        react(scene, scene.launch_session("Ana"), post.id, kind)
    assert raised.value.reason is reason
    assert scene.count(PostReaction) == 0


def test_nobody_reacts_to_an_own_post_or_before_posting(scene: Scene, post: Post) -> None:
    assert post.author_id is not None
    author = scene.launch_session("Eva Ríos", user_id=post.author_id)
    with pytest.raises(DiscussionError) as raised:
        react(scene, author, post.id)
    assert raised.value.reason is Reason.OWN_POST_REACTION
    scene.settings_are(must_post_first=True)
    with pytest.raises(DiscussionError) as raised:
        react(scene, scene.launch_session("Ana"), post.id)
    assert raised.value.reason is Reason.POST_FIRST


def test_a_deleted_post_and_an_erased_person_leave_nothing(scene: Scene, post: Post) -> None:
    one, two = scene.launch_session("Ana"), scene.launch_session("Bo")
    for user in (one, two):
        react(scene, user, post.id)
    assert one.user_id is not None
    with scene.database.write() as session:
        reactions.remove_of_user(session, one.user_id)
    assert shown(scene, two, post.id) == (Reaction("thanks", 1, True),)
    assert counts_are_true(scene)
    author = scene.launch_session("Eva Ríos", user_id=post.author_id)
    service.delete_post(scene.database, author, scene.module, post.id)
    assert (scene.count(PostReaction), scene.count(ReactionCount)) == (0, 0)


def test_the_page_names_every_kind() -> None:
    template = (Path(resources.static()).parent / "tool" / "_posts.html").read_text("utf-8")
    [kinds] = re.findall(r"set kinds = \((.*)\) %}", template)
    assert tuple(re.findall(r'\("(\w+)", _', kinds)) == KINDS


def test_without_the_script_a_button_leads_back_to_the_post(
    scene: Scene, ana: Browser, post: Post
) -> None:
    page = ana.get()
    button = one(page, f"//article[@id='p{post.id}']//button[@value='helpful']")
    assert button.get("form") == "reaction-form"
    assert button.get("aria-pressed") == "false"
    fields = {button.get("name"): "helpful"}
    token = ana.launch_session.token
    response = ana.client.post(button.get("formaction"), data={"token": token, **fields})
    assert response.location.endswith(f"#p{post.id}")
    button = one(ana.get(), f"//article[@id='p{post.id}']//button[@value='helpful']")
    assert (button.get("name"), button.get("aria-pressed")) == ("unset", "true")
    assert "1 person" in button.text_content()
    assert "to the post by ⁨Eva Ríos⁩" in button.text_content()


def test_the_script_gets_the_reactions_and_no_names(scene: Scene, ana: Browser, post: Post) -> None:
    react(scene, scene.launch_session("Zoila Huanca"), post.id)
    response: Any = ana.send(f"post/{post.id}/reaction", set="thanks", headers=FRAGMENT)
    assert response.status_code == 200
    assert "2 people" in response.text
    assert "Zoila" not in response.text
    assert "Zoila" not in ana.get().text
    assert tree(response).xpath("//button[@aria-pressed='true']/@value") == ["thanks"]
