"""Reported posts, announcements, and archived discussions: over HTTP, without JavaScript."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from lti_tool.discussion.model import (
    Post,
    PostReport,
    PostVersion,
)
from lti_tool.discussion.moderation.reports import REPORTS_PER_HOUR
from tests.lti_tool.discussion.moderating import acts, decide, is_right, waiting
from tests.lti_tool.discussion.pages import Browser, one, tree
from tests.lti_tool.discussion.scene import Scene


class TestReports:
    @pytest.mark.both_engines
    def test_reports_rank_and_never_hide(
        self, scene: Scene, ana: Browser, client: FlaskClient, pilar: Browser, heard: Any
    ) -> None:
        posts = [scene.post(ana.launch_session, f"post {n}").id for n in range(2)]
        people = [Browser(client, scene.launch_session(f"Person {n}")) for n in range(3)]
        for round_ in range(10):
            for person in people:
                answer = person.send(f"post/{posts[0]}/report", reason=f"Rude {round_}")
                assert answer.status_code == 200
        people[0].send(f"post/{posts[1]}/report", reason="Off topic")
        assert scene.count(PostReport) == 4
        assert waiting(scene) == (0, 2)
        assert "post 0" in people[0].get().text
        page = pilar.get("moderation")
        assert tree(page).xpath("//article/@data-post") == [str(post) for post in posts]
        assert "Reported by 3 people" in page.text
        assert "Person 1" not in page.text
        assert len(heard) == 4
        decide(pilar, posts[0], "keep")
        assert waiting(scene) == (0, 1)
        decide(pilar, posts[1], "hide", reason="Off topic")
        assert waiting(scene) == (0, 0)
        assert decide(pilar, posts[0], "keep").status_code == 409
        assert is_right(scene)

    def test_a_kept_post_is_reported_again_only_by_others_or_after_an_edit(
        self, scene: Scene, ana: Browser, bo: Browser, pilar: Browser
    ) -> None:
        post = scene.post(ana.launch_session)
        bo.send(f"post/{post.id}/report", reason="Rude")
        decide(pilar, post.id, "keep")
        bo.send(f"post/{post.id}/report", reason="Rude")
        assert waiting(scene) == (0, 0)
        scene.edit(ana.launch_session, post, "worse")
        bo.send(f"post/{post.id}/report", reason="Rude")
        assert waiting(scene) == (0, 1)
        scene.delete(ana.launch_session, post)
        assert waiting(scene) == (0, 0)

    def test_reports_are_limited(self, scene: Scene, ana: Browser, bo: Browser) -> None:
        posts = scene.many(ana.launch_session, [{}] * (REPORTS_PER_HOUR + 1))
        answers = [bo.send(f"post/{each}/report", reason="Rude") for each in posts]
        assert [each.status_code for each in answers] == [200] * REPORTS_PER_HOUR + [429]
        assert "Rude" in answers[-1].text

    def test_who_cannot_report(
        self, scene: Scene, ana: Browser, bo: Browser, pilar: Browser, client: FlaskClient
    ) -> None:
        post = scene.post(ana.launch_session).id
        guest = Browser(client, scene.launch_session(kind="guest"))
        for browser in (ana, pilar, guest):
            assert f"post/{post}/report" not in browser.get().text
            assert browser.send(f"post/{post}/report", reason="Rude").status_code == 403
        assert f"post/{post}/report" in bo.get().text
        assert bo.send(f"post/{post}/report", reason="").status_code == 400
        scene.settings_are(moderation="none")
        assert f"post/{post}/report" not in bo.get().text
        assert bo.send(f"post/{post}/report", reason="Rude").status_code == 403
        scene.settings_are(moderation="reported", must_post_first=True)
        assert bo.get(f"post/{post}/report").status_code == 403


class TestAnnouncements:
    def test_an_announcement_is_pinned_and_takes_replies_or_not(
        self, scene: Scene, ana: Browser, pilar: Browser, heard: Any
    ) -> None:
        scene.post(ana.launch_session)
        fields = {"text": "No class on **Monday**", "draft_key": "a1"}
        for _ in range(2):
            location = pilar.send("discussion/announcement", **fields).location
        post = int(location.rpartition("#p")[2])
        first = tree(ana.get()).xpath("//article[@data-post]")[0]
        assert first.get("data-post") == str(post)
        assert "Announcement" in first.text_content()
        assert ana.write("a reply", reply_to=post).status_code == 409
        pilar.send("discussion/announcement", text="With replies", draft_key="a2", replies="1")
        with scene.database.read() as session:
            newest = session.scalars(select(Post.id).order_by(Post.id.desc())).first()
        assert ana.write("a reply", reply_to=newest).status_code == 303
        assert [each[0] for each in heard] == ["announced", "announced"]
        assert [each[0] for each in acts(scene)] == ["announce", "announce"]

    def test_a_rejected_announcement_keeps_its_text(self, scene: Scene, pilar: Browser) -> None:
        response = pilar.send("discussion/announcement", text="x" * 40_000, draft_key="a1")
        assert response.status_code == 413
        assert "x" * 40_000 in response.text


@pytest.mark.both_engines
class TestArchives:
    def test_starting_afresh_keeps_the_posts_for_instructors(
        self, scene: Scene, ana: Browser, pilar: Browser
    ) -> None:
        scene.settings_are(must_post_first=True)
        first = scene.post(ana.launch_session, "an old post").id
        scene.post(ana.launch_session, "an old reply", reply_to_id=first)
        page = pilar.get("discussion/afresh").text
        assert "2 posts" in page
        assert "1 thread" in page
        assert pilar.send("discussion/afresh", act="archive").status_code == 400
        assert pilar.send("discussion/afresh", act="archive", sure="empty").status_code == 400
        assert pilar.send("discussion/afresh", act="archive", sure="archive").status_code == 303
        assert scene.state(ana.launch_session).settings.must_post_first
        for path in ("", f"thread/{first}", f"post/{first}", "poll?after=0"):
            assert "an old post" not in ana.get(path).text
        assert "an old post" not in pilar.get().text
        archive = one(pilar.get("discussion/archives"), "//ul[@class='cards']//a/@href")
        page = pilar.client.get(archive)
        assert "an old post" in page.text
        assert "an old reply" in page.text
        assert not tree(page).xpath("//article//a[contains(@href, '/post/')]")
        thread = pilar.client.get(f"{archive}/thread/{first}")
        assert "an old reply" in thread.text
        assert (
            Browser(pilar.client, ana.launch_session)
            .client.get(archive.replace(pilar.launch_session.id, ana.launch_session.id))
            .status_code
            == 403
        )
        assert acts(scene) == [("archive", None, "2")]

    def test_emptying_deletes_everything(self, scene: Scene, ana: Browser, pilar: Browser) -> None:
        post = scene.post(ana.launch_session, "an old post")
        scene.edit(ana.launch_session, post, "an edited post")
        scene.settings_are(anonymous=True, moderation="all")
        scene.post(ana.launch_session, "held")
        assert pilar.send("discussion/afresh", act="empty", sure="empty").status_code == 303
        assert (scene.count(Post), scene.count(PostVersion)) == (0, 0)
        assert "No discussion has been archived" in pilar.get("discussion/archives").text
        assert waiting(scene) == (0, 0)
        scene.settings_are(anonymous=False)
        assert acts(scene)[0] == ("empty", None, "1")
        assert "Emptied the discussion" in pilar.get("moderation/log").text

    def test_an_archive_of_another_course_is_not_found(self, scene: Scene, pilar: Browser) -> None:
        assert pilar.get("discussion/archives/1").status_code == 404
        scene.settings_are(locked=True)
        assert pilar.get("discussion/archives/1").status_code == 404, "it is not archived"
