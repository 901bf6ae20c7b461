"""Files in the composer and on posts, over HTTP and without the script; previews; quotations."""

import io
from typing import Any

import pytest
from sqlalchemy import select

from lti_tool.attachments.model import Attachment
from lti_tool.discussion import quotes, views
from lti_tool.web import security
from tests.lti_tool.attachments.files import PDF, picture
from tests.lti_tool.discussion.pages import FRAGMENT, Browser, newest, one, posts, tree
from tests.lti_tool.discussion.scene import Scene

KEY = "form-1"


def sent(content: bytes, name: str = "foto.jpg") -> tuple[io.BytesIO, str]:
    return io.BytesIO(content), name


def send(browser: Browser, path: str, **fields: Any) -> Any:
    return browser.send(path, **{"draft_key": KEY, "text": "Hola", **fields})


def attached(scene: Scene) -> list[Attachment]:
    with scene.database.read() as session:
        return list(session.scalars(select(Attachment).order_by(Attachment.id)))


def href(browser: Browser) -> str:
    [found] = tree(browser.get()).xpath("//ul[@class='files-of-post']//a/@href")
    return str(found).removeprefix(browser.launch_session.path)


@pytest.mark.both_engines
def test_attach_stores_the_file_and_the_text_and_shows_the_form_again(
    scene: Scene, ana: Browser
) -> None:
    response = send(ana, "attach", file=sent(picture()))
    assert response.status_code == 303
    page = ana.get()
    assert one(page, "//textarea[@name='text']").text.strip() == "Hola"
    (file,) = attached(scene)
    alt = one(page, f"//textarea[@name='alt_{file.id}']")
    assert one(page, f"//label[@for='{alt.get('id')}']") is not None
    form = one(page, "//form[@data-composer]")
    assert form.get("enctype") == "multipart/form-data"
    send(ana, "post", draft_key=form.fields["draft_key"], **{f"alt_{file.id}": "El mercado"})
    image = one(ana.get(), "//article//img")
    assert (image.get("alt"), image.get("width"), image.get("height")) == ("El mercado", "60", "40")
    assert image.get("loading") == "lazy"


@pytest.mark.parametrize("path", ["post", "draft", "preview", "attach"])
def test_every_button_attaches_the_chosen_file(scene: Scene, ana: Browser, path: str) -> None:
    send(ana, path, file=sent(PDF, "acta.pdf"))
    (file,) = attached(scene)
    assert file.name == "acta.pdf"
    assert (file.post_id is not None) == (path == "post")


REFUSED = [
    (b"hola", "nota.txt", 415, "cannot be attached"),
    (b"\0\0\0\x18ftypheic" + b"\0" * 20, "foto.jpg", 415, "HEIC"),
    (b"", "vacio.pdf", 400, "is empty"),
    (b"%PDF-" + b"x" * (10 * 1024 * 1024), "grande.pdf", 413, "too large"),
]


@pytest.mark.parametrize(("content", "name", "status", "reason"), REFUSED)
@pytest.mark.parametrize("path", ["post", "attach", "preview", "draft"])
def test_a_refused_file_keeps_the_text(
    scene: Scene, ana: Browser, path: str, content: bytes, name: str, status: int, reason: str
) -> None:
    response = send(ana, path, text="Un texto largo", file=sent(content, name))
    assert response.status_code == status
    assert one(response, "//textarea[@name='text']").text.strip() == "Un texto largo"
    assert reason in one(response, "//*[@data-error]").text
    assert (posts(scene), attached(scene)) == (0, [])


def test_a_removed_file_is_not_published(scene: Scene, ana: Browser) -> None:
    send(ana, "attach", file=sent(PDF, "acta.pdf"))
    (file,) = attached(scene)
    send(ana, "attach", remove_file=str(file.id))
    assert attached(scene) == []


def test_a_form_sent_twice_with_its_file_has_it_once(scene: Scene, ana: Browser) -> None:
    for _ in range(2):
        send(ana, "post", file=sent(PDF, "acta.pdf"))
    assert posts(scene) == 1
    assert len([file for file in attached(scene) if file.post_id]) == 1


NAMES = ["acta.pdf", "تقرير.pdf", "報告.pdf", 'a"b\r\nX-Evil: 1.pdf', "fdp\u202exe.pdf", "x" * 300]


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_sent_so_that_nothing_in_it_runs(scene: Scene, ana: Browser, name: str) -> None:
    send(ana, "post", file=sent(PDF, name))
    response = ana.get(href(ana))
    assert (response.status_code, response.data) == (200, PDF)
    headers = response.headers
    assert headers["Content-Type"] == "application/pdf"
    assert headers["Content-Disposition"].startswith("attachment; filename")
    assert headers["Content-Disposition"].isascii()
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "private, no-cache"
    assert "X-Evil" not in headers
    again = ana.get(href(ana), headers={"If-None-Match": headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_picture_is_shown_in_place(ana: Browser) -> None:
    send(ana, "post", file=sent(picture("PNG"), "x.svg"))
    response = ana.get(href(ana))
    assert response.headers["Content-Type"] == "image/png"
    assert response.headers["Content-Disposition"].startswith("inline")


class TestWhoSeesAFile:
    @pytest.fixture
    def bo(self, scene: Scene, client: Any) -> Browser:
        return Browser(client, scene.launch_session("Bo"))

    def test_of_a_draft(self, scene: Scene, ana: Browser, bo: Browser) -> None:
        send(ana, "attach", file=sent(PDF, "acta.pdf"))
        (file,) = attached(scene)
        assert ana.get(f"file/{file.id}/acta.pdf").status_code == 200
        assert bo.get(f"file/{file.id}/acta.pdf").status_code == 404

    @pytest.mark.both_engines
    @pytest.mark.parametrize(("status", "author", "other"), [
        ("published", 200, 200), ("held", 200, 404), ("hidden", 200, 404), ("deleted", 404, 404),
    ])  # fmt: skip
    def test_of_a_post(
        self, scene: Scene, ana: Browser, bo: Browser, status: str, author: int, other: int
    ) -> None:
        send(ana, "post", file=sent(PDF, "acta.pdf"))
        path = href(ana)
        scene.set(newest(scene).id, status=status)
        assert (ana.get(path).status_code, bo.get(path).status_code) == (author, other)

    def test_before_the_first_post(self, scene: Scene, ana: Browser, bo: Browser) -> None:
        send(ana, "post", file=sent(PDF, "acta.pdf"))
        path = href(ana)
        scene.settings_are(must_post_first=True)
        assert (ana.get(path).status_code, bo.get(path).status_code) == (200, 403)

    def test_after_deleting(self, scene: Scene, ana: Browser) -> None:
        send(ana, "post", file=sent(PDF, "acta.pdf"))
        path = href(ana)
        ana.send(f"post/{newest(scene).id}/delete")
        assert ana.get(path).status_code == 404
        assert attached(scene) == []


class TestEditing:
    @pytest.fixture
    def post(self, scene: Scene, ana: Browser) -> int:
        send(ana, "post", file=sent(PDF, "acta.pdf"))
        return newest(scene).id

    @pytest.mark.both_engines
    def test_a_file_is_added_and_another_removed(
        self, scene: Scene, ana: Browser, post: int
    ) -> None:
        path = f"post/{post}/edit"
        (old,) = attached(scene)
        shown = ana.send(path, text="Hola", file=sent(picture()), attach="1")
        assert shown.status_code == 200
        assert [file.post_id for file in attached(scene)] == [post, None]
        assert ana.send(path, text="Hola", remove_files=str(old.id)).status_code == 303
        (new,) = attached(scene)
        assert (new.name, new.post_id) == ("foto.jpg", post)
        assert newest(scene).edited_at is not None

    def test_a_changed_file_passes_the_same_gate_as_a_text(
        self, scene: Scene, ana: Browser, post: int
    ) -> None:
        scene.settings_are(moderation="all")
        ana.send(f"post/{post}/edit", text="Hola", file=sent(picture()))
        assert newest(scene).status == "held"

    def test_nobody_else_adds_a_file(self, scene: Scene, client: Any, post: int) -> None:
        bo = Browser(client, scene.launch_session("Bo"))
        assert bo.send(f"post/{post}/edit", file=sent(picture())).status_code == 403
        assert len(attached(scene)) == 1

    def test_the_preview_changes_nothing(self, scene: Scene, ana: Browser, post: int) -> None:
        shown = ana.send(f"post/{post}/edit", text="**Nuevo**", preview="1")
        assert one(shown, "//*[@data-preview]//strong").text == "Nuevo"
        assert newest(scene).source == "Hola"


class TestPreview:
    def test_without_the_script_the_form_comes_back_with_it(
        self, scene: Scene, ana: Browser
    ) -> None:
        response = ana.send("preview", text="**Casi**", draft_key=KEY, language="es")
        assert one(response, "//*[@data-preview]//strong").text == "Casi"
        assert one(response, "//textarea[@name='text']").text.strip() == "**Casi**"
        assert one(response, "//form[@data-composer]").fields["draft_key"] == KEY
        assert posts(scene) == 0

    def test_it_is_limited_and_keeps_the_text(
        self, ana: Browser, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(views, "PREVIEWS_PER_MINUTE", 1)
        assert ana.send("preview", text="Uno", headers=FRAGMENT).status_code == 200
        refused = ana.send("preview", text="Dos")
        assert refused.status_code == 429
        assert refused.headers["Retry-After"] == "60"
        assert one(refused, "//textarea[@name='text']").text.strip() == "Dos"

    @pytest.mark.parametrize(("text", "status"), [("", 400), ("x" * 20_001, 413)])
    def test_it_says_why_not(self, ana: Browser, text: str, status: int) -> None:
        response = ana.send("preview", text=text, headers=FRAGMENT)
        assert response.status_code == status
        assert response.json["error"]


QUOTED = [
    ("<p>Hola</p>", "> Hola\n\n"),
    ("<p>Una<br>\ndos</p>\n<p>tres</p>", "> Una\n>\n> dos\n>\n> tres\n\n"),
    ("<p>a * b [c] # d</p>", "> a \\* b \\[c\\] # d\n\n"),
    ("<p># no</p>", "> \\# no\n\n"),
    ("<p>1986. Un año</p>", "> 1986\\. Un año\n\n"),
    ("<p>&lt;b&gt; snake_case _x_</p>", "> \\<b> snake_case \\_x\\_\n\n"),
    ("<p>" + "palabra " * 100 + "</p>", None),
]


@pytest.mark.parametrize(("html", "quotation"), QUOTED)
def test_a_quotation_is_markdown(html: str, quotation: str | None) -> None:
    made = quotes.quotation(html)
    if quotation is None:
        assert len(made) < 320
        assert made.endswith("palabra…\n\n")
    else:
        assert made == quotation


def test_quote_opens_the_reply_with_the_text_after_a_draft(scene: Scene, ana: Browser) -> None:
    post = scene.post(scene.launch_session("Eva"), "Una *idea*")
    link = one(ana.get(), f"//article[@id='p{post.id}']//a[@data-quote-target]").get("href")
    path = link.removeprefix(ana.launch_session.path)
    assert one(ana.get(path), "//textarea[@name='text']").text == "\n> Una idea\n\n"
    ana.send("draft", text="Mi borrador", reply_to=str(post.id), draft_key=KEY)
    text = one(ana.get(path), "//textarea[@name='text']").text
    assert text == "\nMi borrador\n\n> Una idea\n\n"


def test_the_server_receives_files_on_the_paths_of_forms_only(client: Any) -> None:
    rules = {
        rule.endpoint: rule.rule
        for rule in client.application.url_map.iter_rules()
        if "POST" in (rule.methods or ())
    }
    for endpoint, rule in rules.items():
        path = rule.replace("<session_id>", "abc").replace("<int(max=2147483647):post_id>", "12")
        matches = security.LONG_TEXT_PATHS.fullmatch(path) is not None
        assert matches == (endpoint in security.LONG_TEXTS), endpoint
