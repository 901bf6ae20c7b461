"""Machine translations: who may ask, what is sent, what is stored and shown."""

import re
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from lti_tool.app import create_app
from lti_tool.directory.model import RegistrationRow
from lti_tool.discussion import translator as translators
from lti_tool.discussion import writer
from lti_tool.discussion.model import Post, PostTranslation
from lti_tool.discussion.translator import TranslationError, Translator, service_code
from lti_tool.storage.database import Database
from tests.lti_tool.discussion import scene as scenes
from tests.lti_tool.discussion.pages import FRAGMENT, Browser, one, tree
from tests.lti_tool.discussion.scene import Scene, statements_of
from tests.support.translation_server import (
    PLACEHOLDER,
    Behaviour,
    TranslationServer,
    changing,
    translation_server,
    well_behaved,
)


@pytest.fixture
def server() -> Iterator[TranslationServer]:
    with translation_server() as server:
        yield server


@pytest.fixture
def scene(database: Database, tmp_path: Path, server: TranslationServer) -> Scene:
    made = scenes.make(
        database,
        tmp_path,
        MINGA_TRANSLATION_URL=server.url,
        MINGA_TRANSLATION_KEY="the-key",
        MINGA_TRANSLATION_PRIVATE="yes",
        MINGA_TRANSLATIONS_PER_MINUTE="5",
    )
    allow(made, True)
    return made


@pytest.fixture
def client(scene: Scene) -> Iterator[FlaskClient]:
    app = create_app(scene.settings)
    with app.test_client() as client:
        yield client
    app.extensions["minga"].database.close()


@pytest.fixture
def ana(scene: Scene, client: FlaskClient) -> Browser:
    """Reads English, the interface's language without any other preference."""
    return Browser(client, scene.launch_session("Ana Quispe"))


def allow(scene: Scene, allowed: bool) -> None:
    with scene.database.write() as session:
        session.get_one(RegistrationRow, scene.registration_id).translation = allowed


def stored(scene: Scene) -> list[tuple[int, int, str]]:
    with scene.database.read() as session:
        rows = session.scalars(select(PostTranslation).order_by(PostTranslation.post_id))
        return [(row.post_id, row.revision, row.language) for row in rows]


def ask(browser: Browser, post: Post, **fields: Any) -> Any:
    """Ask for a translation without the script; return the page that follows."""
    response = browser.send(f"post/{post.id}/translate", **fields)
    assert response.status_code == 303
    assert response.location.endswith(f"#p{post.id}")
    return browser.client.get(response.location)


@pytest.mark.both_engines
def test_a_translation_is_shown_below_the_original(
    scene: Scene, ana: Browser, server: TranslationServer
) -> None:
    post = scene.post(scene.launch_session("Bo"), "Hola **a todas**", language="es")
    page = ask(ana, post)
    article = f"//article[@id='p{post.id}']"
    assert one(page, f"{article}//*[@class='prose says']").text_content().strip() == "Hola a todas"
    shown = one(page, f"{article}//*[@class='translation']")
    (text,) = shown.xpath("./div")
    assert (text.get("lang"), text.get("dir")) == ("en", "ltr")
    assert text.xpath(".//strong/text()") == ["A TODAS"]
    label = shown.text_content()
    assert "Machine translation" in label
    assert re.search("Español.*English", label)
    assert "127.0.0.1" in label
    assert not one(page, article).xpath(".//*[@data-translate]")
    (sent,) = server.requests
    assert sent == {
        "path": "/translate",
        "q": ["Hola [X1X]a todas[X2X]"],
        "source": "es",
        "target": "en",
        "format": "text",
        "api_key": "the-key",
    }


@pytest.mark.both_engines
def test_a_stored_translation_is_not_asked_for_again(
    scene: Scene, ana: Browser, client: FlaskClient, server: TranslationServer
) -> None:
    first = scene.post(scene.launch_session("Bo"), "Hola", language="es")
    second = scene.post(scene.launch_session("Bo"), "Bonjour", language="fr")
    ask(ana, first)
    page = ask(ana, second, translated=str(first.id))
    assert len(tree(page).xpath("//*[@class='translation']")) == 2
    other = Browser(client, scene.launch_session("Cai"))
    ask(other, first)
    assert len(server.requests) == 2
    assert len(tree(other.get()).xpath("//*[@class='translation']")) == 0


def test_the_script_gets_the_translation_alone(scene: Scene, ana: Browser) -> None:
    post = scene.post(scene.launch_session("Bo"), "Hola", language="es")
    response = ana.send(f"post/{post.id}/translate", headers=FRAGMENT)
    assert response.status_code == 200
    assert "HOLA" in response.text
    assert "<article" not in response.text


def test_whose_posts_have_a_button(scene: Scene, ana: Browser) -> None:
    bo = scene.launch_session("Bo")
    ids = scene.many(bo, [{"language": tag} for tag in ("es", "en", "en-GB", "fr", None)])
    own = scene.post(ana.launch_session, language="es")

    def buttons() -> list[int]:
        found = tree(ana.get("?posts=all&sort=oldest")).xpath("//button[@data-translate]")
        assert {each.get("form") for each in found} <= {"translate"}
        return [int(each.get("formaction").split("/")[-2]) for each in found]

    assert buttons() == [ids[0], ids[3], ids[4]]
    assert own.id not in buttons()
    ana.send("list", posts="es", remember="1")
    assert buttons() == [ids[3], ids[4]]
    allow(scene, False)
    assert buttons() == []


def test_filters_and_thread_pages_stay(scene: Scene, ana: Browser) -> None:
    bo = scene.launch_session("Bo")
    scene.many(bo, [{"language": "fr"}])
    (first,) = scene.many(bo, [{"language": "es"}])
    replies = scene.many(bo, [{"language": "es", "thread_id": first, "reply_to_id": first}] * 60)
    page = ask(ana, scene.read(first), posts="es")
    assert len(tree(page).xpath("//ol[@data-threads]/li")) == 1
    page = ask(ana, scene.read(replies[-1]))
    assert one(page, f"//article[@id='p{replies[-1]}']").xpath(".//*[@class='translation']")
    form = one(page, "//form[@id='translate']")
    assert form.fields["translated"] == str(replies[-1])


def test_an_unknown_language_is_detected_by_the_service(scene: Scene, ana: Browser) -> None:
    (number,) = scene.many(scene.launch_session("Bo"), [{"language": None}])
    page = ask(ana, scene.read(number))
    assert "Português" in one(page, "//*[@class='translation']").text_content()


def test_nothing_leaves_before_the_institution_allows_it(
    scene: Scene, ana: Browser, server: TranslationServer
) -> None:
    allow(scene, False)
    post = scene.post(scene.launch_session("Bo"), "Hola", language="es")
    page = ask(ana, post)
    assert "not available" not in page.text
    assert ana.send(f"post/{post.id}/translate", headers=FRAGMENT).status_code == 503
    assert server.requests == []
    assert 'id="translate"' not in ana.get().text


def test_a_stored_translation_is_no_longer_shown_once_it_is_not_allowed(
    scene: Scene, ana: Browser
) -> None:
    post = scene.post(scene.launch_session("Bo"), "Hola", language="es")
    ask(ana, post)
    allow(scene, False)
    assert "HOLA" not in ana.get(f"?translated={post.id}").text


def html_page(_: Any, handler: Any) -> None:
    handler.reply(200, "<h1>502 Bad Gateway</h1>")


def slow(body: dict[str, Any], _: Any) -> Any:
    time.sleep(1.5)
    return well_behaved(body)


def trickle(_: Any, handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    try:
        for _ in range(30):
            handler.wfile.write(b" ")
            time.sleep(0.1)
    except OSError:
        pass


def cut(_: Any, handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True


FAILURES: dict[str, Behaviour] = {
    "an error": lambda _, handler: handler.reply(500, '{"error": "x"}'),
    "a language it does not know": lambda _, handler: handler.reply(400, '{"error": "gn"}'),
    "too many requests": lambda _, handler: handler.reply(429, '{"error": "slow down"}'),
    "a page": html_page,
    "a redirect": lambda _, handler: handler.reply(302, ""),
    "slow": slow,
    "a byte now and then": trickle,
    "nothing": cut,
    "an empty object": lambda *_: {},
    "a list": lambda *_: [1],
    "one text too few": lambda *_: {"translatedText": []},
    "a number": lambda *_: {"translatedText": [7]},
    "an empty text": lambda *_: {"translatedText": [" \u202e "]},
    "an enormous text": lambda *_: {"translatedText": ["A" * 900_000]},
    "more than the client reads": lambda *_: {"translatedText": ["A" * 2_000_000]},
}


@pytest.mark.parametrize("failure", FAILURES)
def test_failures_are_quiet(
    scene: Scene,
    ana: Browser,
    server: TranslationServer,
    failure: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fast = Translator(server.url, None, allow_private=True, seconds=0.7)
    monkeypatch.setattr("lti_tool.discussion.translation_views.translator_of", lambda _: fast)
    server.behaviour = FAILURES[failure]
    post = scene.post(scene.launch_session("Bo"), "Hola", language="es")
    page = ask(ana, post)
    article = one(page, f"//article[@id='p{post.id}']")
    assert "The translation is not available now." in article.text_content()
    assert "Hola" in article.text_content()
    assert article.xpath(".//*[@data-translate]")
    response = ana.send(f"post/{post.id}/translate", headers=FRAGMENT)
    assert response.status_code == 503
    assert response.json == {"error": "The translation is not available now."}
    assert stored(scene) == []


def test_the_service_is_down(scene: Scene, ana: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    with translation_server() as gone:
        pass
    client = Translator(gone.url, None, allow_private=True)
    monkeypatch.setattr("lti_tool.discussion.translation_views.translator_of", lambda _: client)
    post = scene.post(scene.launch_session("Bo"), "Hola", language="es")
    assert "not available now" in ask(ana, post).text


def test_private_addresses_need_a_setting(server: TranslationServer) -> None:
    for url in (server.url, server.url.replace("http:", "https:")):
        with pytest.raises(TranslationError):
            Translator(url, None, allow_private=False).exchange("es", "en")(["Hola"])
    assert server.requests == []


def test_few_wait_for_a_slow_service(server: TranslationServer) -> None:
    translator = Translator(server.url, None, allow_private=True)
    for _ in range(translators._MAX_WAITING):
        translator._waiting.acquire()
    with pytest.raises(TranslationError):
        translator.exchange("es", "en")(["Hola"])
    assert server.requests == []


def test_hostile_answers_are_cleaned(scene: Scene, ana: Browser, server: TranslationServer) -> None:
    server.behaviour = changing(
        lambda text: f"<script>alert(1)</script>{PLACEHOLDER.sub('', text)}\u202e<img src=x>"
    )
    post = scene.post(
        scene.launch_session("Bo"), "Vean [la guía](https://x.org/a) y `code`", language="es"
    )
    (shown,) = one(ask(ana, post), "//*[@class='translation']").xpath("./div")
    assert not shown.xpath(".//script | .//img")
    assert "<script>" in shown.text_content()
    assert "\u202e" not in shown.text_content()
    assert shown.xpath(".//a/@href") == ["https://x.org/a"]
    assert shown.xpath(".//code/text()") == ["code"]


def test_a_person_may_ask_a_few_times_a_minute(
    scene: Scene, ana: Browser, client: FlaskClient, server: TranslationServer
) -> None:
    bo = scene.launch_session("Bo")
    ids = scene.many(bo, [{"language": "es", "html": f"<p>Hola {n}</p>"} for n in range(7)])
    statuses = [
        ana.send(f"post/{number}/translate", headers=FRAGMENT).status_code for number in ids
    ]
    assert statuses == [200] * 5 + [503] * 2
    assert len(server.requests) == 5
    assert ana.send(f"post/{ids[0]}/translate", headers=FRAGMENT).status_code == 200
    other = Browser(client, scene.launch_session("Cai"))
    assert other.send(f"post/{ids[6]}/translate", headers=FRAGMENT).status_code == 200


class TestTheTextThatItTranslates:
    """A translation lives and is shown only with its text."""

    @pytest.fixture
    def bo(self, scene: Scene) -> Any:
        return scene.launch_session("Bo")

    @pytest.fixture
    def post(self, scene: Scene, bo: Any, ana: Browser) -> Post:
        post = scene.post(bo, "Un secreto", language="es")
        assert "UN SECRETO" in ask(ana, post).text
        return post

    def test_edited(self, scene: Scene, bo: Any, post: Post, ana: Browser) -> None:
        scene.edit(bo, post, "Otro texto", "es")
        assert stored(scene) == []
        assert "UN SECRETO" not in ana.get(f"?translated={post.id}").text
        assert "OTRO TEXTO" in ask(ana, post).text
        assert stored(scene) == [(post.id, 1, "en")]

    def test_in_another_language_than_it_seemed(self, scene: Scene, post: Post) -> None:
        scene.set(post.id, language="pt", language_source="detected")
        assert stored(scene) == []

    def test_deleted(self, scene: Scene, bo: Any, post: Post, ana: Browser) -> None:
        scene.delete(bo, post)
        assert stored(scene) == []
        assert "UN SECRETO" not in ana.get(f"?translated={post.id}").text
        assert ana.send(f"post/{post.id}/translate").status_code == 404
        assert stored(scene) == []

    @pytest.mark.parametrize("status", ["hidden", "held"])
    def test_hidden_or_held(
        self, scene: Scene, post: Post, ana: Browser, client: FlaskClient, status: str
    ) -> None:
        scene.set(post.id, status=status)
        assert "UN SECRETO" not in ana.get(f"?translated={post.id}").text
        assert "UN SECRETO" not in ana.get(f"thread/{post.id}?translated={post.id}").text
        assert ana.send(f"post/{post.id}/translate", headers=FRAGMENT).status_code == 404
        instructor = Browser(client, scene.launch_session("Pilar", instructor=True))
        assert ask(instructor, post) is not None

    def test_before_the_first_own_post(
        self, scene: Scene, post: Post, ana: Browser, server: TranslationServer
    ) -> None:
        scene.settings_are(must_post_first=True)
        assert "UN SECRETO" not in ana.get(f"?translated={post.id}").text
        assert ana.send(f"post/{post.id}/translate").status_code == 403

    def test_in_another_group(self, scene: Scene, post: Post, ana: Browser) -> None:
        with scene.database.write() as session:
            first = session.get_one(Post, post.id)
            writer.move_to_group(session, writer.lock(session, first.discussion_id), first, 7)
        assert ana.send(f"post/{post.id}/translate").status_code == 404
        assert "UN SECRETO" not in ana.get(f"?translated={post.id}").text

    def test_changed_while_the_service_works(
        self, scene: Scene, bo: Any, ana: Browser, server: TranslationServer
    ) -> None:
        for change in (
            lambda post: scene.delete(bo, post),
            lambda post: scene.edit(bo, post, "Otro", "es"),
            lambda post: scene.set(post.id, status="hidden"),
        ):
            post = scene.post(bo, "Un texto", language="es")

            def behave(body: Any, _: Any, change: Any = change, post: Post = post) -> Any:
                change(post)
                return well_behaved(body)

            server.behaviour = behave
            response = ana.send(f"post/{post.id}/translate", headers=FRAGMENT)
            assert response.status_code == 503
            assert post.id not in [each[0] for each in stored(scene)]

    def test_the_discussion_is_gone(self, scene: Scene, post: Post) -> None:
        with scene.database.write() as session:
            session.delete(session.get_one(Post, post.id))
        with scene.database.read() as session:
            assert session.scalar(select(func.count()).select_from(PostTranslation)) == 0


def test_translations_take_one_statement(scene: Scene, ana: Browser) -> None:
    ids = scene.many(scene.launch_session("Bo"), [{"language": "es"}] * 15)
    for number in ids[:3]:
        ana.send(f"post/{number}/translate", headers=FRAGMENT)
    with statements_of(ana.client.application.extensions["minga"].database) as without:
        ana.get()
    path = "?translated=" + ",".join(map(str, ids))
    with statements_of(ana.client.application.extensions["minga"].database) as recorded:
        page = ana.get(path)
    assert len(tree(page).xpath("//*[@class='translation']")) == 3
    assert len(recorded) == len(without) + 1


@pytest.mark.parametrize("value", ["", "x", "1,,2", "9" * 40, "0", ",".join(["5"] * 5000)])
def test_invalid_ids_change_nothing(scene: Scene, ana: Browser, value: str) -> None:
    scene.post(scene.launch_session("Bo"), language="es")
    assert ana.get(f"?translated={value}&untranslated={value[:20]}").status_code == 200


@pytest.mark.parametrize(
    ("tag", "code"),
    [("es", "es"), ("es-AR", "es"), ("zh-Hans", "zh-Hans"), ("zh", "zh"), ("zh-TW", "zh"),
     ("sr-Latn", "sr"), ("pt-BR", "pt"), ("es-x-test", "es")],
)  # fmt: skip
def test_codes_of_the_service(tag: str, code: str) -> None:
    assert service_code(tag) == code
