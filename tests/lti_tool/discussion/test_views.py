"""The discussion over HTTP, in the complete application."""

import re

import pytest
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import func, select

from benchmarks.post_texts import TEXTS
from courseware.i18n import interface
from lti_tool.directory.model import User
from lti_tool.discussion.model import PostVersion
from lti_tool.storage.database import Database
from tests.lti_tool.discussion.pages import FRAGMENT, Browser, app_client, newest, one, posts, tree
from tests.lti_tool.discussion.scene import Scene
from tests.support.statements import counted


class TestPublishing:
    @pytest.mark.both_engines
    def test_publish_from_the_module_page(self, scene: Scene, ana: Browser) -> None:
        page = ana.get()
        form = one(page, "//form[@data-composer]")
        fields = {name: form.fields[name] for name in form.fields}
        response = ana.client.post(form.action, data={**fields, "text": "**Hola**"})
        assert response.status_code == 303
        number = newest(scene).id
        assert response.location == f"{ana.launch_session.path}#p{number}"
        shown = one(ana.get(), f"//article[@id='p{number}']")
        assert shown.xpath(".//strong/text()") == ["Hola"]
        assert "Ana Quispe" in shown.text_content()

    @pytest.mark.both_engines
    def test_a_form_sent_twice_publishes_once(self, scene: Scene, ana: Browser) -> None:
        first, second = ana.write(), ana.write()
        assert first.location == second.location
        assert posts(scene) == 1

    def test_a_reply_redirects_to_its_page(self, scene: Scene, ana: Browser) -> None:
        old, *_ = scene.many(ana.launch_session, [{}] * 25)
        location = ana.write(reply_to=old).location
        number = newest(scene).id
        assert location == f"{ana.launch_session.path}#p{number}"
        assert location.endswith(f"#p{number}")
        page = ana.get(location.removeprefix(ana.launch_session.path).split("#")[0])
        assert one(page, f"//article[@id='p{number}']") is not None

    def test_later_replies_are_on_the_page_of_the_thread(self, scene: Scene, ana: Browser) -> None:
        (first,) = scene.many(ana.launch_session, [{}])
        scene.many(ana.launch_session, [{"thread_id": first, "reply_to_id": first}] * 60)
        location = ana.write(reply_to=first).location
        assert location.startswith(f"{ana.launch_session.path}thread/{first}?after=")
        page = ana.get(location.removeprefix(ana.launch_session.path).split("#")[0])
        assert one(page, f"//article[@id='p{newest(scene).id}']") is not None

    def test_the_filter_is_kept_if_it_includes_the_post(self, scene: Scene, ana: Browser) -> None:
        included = ana.send("post?posts=es", text="Hola", draft_key="a", language="es").location
        excluded = ana.send("post?posts=es", text="Salut", draft_key="b", language="fr").location
        assert included == f"{ana.launch_session.path}?posts=es#p{newest(scene).id - 1}"
        assert excluded == f"{ana.launch_session.path}#p{newest(scene).id}"

    def test_without_the_token_nothing_is_published_and_the_text_is_shown(
        self, scene: Scene, ana: Browser
    ) -> None:
        response = ana.write("Lo que pensé", token="")
        assert response.status_code == 403
        assert "Lo que pensé" in response.text
        assert posts(scene) == 0

    def test_without_cookies_the_page_is_the_response(
        self, scene: Scene, ana: Browser, client: FlaskClient
    ) -> None:
        client.delete_cookie("minga", path=ana.launch_session.path)
        response = ana.write("Hola sin galletas")
        assert response.status_code == 200
        assert one(response, f"//article[@id='p{newest(scene).id}']") is not None

    @pytest.mark.both_engines
    def test_a_guest_gets_a_user_with_the_first_post(
        self, scene: Scene, client: FlaskClient
    ) -> None:
        guest = Browser(client, scene.launch_session(kind="guest"))
        response = guest.write("Hola, soy visita", headers=FRAGMENT)
        assert response.status_code == 201
        assert one(response, "//a[contains(@href, '/edit')]") is not None
        assert guest.write("Otra vez", draft_key="k2").status_code == 303
        with scene.database.read() as session:
            assert session.scalar(select(func.count()).select_from(User)) == 1


REJECTED = [
    ({"text": " "}, 400),
    ({"text": "a" * 20_001}, 413),
    ({"language": "not a tag"}, 400),
    ({"question": "no-such"}, 400),
    ({"reply_to": "999999"}, 404),
    ({"reply_to": "x"}, 404),
    ({"reply_to": "9" * 30}, 404),
]


class TestRejections:
    @pytest.mark.parametrize(("fields", "status"), REJECTED)
    def test_the_form_is_shown_with_its_text_and_the_reason(
        self, scene: Scene, ana: Browser, fields: dict[str, str], status: int
    ) -> None:
        text = fields.get("text", "Lo que <pensé>")
        response = ana.write(**{"text": text, **fields})
        assert response.status_code == status
        form = one(response, "//form[@data-composer]")
        assert form.fields["text"].lstrip("\r\n") == text
        assert form.fields["draft_key"] == "k1"
        assert one(response, "//*[@id='composer-error']").text_content().strip()
        assert posts(scene) == 0

    @pytest.mark.parametrize(("fields", "status"), REJECTED)
    def test_the_script_gets_the_reason(
        self, ana: Browser, fields: dict[str, str], status: int
    ) -> None:
        response = ana.write(headers=FRAGMENT, **fields)
        assert response.status_code == status
        assert response.json["error"]

    def test_the_reason_is_in_the_readers_language(self, ana: Browser) -> None:
        response = ana.send("post?lang=es", headers=FRAGMENT, text="", draft_key="k")
        assert response.json["error"] == interface("es").gettext("Write something first.")

    def test_a_reply_to_a_deleted_post_keeps_the_text(self, scene: Scene, ana: Browser) -> None:
        post = scene.post(ana.launch_session)
        ana.send(f"post/{post.id}/delete")
        response = ana.write("Mi respuesta", reply_to=post.id)
        assert response.status_code == 409
        form = one(response, "//form[@data-composer]")
        assert (form.fields["text"].strip(), form.fields["reply_to"]) == ("Mi respuesta", "")

    def test_too_fast_sends_retry_after(self, scene: Scene) -> None:
        launch_session = scene.launch_session()
        with app_client(scene.settings.model_copy(update={"posts_per_minute": 1})) as client:
            browser = Browser(client, launch_session)
            assert browser.write("Una").status_code == 303
            response = browser.write("Otra más", draft_key="another")
        assert response.status_code == 429
        assert 0 < int(response.headers["Retry-After"]) <= 60
        assert "Otra más" in response.text

    def test_another_text_in_a_used_form(self, scene: Scene, ana: Browser) -> None:
        ana.write("Primero")
        response = ana.write("Segundo")
        assert response.status_code == 409
        form = one(response, "//form[@data-composer]")
        assert form.fields["text"].strip() == "Segundo"
        assert form.fields["draft_key"] != "k1"
        assert posts(scene) == 1
        again = ana.client.post(form.action, data=dict(form.fields))
        assert again.status_code == 303
        assert posts(scene) == 2

    @pytest.mark.parametrize("later", ["edit", "delete"])
    def test_another_text_after_the_first_was_edited_or_deleted(
        self, scene: Scene, ana: Browser, later: str
    ) -> None:
        ana.write("Primero")
        ana.send(f"post/{newest(scene).id}/{later}", text="Primero, corregido")
        response = ana.write("Segundo")
        assert response.status_code == 409
        form = one(response, "//form[@data-composer]")
        assert form.fields["text"].strip() == "Segundo"
        assert ana.client.post(form.action, data=dict(form.fields)).status_code == 303
        assert newest(scene).source == "Segundo"

    def test_the_same_text_after_an_edit_returns_the_post(self, scene: Scene, ana: Browser) -> None:
        ana.write("Primero")
        ana.send(f"post/{newest(scene).id}/edit", text="Primero, corregido")
        assert ana.write("Primero").status_code == 303
        assert (posts(scene), newest(scene).source) == (1, "Primero, corregido")

    def test_a_draft_key_with_control_characters(self, scene: Scene, ana: Browser) -> None:
        for key in ("a\0b", "\0"):
            assert ana.write(f"Hola {key!r}", draft_key=key).status_code == 303
        assert posts(scene) == 2

    @pytest.mark.parametrize(
        ("guests", "path", "status"),
        [
            ("read", "compose", 403),
            ("read", "poll?after=0", 200),
            ("read", "thread/{}", 200),
            ("read", "post/{}", 303),
            ("none", "compose", 403),
            ("none", "poll?after=0", 403),
            ("none", "thread/{}", 403),
            ("none", "post/{}", 403),
        ],
    )
    def test_guests_read_only_with_permission(
        self, scene: Scene, client: FlaskClient, guests: str, path: str, status: int
    ) -> None:
        post = scene.post(scene.launch_session(), "palabra secreta")
        guest = Browser(client, scene.launch_session(kind="guest", guests=guests))
        response = guest.get(path.format(post.id))
        assert response.status_code == status
        if guests == "none":
            assert "secreta" not in response.text + guest.get().text

    @pytest.mark.parametrize("guests", ["none", "read"])
    def test_guests_write_only_with_permission(
        self, scene: Scene, client: FlaskClient, guests: str
    ) -> None:
        guest = Browser(client, scene.launch_session(kind="guest", guests=guests))
        response = guest.write("Lo que pensé")
        assert response.status_code == 403
        assert "Lo que pensé" in response.text
        assert guest.write(headers=FRAGMENT).status_code == 403
        assert posts(scene) == 0


class TestFragments:
    def test_the_script_gets_only_the_post(self, scene: Scene, ana: Browser) -> None:
        response = ana.write("**Hola**", headers=FRAGMENT)
        assert response.status_code == 201
        post = newest(scene)
        assert tree(response).find("article").get("id") == f"p{post.id}"
        assert "<html" not in response.text
        assert "data-chips" in response.text
        again = ana.write("**Hola**", headers=FRAGMENT)
        assert again.status_code == 200
        assert tree(again).find("article").get("id") == f"p{post.id}"

    @pytest.mark.parametrize(
        "text", ["<script>alert(1)</script>", "[x](javascript:alert(1))", "<img src=x onerror=a>"]
    )
    def test_hostile_text_on_all_pages(self, scene: Scene, ana: Browser, text: str) -> None:
        fragment = ana.write(text, headers=FRAGMENT).text
        number = newest(scene).id
        for shown in (fragment, ana.get().text, ana.get(f"thread/{number}").text):
            article = html.fromstring(shown).xpath("descendant-or-self::article")[0]
            assert not article.xpath(".//script | .//img | .//*[@onerror]")
            assert not article.xpath(".//a[starts-with(@href, 'javascript')]")

    def test_a_hostile_name_is_escaped(self, scene: Scene, client: FlaskClient) -> None:
        mallory = Browser(client, scene.launch_session('"><script>alert(1)</script>\u202e'))
        mallory.write("Hola")
        page = tree(mallory.get())
        assert not page.xpath("//article//script")
        assert (
            page.xpath("//article//*[contains(@class, 'author')]")[0]
            .text_content()
            .startswith('"><script>')
        )


class TestEditing:
    def test_the_form_holds_the_source(self, scene: Scene, ana: Browser) -> None:
        post = scene.post(ana.launch_session, "**uno**", language="es")
        form = one(ana.get(f"post/{post.id}/edit"), "//main//form")
        assert (form.fields["text"].strip(), form.fields["language"]) == ("**uno**", "es")
        response = ana.client.post(
            form.action, data={**dict(form.fields), "text": "dos", "language": "pt"}
        )
        assert response.status_code == 303
        assert response.location == f"{ana.launch_session.path}#p{post.id}"
        assert (scene.read(post.id).source, scene.read(post.id).language) == ("dos", "pt")

    def test_a_rejected_text_is_shown_again(self, scene: Scene, ana: Browser) -> None:
        post = scene.post(ana.launch_session, "uno")
        response = ana.send(f"post/{post.id}/edit", text="a" * 20_001, language="")
        assert response.status_code == 413
        assert len(one(response, "//main//form").fields["text"].strip()) == 20_001
        with scene.database.read() as session:
            assert session.scalar(select(func.count()).select_from(PostVersion)) == 0

    @pytest.mark.parametrize("act", ["edit", "delete"])
    def test_only_by_the_author(self, scene: Scene, ana: Browser, act: str) -> None:
        post = scene.post(scene.launch_session("Bo"), "de Bo")
        for response in (
            ana.get(f"post/{post.id}/{act}"),
            ana.send(f"post/{post.id}/{act}", text="x"),
        ):
            assert response.status_code == 403
            assert "de Bo" not in response.text
        assert scene.read(post.id).source == "de Bo"

    @pytest.mark.both_engines
    @pytest.mark.parametrize("number", ["999999", "2147483647", "99999999999999999999", "x", "-1"])
    def test_unknown_posts(self, ana: Browser, number: str) -> None:
        for path in (f"post/{number}", f"post/{number}/edit", f"post/{number}/delete"):
            assert ana.get(path).status_code == 404
        assert ana.get(f"thread/{number}").status_code == 404


class TestDeleting:
    def test_confirm_then_delete(self, scene: Scene, ana: Browser) -> None:
        post = scene.post(ana.launch_session, "secreto")
        reply = scene.post(scene.launch_session("Bo"), "respuesta", reply_to_id=post.id)
        form = one(ana.get(f"post/{post.id}/delete"), "//main//form")
        response = ana.client.post(form.action, data=dict(form.fields))
        assert response.location == f"{ana.launch_session.path}#p{post.id}"
        page = ana.get()
        assert "secreto" not in page.text
        assert one(page, f"//article[@id='p{reply.id}']") is not None

    def test_a_post_without_replies_redirects_to_the_discussion(
        self, scene: Scene, ana: Browser
    ) -> None:
        post = scene.post(ana.launch_session)
        response = ana.send(f"post/{post.id}/delete")
        assert response.location == f"{ana.launch_session.path}#discussion"
        assert ana.get(f"post/{post.id}/edit").status_code == 409


class TestFinding:
    def test_permanent_link(self, scene: Scene, ana: Browser) -> None:
        old, *_ = scene.many(ana.launch_session, [{}] * 45)
        location = ana.get(f"post/{old}").location
        assert location.endswith(f"#p{old}")
        page = ana.get(location.removeprefix(ana.launch_session.path).split("#")[0])
        assert one(page, f"//article[@id='p{old}']") is not None

    @pytest.mark.both_engines
    def test_pages_of_a_thread(self, scene: Scene, ana: Browser) -> None:
        (first,) = scene.many(ana.launch_session, [{}])
        replies = scene.many(ana.launch_session, [{"thread_id": first, "reply_to_id": first}] * 60)
        page = ana.get(f"thread/{first}")
        shown = [int(each) for each in tree(page).xpath("//article/@data-post")]
        assert shown == [first, *replies[:50]]
        (later,) = tree(page).xpath("//a[contains(@href, 'after=')]/@href")
        rest = [int(each) for each in tree(ana.client.get(later)).xpath("//article/@data-post")]
        assert rest == [first, *replies[50:]]
        assert one(page, "//input[@name='reply_to']").value == str(first)

    def test_the_composer_page(self, scene: Scene, ana: Browser) -> None:
        post = scene.post(ana.launch_session, "la primera palabra")
        page = ana.get(f"compose?reply_to={post.id}")
        assert one(page, "//form[@data-composer]").fields["reply_to"] == str(post.id)
        page = ana.get("compose?question=who-sells")
        assert one(page, "//form[@data-composer]").fields["question"] == "who-sells"


class TestPolling:
    @pytest.mark.both_engines
    def test_posts_by_others_and_not_modified(self, scene: Scene, ana: Browser) -> None:
        first = scene.post(ana.launch_session)
        url = f"poll?after={first.sequence}"
        quiet = ana.get(url)
        assert quiet.json == {"new": 0}
        assert ana.get(url, headers={"If-None-Match": quiet.headers["ETag"]}).status_code == 304
        scene.post(scene.launch_session("Bo"))
        scene.post(ana.launch_session)
        loud = ana.get(url, headers={"If-None-Match": quiet.headers["ETag"]})
        assert (loud.status_code, loud.json) == (200, {"new": 1})
        assert "no-cache" in loud.headers["Cache-Control"]

    @pytest.mark.parametrize("after", ["", "x", "-5", "9" * 40])
    def test_invalid_parameters(self, ana: Browser, after: str) -> None:
        assert ana.get(f"poll?after={after}").json == {"new": 0}


TABLE = "|a" * 2500 + "\n" + "|-" * 2500 + "\n" + "|\n" * 4900
NO_LINE_ENDS = "|a" * 2500 + "|-" * 2500 + "|\n" * 4900


class TestTooMuchFormatting:
    """A text above the limits is shown again with the reason."""

    def test_posts(self, scene: Scene, ana: Browser) -> None:
        response = ana.write(TABLE)
        assert response.status_code == 422
        assert "too much formatting" in response.text
        assert one(response, "//textarea[@name='text']").text.strip() == TABLE.strip()
        assert posts(scene) == 0

    def test_replies(self, scene: Scene, ana: Browser) -> None:
        ana.write()
        response = ana.write(TABLE, draft_key="k2", reply_to=str(newest(scene).id))
        assert response.status_code == 422
        form = one(response, "//form[@data-composer]")
        assert form.fields["text"].strip() == TABLE.strip()
        assert form.fields["reply_to"] == str(newest(scene).id)
        assert posts(scene) == 1

    def test_edits(self, scene: Scene, ana: Browser) -> None:
        ana.write("Hola")
        response = ana.send(f"post/{newest(scene).id}/edit", text=TABLE)
        assert response.status_code == 422
        assert "too much formatting" in response.text
        assert one(response, "//textarea[@name='text']").text.strip() == TABLE.strip()
        assert newest(scene).source == "Hola"

    def test_the_script_gets_the_reason(self, ana: Browser) -> None:
        response = ana.write(TABLE, headers=FRAGMENT)
        assert response.status_code == 422
        assert "too much formatting" in response.json["error"]

    def test_no_text_is_a_server_error(self, ana: Browser) -> None:
        """Some of the texts whose analyses ``test_text_costs.py`` tests."""
        for name, make in list(TEXTS.items())[::8]:
            response = ana.write(make(20_000), draft_key=name)
            assert response.status_code in (303, 400, 413, 422), name
        assert ana.get().status_code == 200

    def test_pipes_without_line_ends(self, ana: Browser) -> None:
        assert ana.write(NO_LINE_ENDS).status_code in (303, 422)


def test_the_filters_of_the_fragment_count_the_new_post(scene: Scene, ana: Browser) -> None:
    ana.write("Hola", language="es", draft_key="a")
    html = ana.write("Salut", language="fr", draft_key="b", headers=FRAGMENT).text
    counts = re.findall(r'lang="(\w+)">[^<]+</span> <span class="count">(\d+)', html)
    assert dict(counts) == {"es": "1", "fr": "1"}


def database_of(browser: Browser) -> Database:
    """The database of the application, which has an engine of its own."""
    database: Database = browser.client.application.extensions["minga"].database
    return database


def test_the_number_of_statements_of_a_post_is_bounded(ana: Browser) -> None:
    for number in range(3):
        with counted(database_of(ana)) as statements:
            ana.write("Hola", language="es", draft_key=f"k{number}", headers=FRAGMENT)
    assert len(statements) <= 16, statements


def test_a_post_of_a_form_takes_few_statements(scene: Scene, ana: Browser) -> None:
    """What follows from the post is not read again to find the page that shows it."""
    first = scene.post(ana.launch_session).id
    for fields, most in (({}, 15), ({"reply_to": str(first)}, 22)):
        with counted(database_of(ana)) as statements:
            ana.write("Hola", language="es", draft_key=str(fields), **fields)
        assert len(statements) <= most, statements


@pytest.mark.parametrize("order", ["", "sort=newest", "sort=oldest", "posts=es", "posts=fr"])
@pytest.mark.parametrize("answered", [None, "first", "long"])
def test_a_new_post_is_on_the_page_to_which_its_author_is_led(
    scene: Scene, ana: Browser, order: str, answered: str | None
) -> None:
    threads = scene.many(ana.launch_session, [{}] * 22)
    scene.many(ana.launch_session, [{"thread_id": threads[1], "reply_to_id": threads[1]}] * 12)
    fields = {} if answered is None else {"reply_to": threads[0 if answered == "first" else 1]}
    response = ana.send(
        f"post?{order}", text="Here I am", draft_key="here", language="es", **fields
    )
    page = ana.client.get(response.location)
    anchor = response.location.partition("#")[2]
    assert page.status_code == 200
    [article] = tree(page).xpath(f"//article[@id='{anchor}']")
    assert "Here I am" in article.text_content()


def test_a_thread_without_replies_has_no_list_of_replies(scene: Scene, ana: Browser) -> None:
    first = scene.post(ana.launch_session, "Hola")
    assert "data-replies" not in ana.get("").text
    scene.post(ana.launch_session, "Hola", reply_to_id=first.id)
    assert ana.get("").text.count("data-replies") == 1


@pytest.mark.parametrize(
    ("destination", "framed"), [("iframe", True), ("frame", True), ("document", False)]
)
def test_a_page_in_a_frame_is_marked(ana: Browser, destination: str, framed: bool) -> None:
    html = ana.get("", headers={"Sec-Fetch-Dest": destination}).text
    assert ('class="framed"' in html) is framed
