"""What instructors lead a discussion with: every rule, over HTTP, without JavaScript."""

import random
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from lti_tool.attachments import service as attachments
from lti_tool.discussion.checks import MAX_PINNED
from lti_tool.discussion.model import (
    PendingEdit,
    Post,
    PostVersion,
)
from lti_tool.discussion.moderation.service import parse_target
from tests.lti_tool.attachments.files import PDF
from tests.lti_tool.discussion.moderating import acts, decide, is_right, moderate, waiting
from tests.lti_tool.discussion.pages import Browser, one, tree
from tests.lti_tool.discussion.scene import Scene
from tests.support.statements import counted


@pytest.mark.both_engines
class TestThreads:
    def test_a_pinned_thread_is_first_until_it_is_unpinned(
        self, scene: Scene, ana: Browser, pilar: Browser
    ) -> None:
        old, new = scene.post(ana.launch_session).id, scene.post(ana.launch_session).id

        def order() -> list[str]:
            return list(tree(ana.get()).xpath("//article/@data-post"))

        assert order() == [str(new), str(old)]
        assert moderate(pilar, old, "pin").status_code == 303
        assert order() == [str(old), str(new)]
        moderate(pilar, old, "unpin")
        assert order() == [str(new), str(old)]
        assert acts(scene) == [("pin", old, ""), ("unpin", old, "")]

    def test_only_some_threads_can_be_pinned(
        self, scene: Scene, ana: Browser, pilar: Browser
    ) -> None:
        threads = scene.many(ana.launch_session, [{}] * (MAX_PINNED + 1))
        statuses = [moderate(pilar, each, "pin").status_code for each in threads]
        assert statuses == [303] * MAX_PINNED + [409]
        assert "Only 10 threads can be pinned" in moderate(pilar, threads[-1], "pin").text

    def test_in_a_closed_thread_only_instructors_reply(
        self, scene: Scene, ana: Browser, pilar: Browser
    ) -> None:
        first = scene.post(ana.launch_session).id
        moderate(pilar, first, "close")
        assert ana.write("a reply", reply_to=first).status_code == 409
        assert pilar.write("a reply", reply_to=first).status_code == 303
        moderate(pilar, first, "reopen")
        assert ana.write("a reply", reply_to=first).status_code == 303

    @pytest.mark.parametrize(("act", "badge"), [("answer", "Answer"), ("highlight", "Highlighted")])
    def test_marks(self, scene: Scene, ana: Browser, pilar: Browser, act: str, badge: str) -> None:
        post = scene.post(ana.launch_session).id
        moderate(pilar, post, act)
        assert badge in tree(ana.get()).xpath(f"//article[@id='p{post}']//*[@class='badge']/text()")
        moderate(pilar, post, "unmark")
        assert not tree(ana.get()).xpath(f"//article[@id='p{post}']//*[@class='badge']")

    def test_a_reply_moves_into_another_thread_and_out_of_it(
        self, scene: Scene, ana: Browser, pilar: Browser, heard: Any
    ) -> None:
        one_, two = scene.post(ana.launch_session).id, scene.post(ana.launch_session).id
        reply = scene.post(ana.launch_session, "a reply", reply_to_id=one_).id
        link = f"https://tool.example.org{pilar.launch_session.path}post/{two}"
        assert moderate(pilar, reply, "move", link=link).status_code == 303
        assert scene.read(reply).thread_id == two
        assert (scene.read(one_).reply_count, scene.read(two).reply_count) == (0, 1)
        assert moderate(pilar, reply, "split").status_code == 303
        assert scene.read(reply).thread_id is None
        assert is_right(scene)
        assert heard == [("moved", reply, "")] * 2

    def test_a_thread_moves_with_its_replies(
        self, scene: Scene, ana: Browser, pilar: Browser
    ) -> None:
        moved = scene.post(ana.launch_session, "moved", question_id="who-buys").id
        reply = scene.post(ana.launch_session, "with it", reply_to_id=moved).id
        into = scene.post(ana.launch_session).id
        moderate(pilar, moved, "pin")
        assert moderate(pilar, moved, "move", thread=str(into)).status_code == 303
        assert {scene.read(each).thread_id for each in (moved, reply)} == {into}
        first = scene.read(into)
        assert first.reply_count == 2
        assert is_right(scene)
        assert len(tree(ana.get()).xpath("//ol[@data-threads]/li")) == 1

    @pytest.mark.parametrize("target", ["", "x", "999999", "own", "reply"])
    def test_an_impossible_target_is_explained_and_stays_typed(
        self, scene: Scene, ana: Browser, pilar: Browser, target: str
    ) -> None:
        first = scene.post(ana.launch_session).id
        reply = scene.post(ana.launch_session, reply_to_id=first).id
        typed = {"own": str(first), "reply": f"x#p{reply}"}.get(target, target)
        response = moderate(pilar, first, "move", link=typed)
        assert response.status_code == 400
        assert "That thread is not in this discussion" in response.text
        assert one(response, "//input[@name='link']").value == typed

    def test_the_question_of_a_thread(self, scene: Scene, ana: Browser, pilar: Browser) -> None:
        post = scene.post(ana.launch_session).id
        moderate(pilar, post, "question", question="who-buys")
        assert "1 answer" in ana.get().text
        assert moderate(pilar, post, "question", question="another").status_code == 400
        moderate(pilar, post, "question", question="")
        assert "1 answer" not in ana.get().text
        assert is_right(scene)


@pytest.mark.parametrize(
    ("target", "post"),
    [
        ("12", 12),
        ("https://x.org/l/abc/post/12", 12),
        ("https://x.org/l/abc/?after=3#p12", 12),
        ("/l/abc/thread/12?after=4", 12),
        ("/l/abc/thread/12#p15", 15),
        ("https://x.org/d/3/p/12/AbC9", 12),
        ("twelve", None),
        ("9" * 40, None),
        ("", None),
    ],
)
def test_targets(target: str, post: int | None) -> None:
    assert parse_target(target) == post


class TestHiding:
    @pytest.mark.both_engines
    def test_a_hidden_post_is_hidden_until_it_is_shown(
        self, scene: Scene, ana: Browser, bo: Browser, pilar: Browser, heard: Any
    ) -> None:
        post = scene.post(ana.launch_session, "something rude").id
        assert moderate(pilar, post, "hide", reason=" ").status_code == 400
        assert moderate(pilar, post, "hide", reason="x" * 501).status_code == 413
        moderate(pilar, post, "hide", reason="Please be kind.")
        assert "Please be kind." in ana.get(f"thread/{post}").text
        for path in ("", f"thread/{post}", "poll?after=0"):
            answer = bo.get(path).text
            assert "something rude" not in answer
            assert "Please be kind." not in answer
        assert moderate(pilar, post, "hide", reason="again").status_code == 409
        moderate(pilar, post, "show")
        assert "something rude" in bo.get().text
        assert heard == [("hidden", post, "Please be kind."), ("shown", post, "")]
        assert [each[0] for each in acts(scene)] == ["hide", "show"]

    def test_deleting_takes_the_texts_and_tells_the_author_why(
        self, scene: Scene, ana: Browser, bo: Browser, pilar: Browser
    ) -> None:
        post = scene.post(ana.launch_session, "the first text")
        scene.edit(ana.launch_session, post, "the second text")
        reply = scene.post(bo.launch_session, "a reply", reply_to_id=post.id).id
        page = pilar.get(f"post/{post.id}/remove")
        assert "the second text" in page.text
        assert pilar.send(f"post/{post.id}/remove", reason="").status_code == 400
        assert pilar.send(f"post/{post.id}/remove", reason="Off topic").status_code == 303
        assert scene.read(post.id).source == ""
        assert scene.count(PostVersion) == 0
        assert "Off topic" in ana.get(f"thread/{post.id}").text
        assert "Off topic" not in bo.get(f"thread/{post.id}").text
        assert "a reply" in bo.get(f"thread/{post.id}").text
        assert pilar.get(f"post/{post.id}/history").status_code == 404
        assert moderate(pilar, post.id, "show").status_code == 409
        assert scene.read(reply).status == "published"
        assert is_right(scene)

    def test_the_name_of_an_anonymous_author_is_in_no_answer(
        self, scene: Scene, ana: Browser, bo: Browser, pilar: Browser
    ) -> None:
        scene.settings_are(anonymous=True, moderation="all")
        ana.write("without a name")
        post = int(tree(ana.get()).xpath("//article/@data-post")[0])
        answers = [pilar.get("moderation"), decide(pilar, post, "approve", revision="9")]
        answers.append(decide(pilar, post, "approve", revision="0"))
        answers += [
            moderate(pilar, post, "pin"),
            moderate(pilar, post, "hide", reason=""),
            moderate(pilar, post, "move", link="7"),
            pilar.get(f"post/{post}/moderate"),
            pilar.get(f"post/{post}/remove"),
        ]
        bo.send(f"post/{post}/report", reason="Rude")
        answers += [pilar.get("moderation"), moderate(pilar, post, "hide", reason="Rude")]
        answers += [pilar.get("moderation/log"), pilar.get(f"thread/{post}"), pilar.get()]
        for answer in answers:
            assert "Quispe" not in answer.text
            assert "Quispe" not in str(answer.headers)


class TestApproval:
    @pytest.mark.both_engines
    def test_held_posts_wait_in_the_order_of_writing(
        self, scene: Scene, ana: Browser, bo: Browser, pilar: Browser, heard: Any
    ) -> None:
        scene.settings_are(moderation="all")
        first = scene.post(ana.launch_session, "the first").id
        second = scene.post(bo.launch_session, "the second").id
        assert waiting(scene) == (2, 0)
        assert (
            one(pilar.get(), "//nav[contains(@class, 'bar')]//span[@class='badge']/text()") == "2"
        )
        assert tree(pilar.get("moderation")).xpath("//article/@data-post") == [
            str(first),
            str(second),
        ]
        assert decide(pilar, first, "approve", revision="0").status_code == 303
        reason = "Nobody can read this."
        assert decide(pilar, second, "reject", reason=reason).status_code == 303
        assert waiting(scene) == (0, 0)
        assert "the first" in bo.get().text
        assert reason in bo.get().text
        assert "the second" not in ana.get().text
        assert ana.get(f"post/{second}").status_code == 404
        assert decide(pilar, second, "reject", reason="again").status_code == 409
        assert heard == [("approved", first, ""), ("rejected", second, reason)]
        assert is_right(scene)

    def test_a_rejected_reply_leaves_no_trace_for_others(
        self, scene: Scene, ana: Browser, bo: Browser, pilar: Browser
    ) -> None:
        first = scene.post(ana.launch_session).id
        scene.settings_are(moderation="all")
        reply = scene.post(bo.launch_session, "spam", reply_to_id=first)
        decide(pilar, reply.id, "reject", reason="Spam")
        assert len(tree(ana.get(f"thread/{first}")).xpath("//article")) == 1
        scene.edit(bo.launch_session, reply, "better")
        assert scene.read(reply.id).status == "held"
        assert waiting(scene) == (1, 0)
        scene.delete(bo.launch_session, scene.read(reply.id))
        assert len(tree(ana.get(f"thread/{first}")).xpath("//article")) == 1
        assert waiting(scene) == (0, 0)

    def test_an_instructor_can_edit_and_approve(
        self, scene: Scene, ana: Browser, bo: Browser, pilar: Browser
    ) -> None:
        scene.settings_are(moderation="all")
        post = scene.post(ana.launch_session, "with an adress").id
        form = one(pilar.get(f"moderation/{post}/edit"), "//main//form")
        assert form.fields["text"].strip() == "with an adress"
        blank = pilar.send(f"moderation/{post}/edit", text=" ", revision="0")
        assert blank.status_code == 400
        saved = pilar.send(f"moderation/{post}/edit", text="with an address", revision="0")
        assert saved.status_code == 303
        assert "with an address" in bo.get().text
        assert "with an adress" in pilar.get(f"post/{post}/history").text
        assert pilar.get(f"moderation/{post}/edit").status_code == 409

    def test_what_is_approved_is_what_was_read(
        self, scene: Scene, ana: Browser, pilar: Browser
    ) -> None:
        scene.settings_are(moderation="all")
        post = scene.post(ana.launch_session, "harmless")
        scene.edit(ana.launch_session, post, "spam")
        response = decide(pilar, post.id, "approve", revision="0")
        assert response.status_code == 409
        assert "has changed this text in the meantime" in response.text
        assert scene.read(post.id).status == "held"

    @pytest.mark.both_engines
    @pytest.mark.parametrize("moderation", ["all", "first_post"])
    def test_an_approved_post_passes_the_same_gate_when_edited(
        self, scene: Scene, ana: Browser, bo: Browser, pilar: Browser, moderation: str
    ) -> None:
        scene.settings_are(moderation=moderation)
        post = scene.post(ana.launch_session, "harmless")
        decide(pilar, post.id, "approve", revision="0")
        for text in ("buy pills", "buy more pills"):
            assert ana.send(f"post/{post.id}/edit", text=text).status_code == 303
        assert waiting(scene) == (1, 0)
        for reader in (ana, bo):
            assert "harmless" in reader.get().text
            assert "pills" not in reader.get().text
        assert "Your new text is waiting to be approved" in ana.get().text
        assert "waiting to be approved" not in bo.get().text
        assert "buy more pills" in ana.get(f"post/{post.id}/edit").text
        new_text = one(pilar.get("moderation"), "//blockquote/p/text()")
        assert new_text == "buy more pills"
        reason = "No advertising."
        assert decide(pilar, post.id, "reject_edit", reason=reason).status_code == 303
        assert reason in ana.get().text
        assert reason not in bo.get().text
        assert waiting(scene) == (0, 0)
        ana.send(f"post/{post.id}/edit", text="harmless again")
        version = one(pilar.get("moderation"), "//input[@name='version']/@value")
        assert decide(pilar, post.id, "approve_edit", version="older").status_code == 409
        assert decide(pilar, post.id, "approve_edit", version=version).status_code == 303
        assert "harmless again" in bo.get().text
        assert "edited" in bo.get().text
        assert scene.count(PendingEdit) == 0
        assert waiting(scene) == (0, 0)
        assert is_right(scene)

    def test_who_has_other_approved_posts_edits_freely_after_the_first(
        self, scene: Scene, ana: Browser, bo: Browser, pilar: Browser
    ) -> None:
        scene.settings_are(moderation="first_post")
        first = scene.post(ana.launch_session, "first")
        decide(pilar, first.id, "approve", revision="0")
        second = scene.post(ana.launch_session, "second")
        scene.edit(ana.launch_session, second, "second, edited")
        assert "second, edited" in bo.get().text

    def test_a_deleted_post_takes_its_waiting_text_with_it(
        self, scene: Scene, ana: Browser, pilar: Browser
    ) -> None:
        post = scene.post(ana.launch_session, "harmless")
        scene.settings_are(moderation="all")
        ana.send(f"post/{post.id}/edit", text="a secret")
        scene.delete(ana.launch_session, post)
        assert scene.count(PendingEdit) == 0
        assert waiting(scene) == (0, 0)
        assert "a secret" not in pilar.get("moderation").text


@pytest.mark.both_engines
def test_counts_after_acts_of_all_kinds(scene: Scene, client: FlaskClient) -> None:
    choose = random.Random(scene.database.is_sqlite)  # other acts on each engine
    people = [Browser(client, scene.launch_session(name)) for name in ("Ana", "Bo", "Che")]
    pilar = Browser(client, scene.launch_session("Pilar", instructor=True))
    scene.settings_are(moderation="first_post")
    with scene.database.read() as session:
        posts: list[int] = list(session.scalars(select(Post.id)))
    for step in range(250):
        person = choose.choice(people)
        if step % 60 == 0:
            mode = choose.choice(["all", "first_post", "reported"])
            scene.settings_are(moderation=mode)
        if len(posts) < 6 or choose.random() < 0.15:
            target = str(choose.choice(posts)) if posts and choose.random() < 0.6 else ""
            person.write(f"text {step}", draft_key=f"k{step}", reply_to=target)
            with scene.database.read() as session:
                posts = list(session.scalars(select(Post.id)))
            continue
        post = choose.choice(posts)
        kind = choose.choice(
            ["edit", "delete", "report", "remove", "act", "act", "act", "decide", "decide"]
        )
        if kind == "edit":
            person.send(f"post/{post}/edit", text=f"edited {step}")
        elif kind == "delete" and step % 3 == 0:
            person.send(f"post/{post}/delete")
        elif kind == "report":
            person.send(f"post/{post}/report", reason="Rude")
        elif kind == "remove" and step % 3 == 0:
            pilar.send(f"post/{post}/remove", reason="Off topic")
        elif kind == "act":
            act = choose.choice(["pin", "unpin", "hide", "show", "question", "move", "split"])
            fields = {"reason": "r", "question": "who-buys", "link": str(choose.choice(posts))}
            moderate(pilar, post, act, **fields)
        elif kind == "decide":
            act = choose.choice(["approve", "reject", "reject_edit", "keep", "hide"])
            revision = str(scene.read(post).revision)
            decide(pilar, post, act, reason="r", revision=revision)
        if step % 50 == 49:
            assert is_right(scene), step
    assert is_right(scene)


def test_participants_open_none_of_the_pages(scene: Scene, ana: Browser, bo: Browser) -> None:
    post = scene.post(bo.launch_session).id
    paths = [f"post/{post}/moderate", f"post/{post}/remove", f"moderation/{post}/edit"]
    paths += ["moderation", "moderation/log", "discussion/settings", "discussion/announcement"]
    paths += ["discussion/afresh", "discussion/archives", "discussion/groups"]
    assert {ana.get(path).status_code for path in paths} == {403}
    page = ana.get().text
    assert not [path for path in ("moderation", "discussion/settings") if f"/{path}" in page]
    assert moderate(ana, post, "hide", reason="r").status_code == 403
    assert scene.read(post).status == "published"


def test_names_of_links_say_which_post(scene: Scene, ana: Browser, pilar: Browser) -> None:
    people = [scene.launch_session(name) for name in ("Che", "Dana", "Eva")]
    for person in people:
        scene.post(person)
    links = tree(pilar.get()).xpath("//article//a[contains(@href, '/moderate')]")
    names = [re.sub(r"\s+", " ", link.text_content()) for link in links]
    assert len(set(names)) == 3


FILE = "//article//ul[@class='files-of-post']//a/@href"


def test_files_and_reactions_are_shown_where_instructors_decide(
    scene: Scene, ana: Browser, bo: Browser, pilar: Browser
) -> None:
    scene.settings_are(moderation="all")
    for key in ("held", "shown"):
        attachments.add(
            scene.database,
            scene.settings,
            user_id=ana.launch_session.user_id or 0,
            draft_key=key,
            name="house.pdf",
            content=PDF,
        )
    scene.post(ana.launch_session, draft_key="held")
    shown = scene.post(ana.launch_session, draft_key="shown").id
    decide(pilar, shown, "approve", revision="0")
    bo.send(f"post/{shown}/reaction", set="thanks")
    bo.send(f"post/{shown}/report", reason="Rude")
    for path, files in (("moderation", 2), (f"post/{shown}/moderate", 1)):
        page = tree(pilar.get(path))
        assert len(page.xpath(FILE)) == files
        assert page.xpath(f"//article//p[@data-reactions='{shown}']")
        assert not page.xpath("//article//button[@form='reaction-form']")
    pilar.send("discussion/afresh", act="archive", sure="archive")
    archive = one(pilar.get("discussion/archives"), "//ul[@class='cards']//a/@href")
    for path in (archive, f"{archive}/thread/{shown}"):
        [href] = tree(pilar.client.get(path)).xpath(FILE)
        assert pilar.client.get(href).data == PDF
    own = href.replace(pilar.launch_session.id, bo.launch_session.id)
    assert Browser(pilar.client, bo.launch_session).client.get(own).status_code == 404


@pytest.mark.parametrize(
    ("path", "most"), [("moderation", 12), ("moderation/log", 6), ("post/{post}/moderate", 12)]
)
def test_the_pages_take_few_statements(
    scene: Scene, ana: Browser, pilar: Browser, path: str, most: int
) -> None:
    path = path.format(post=scene.post(ana.launch_session).id)
    scene.many(ana.launch_session, [{}, {"status": "held"}] * 3)
    pilar.get(path)
    with counted(scene.database) as few:
        assert pilar.get(path).status_code == 200
    scene.many(ana.launch_session, [{}, {"status": "held"}] * 15)
    with counted(scene.database) as many:
        pilar.get(path)
    assert len(many) == len(few) <= most
