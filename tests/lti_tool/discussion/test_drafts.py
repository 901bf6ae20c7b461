"""Drafts: stored for one user, one activity, one module and one form, until they are published."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from lti_tool.app import create_app
from lti_tool.directory.model import ResourceLink, User
from lti_tool.discussion import drafts
from lti_tool.discussion.drafts import Drafts, Place
from lti_tool.discussion.errors import DiscussionError, Reason
from lti_tool.discussion.model import PostVersion, SavedDraft
from lti_tool.sessions.current import CurrentSession
from lti_tool.sessions.model import LaunchSession
from lti_tool.storage.database import now
from tests.lti_tool.discussion.pages import FRAGMENT, Browser, newest, one, posts, tree
from tests.lti_tool.discussion.scene import Scene

MAIN = Place()


def save(
    scene: Scene, session: CurrentSession, text: str, place: Place = MAIN, **more: Any
) -> None:
    module = more.pop("module", scene.module.id)
    more = {"draft_key": "k"} | more
    drafts.save(scene.database, session, module, place, text, **more)


def found(scene: Scene, session: CurrentSession, place: Place = MAIN, module: str = "") -> Drafts:
    with scene.database.read_core() as connection:
        return drafts.find(connection, session, module or scene.module.id, place)


def text_of(scene: Scene, session: CurrentSession, place: Place = MAIN) -> str | None:
    here = found(scene, session, place).here
    return here and here.text


@pytest.mark.both_engines
class TestWhoseDraft:
    def test_another_session_of_the_same_user_finds_it(self, scene: Scene) -> None:
        ana = scene.launch_session()
        save(scene, ana, "Lo que pienso", language="es", draft_key="abc", revision=3)
        again = scene.launch_session(user_id=ana.user_id)
        here = found(scene, again).here
        assert here is not None
        assert (here.text, here.language) == ("Lo que pienso", "es")
        assert (here.draft_key, here.revision) == ("abc", 3)

    def test_another_user_does_not(self, scene: Scene) -> None:
        save(scene, scene.launch_session(), "Lo que pienso")
        assert found(scene, scene.launch_session("Bo")) == Drafts()

    def test_a_guest_has_drafts_in_the_own_session_only(self, scene: Scene) -> None:
        guest = scene.launch_session(kind="guest")
        save(scene, guest, "Soy visita")
        assert text_of(scene, scene.reload(guest.id)) == "Soy visita"
        assert found(scene, scene.launch_session(kind="guest")) == Drafts()

    def test_a_guest_who_typed_nothing_gets_no_user(self, scene: Scene) -> None:
        save(scene, scene.launch_session(kind="guest"), " \n")
        assert scene.count(User) == 0

    def test_another_activity_and_another_module_do_not_show_it(self, scene: Scene) -> None:
        ana = scene.launch_session()
        save(scene, ana, "Lo que pienso")
        assert found(scene, ana, module="another") == Drafts()
        with scene.database.write() as session:
            link = ResourceLink(
                deployment_id=scene.deployment_id,
                lti_resource_link_id="rl2",
                course_id=scene.course_id,
                module_id=scene.module.id,
                created_at=now(),
            )
            session.add(link)
            session.flush()
            link_id = link.id
        elsewhere = scene.launch_session(user_id=ana.user_id)
        with scene.database.write() as session:
            session.get_one(LaunchSession, elsewhere.id).resource_link_id = link_id
        assert found(scene, scene.reload(elsewhere.id)) == Drafts()


@pytest.mark.both_engines
class TestPlaces:
    PLACES = (
        MAIN,
        Place(question_id="who-sells"),
        Place(question_id="who-buys"),
        Place(reply_to_id=1),
        Place(reply_to_id=2),
        Place(edited_id=1),
    )

    def test_each_form_has_its_own_draft(self, scene: Scene) -> None:
        ana = scene.launch_session()
        for place in self.PLACES:
            save(scene, ana, f"En {place.key}", place)
        for place in self.PLACES:
            assert text_of(scene, ana, place) == f"En {place.key}"
        others = found(scene, ana, Place(reply_to_id=2)).others
        assert others == [place for place in reversed(self.PLACES) if place.reply_to_id != 2]

    def test_the_latest_text_replaces_the_earlier_one(self, scene: Scene) -> None:
        ana = scene.launch_session()
        for text in ("uno", "uno dos"):
            save(scene, ana, text)
        assert text_of(scene, ana) == "uno dos"
        assert scene.count(SavedDraft) == 1

    def test_saved_at_once_by_two_tabs(self, scene: Scene) -> None:
        sessions = [scene.launch_session()]
        sessions.append(scene.launch_session(user_id=sessions[0].user_id))
        faults: list[Exception] = []

        def typing(session: CurrentSession) -> None:
            try:
                for number in range(10):
                    save(scene, session, f"texto {number}")
            except Exception as error:
                faults.append(error)

        threads = [threading.Thread(target=typing, args=(each,)) for each in sessions]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert faults == []
        assert (scene.count(SavedDraft), text_of(scene, sessions[0])) == (1, "texto 9")


@pytest.mark.both_engines
class TestText:
    @pytest.mark.parametrize(
        ("typed", "stored"),
        [
            ("  \n\n  con espacios  \n\n", "  \n\n  con espacios  \n\n"),
            ("una\r\notra", "una\notra"),
            ("<script>alert(1)</script>", "<script>alert(1)</script>"),
            ("cafe\u0301", "cafe\u0301"),
            ("\u202eعربي", "\u202eعربي"),
            ("nul\0o", "nulo"),
            ("\U0001f600" * 20_000, "\U0001f600" * 20_000),
            ("a\r\n" * 10_000, "a\n" * 10_000),
        ],
    )
    def test_it_is_stored_as_typed(self, scene: Scene, typed: str, stored: str) -> None:
        ana = scene.launch_session()
        save(scene, ana, typed)
        assert text_of(scene, ana) == stored

    def test_beyond_the_limit_the_earlier_draft_stays(self, scene: Scene) -> None:
        ana = scene.launch_session()
        save(scene, ana, "a" * 20_000)
        with pytest.raises(DiscussionError) as refusal:
            save(scene, ana, "a" * 20_001)
        assert refusal.value.reason is Reason.TOO_LONG
        assert text_of(scene, ana) == "a" * 20_000


@pytest.mark.both_engines
class TestDeletion:
    @pytest.mark.parametrize("text", ["", "  ", "\r\n"])
    def test_when_emptied(self, scene: Scene, text: str) -> None:
        ana = scene.launch_session()
        save(scene, ana, "algo")
        save(scene, ana, text)
        assert scene.count(SavedDraft) == 0

    @pytest.mark.parametrize("key", ["abc", "of another tab"])
    def test_when_published(self, scene: Scene, key: str) -> None:
        ana, bo = scene.launch_session(), scene.launch_session("Bo")
        for session in (ana, bo):
            save(scene, session, "Lo que pienso", draft_key="abc")
        save(scene, ana, "Otra cosa", Place(question_id="who-sells"), draft_key="def")
        scene.post(ana, "Lo que pienso", draft_key=key)
        assert text_of(scene, ana) is None
        assert text_of(scene, bo) == "Lo que pienso"
        assert text_of(scene, ana, Place(question_id="who-sells")) == "Otra cosa"

    def test_when_a_reply_is_published_as_a_post_of_its_own(self, scene: Scene) -> None:
        ana = scene.launch_session()
        save(scene, ana, "Mi respuesta", Place(reply_to_id=7), draft_key="abc")
        scene.post(ana, "Mi respuesta", draft_key="abc")
        assert scene.count(SavedDraft) == 0

    @pytest.mark.parametrize("late", ["Lo que pienso", "Lo que", "Lo que pienso \n"])
    def test_a_late_request_does_not_restore_it(self, scene: Scene, late: str) -> None:
        ana = scene.launch_session()
        scene.post(ana, "Lo que pienso", draft_key="abc")
        save(scene, ana, late, draft_key="abc")
        assert scene.count(SavedDraft) == 0

    def test_what_is_typed_after_publishing_elsewhere_is_stored(self, scene: Scene) -> None:
        ana = scene.launch_session()
        scene.post(ana, "Lo que pienso", draft_key="abc")
        save(scene, ana, "Lo que pienso, y más", draft_key="abc")
        assert text_of(scene, ana) == "Lo que pienso, y más"

    def test_when_the_edit_is_stored_or_the_post_deleted(self, scene: Scene) -> None:
        ana = scene.launch_session()
        post = scene.post(ana, "uno")
        place = Place(edited_id=post.id)
        save(scene, ana, "dos", place, revision=0)
        scene.edit(ana, post, "dos")
        assert text_of(scene, ana, place) is None
        save(scene, ana, "dos", place, revision=0)  # late
        assert text_of(scene, ana, place) is None
        save(scene, ana, "tres", place, revision=1)
        scene.delete(ana, post)
        assert scene.count(SavedDraft) == 0

    def test_after_sixty_days(self, scene: Scene) -> None:
        ana = scene.launch_session()
        save(scene, ana, "vieja")
        save(scene, ana, "reciente", Place(question_id="who-sells"))
        with scene.database.write() as session:
            for days, place in ((61, ""), (59, "question who-sells")):
                session.execute(
                    update(SavedDraft)
                    .where(SavedDraft.place == place)
                    .values(updated_at=now() - timedelta(days=days))
                )
        drafts.purge(scene.settings, scene.database)
        assert text_of(scene, ana) is None
        assert text_of(scene, ana, Place(question_id="who-sells")) == "reciente"

    def test_the_number_of_drafts_is_bounded(
        self, scene: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(drafts, "MAX_DRAFTS", 3)
        ana = scene.launch_session()
        for number in range(5):
            save(scene, ana, "texto", Place(reply_to_id=number))
        assert scene.count(SavedDraft) == 3
        assert text_of(scene, ana, Place(reply_to_id=4)) == "texto"


@pytest.fixture
def client(scene: Scene) -> Iterator[FlaskClient]:
    structure = Path(scene.settings.content_dir) / "market" / "module.toml"
    structure.write_text(structure.read_text() + '\n[discussion]\nguests = "post"\n')
    app = create_app(scene.settings)
    with app.test_client() as client:
        yield client
    app.extensions["minga"].database.close()


def typed(page: Any) -> str:
    text: str = one(page, "//form[.//textarea[@name='text']]").fields["text"]
    return text.removeprefix("\r\n").removeprefix("\n")


class TestRoutes:
    @pytest.mark.both_engines
    def test_the_script_saves_and_the_composer_shows_it(self, scene: Scene, ana: Browser) -> None:
        assert ana.send("draft", text="  Lo que <pensé>", headers=FRAGMENT).status_code == 204
        again = Browser(ana.client, scene.launch_session(user_id=ana.launch_session.user_id))
        for page in (ana.get(), ana.get("?lang=en"), ana.get("compose"), again.get()):
            assert typed(page) == "  Lo que <pensé>"
            assert one(page, "//*[@data-note]").text_content().strip()
        assert not one(again.get(), "//*[@data-note]").xpath("@hidden")

    def test_the_draft_keeps_its_form(self, scene: Scene, ana: Browser) -> None:
        ana.send("draft", text="Hola", draft_key="abc", language="es", headers=FRAGMENT)
        form = one(ana.get(), "//form[@data-composer]")
        assert (form.fields["draft_key"], form.fields["language"]) == ("abc", "es")
        assert ana.client.post(form.action, data=dict(form.fields)).status_code == 303
        assert newest(scene).source == "Hola"
        assert typed(ana.get()) == ""

    @pytest.mark.parametrize(
        ("fields", "location"),
        [
            ({}, "?posts=es#composer"),
            ({"question": "who-sells"}, "compose?question=who-sells"),
            ({"reply_to": "{post}"}, "compose?reply_to={post}"),
            ({"edited": "{post}", "revision": "0"}, "post/{post}/edit"),
        ],
    )
    def test_without_script_the_button_returns_to_the_form(
        self, scene: Scene, ana: Browser, fields: dict[str, str], location: str
    ) -> None:
        post = scene.post(ana.launch_session, "uno")
        given = {name: value.format(post=post.id) for name, value in fields.items()}
        response = ana.send("draft?posts=es", text="Sin terminar", **given)
        assert response.status_code == 303
        assert response.location == ana.launch_session.path + location.format(post=post.id)
        page = ana.client.get(response.location.split("#")[0])
        assert typed(page) == "Sin terminar"
        assert posts(scene) == 1

    def test_the_buttons_of_the_forms(self, scene: Scene, ana: Browser) -> None:
        post = scene.post(ana.launch_session, "uno")
        for path in ("", "compose", f"thread/{post.id}", f"post/{post.id}/edit"):
            page = ana.get(path)
            action = one(page, "//button[@data-save-draft]").get("formaction")
            form = one(page, "//form[.//textarea[@name='text']]")
            data = dict(form.fields) | {"text": f"En {path}"}
            assert ana.client.post(action, data=data).status_code == 303
            assert typed(ana.get(path)) == f"En {path}"

    def test_other_drafts_are_linked(self, scene: Scene, ana: Browser) -> None:
        post = scene.post(ana.launch_session, "uno")
        ana.send("draft", text="Mi respuesta", reply_to=post.id, headers=FRAGMENT)
        [link] = tree(ana.get()).xpath("//a[@data-other-draft]/@href")
        assert typed(ana.client.get(link)) == "Mi respuesta"
        scene.delete(ana.launch_session, post)
        page = ana.client.get(link)  # as a post of its own
        assert typed(page) == "Mi respuesta"
        form = one(page, "//form[@data-composer]")
        assert ana.client.post(form.action, data=dict(form.fields)).status_code == 303
        assert scene.count(SavedDraft) == 0

    def test_the_script_reads_the_draft_of_another_form(self, ana: Browser) -> None:
        assert ana.get("draft?question=who-sells").status_code == 204
        ana.send("draft", text="Hola", question="who-sells", draft_key="a", headers=FRAGMENT)
        found = ana.get("draft?question=who-sells").json
        assert (found["text"], found["draft_key"], found["language"]) == ("Hola", "a", None)

    def test_a_text_that_is_too_long_comes_back(self, scene: Scene, ana: Browser) -> None:
        response = ana.send("draft", text="a" * 20_001)
        assert response.status_code == 413
        assert "a" * 20_001 in response.text
        assert scene.count(SavedDraft) == 0

    @pytest.mark.parametrize("guests", ["none", "read"])
    def test_without_the_right_to_post(
        self, scene: Scene, client: FlaskClient, guests: str
    ) -> None:
        guest = Browser(client, scene.launch_session(kind="guest", guests=guests))
        assert guest.get("draft").status_code == 403
        response = guest.send("draft", text="Lo que pensé")
        assert response.status_code == 403
        assert "Lo que pensé" in response.text
        assert scene.count(SavedDraft) == 0

    def test_the_cookie_alone_saves_nothing(self, scene: Scene, ana: Browser) -> None:
        assert ana.send("draft", text="Hola", token="").status_code == 403
        assert scene.count(SavedDraft) == 0

    @pytest.mark.parametrize("path", ["post", "draft"])
    def test_a_body_beyond_the_limit_of_other_routes_comes_back(
        self, ana: Browser, path: str
    ) -> None:
        text = "ب" * 150_000  # 900 kB in the body
        response = ana.send(path, text=text, draft_key="k")
        assert response.status_code == 413
        assert text in response.text
        assert ana.send(path, text=text + text, draft_key="k").status_code == 413


@pytest.mark.both_engines
class TestEditedElsewhere:
    def test_the_second_tab_gets_both_texts(self, scene: Scene, ana: Browser) -> None:
        post = scene.post(ana.launch_session, "uno")
        tabs = [dict(one(ana.get(f"post/{post.id}/edit"), "//main//form").fields) for _ in "ab"]
        assert ana.send(f"post/{post.id}/edit", **tabs[0] | {"text": "dos"}).status_code == 303
        refused = ana.send(f"post/{post.id}/edit", **tabs[1] | {"text": "tres"})
        assert refused.status_code == 409
        assert typed(refused) == "tres"
        assert one(refused, "//textarea[@id='stored']").text.strip() == "dos"
        assert scene.read(post.id).source == "dos"
        again = dict(one(refused, "//main//form").fields)
        assert ana.send(f"post/{post.id}/edit", **again).status_code == 303
        assert scene.read(post.id).source == "tres"
        assert scene.count(PostVersion) == 2

    def test_the_same_edit_twice(self, scene: Scene, ana: Browser) -> None:
        post = scene.post(ana.launch_session, "uno")
        for _ in range(2):
            response = ana.send(f"post/{post.id}/edit", text="dos", language="", revision=0)
            assert response.status_code == 303
        assert scene.count(PostVersion) == 1

    def test_a_draft_that_began_from_an_older_text(self, scene: Scene, ana: Browser) -> None:
        post = scene.post(ana.launch_session, "uno")
        save = {"text": "mi borrador", "edited": post.id, "revision": 0}
        ana.send("draft", headers=FRAGMENT, **save)
        page = ana.get(f"post/{post.id}/edit")
        assert typed(page) == "mi borrador"
        assert not tree(page).xpath("//textarea[@id='stored']")
        with scene.database.write() as session:
            session.get_one(type(post), post.id).revision = 1
        page = ana.get(f"post/{post.id}/edit")
        assert typed(page) == "mi borrador"
        assert one(page, "//textarea[@id='stored']").text.strip() == "uno"
