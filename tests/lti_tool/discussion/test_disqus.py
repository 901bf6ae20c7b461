"""An XML export of Disqus becomes an archive in a discussion."""

import gzip
import io
import json
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from sqlalchemy import select

from lti_tool.discussion import recount
from lti_tool.discussion.commands import discussion
from lti_tool.discussion.imports import disqus, disqus_xml
from lti_tool.discussion.imports.disqus_spool import Spool, exact_url, normal_url
from lti_tool.discussion.imports.html_to_markdown import markdown_of
from lti_tool.discussion.imports.plans import Place
from lti_tool.discussion.model import DiscussionReader, Post
from lti_tool.discussion.quotes import plain_text
from lti_tool.discussion.text import render_stored
from lti_tool.tasks.outbox import OutboxRow
from tests.lti_tool.discussion.pages import Browser, tree
from tests.lti_tool.discussion.scene import Scene

pytestmark = pytest.mark.both_engines

PAGE = "https://old.example.org/module-4"


def thread(number: int | str, url: str) -> str:
    return (
        f'<thread dsq:id="{number}"><id/><link>{url}</link><title>El mercado</title><message/>'
        "<createdAt>2012-06-26T16:00:00Z</createdAt><author><email>t@example.org</email>"
        "<name>T</name></author><ipAddress>192.0.2.9</ipAddress></thread>"
    )


def post(
    number: int | str,
    text: str,
    *,
    parent: int | str | None = None,
    name: str | None = "Ana",
    at: str = "2012-06-26T16:33:55Z",
    of: int = 1,
    flags: str = "",
) -> str:
    author = f"<name>{name}</name><username>{name}</username>" if name is not None else ""
    return (
        f'<post dsq:id="{number}"><id/><message><![CDATA[{text}]]></message><createdAt>{at}'
        f"</createdAt>{flags}<author><email>ana@example.org</email>{author}<isAnonymous>"
        f'true</isAnonymous></author><ipAddress>192.0.2.7</ipAddress><thread dsq:id="{of}"/>'
        + (f'<parent dsq:id="{parent}"/>' if parent is not None else "")
        + "</post>"
    )


def export(*items: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="utf-8"?><disqus xmlns="http://disqus.com" '
        'xmlns:dsq="http://disqus.com/disqus-internals"><category dsq:id="9"><title>G</title>'
        f"</category>{''.join(items)}</disqus>"
    ).encode()


DELETED, SPAM = "<isDeleted>true</isDeleted>", "<isSpam>true</isSpam>"
SMALL = export(
    thread(1, PAGE),
    thread(2, "http://www.old.example.org/module-4/?utm_source=mail"),
    # The answer stands before what it answers; ids are those of Disqus, not of the website.
    post(12, "<p>Sí, el domingo vamos todos al mercado.</p>", parent=11, at="2012-06-28T10:00:00Z"),
    post(11, "<p>¿Vamos al <b>mercado</b> el domingo con las vecinas?</p>", name="Bo &amp; Co"),
    post(13, "No", parent=11, flags=SPAM),
    post(14, "Borrado", parent=11, at="2012-06-27T10:00:00Z", flags=DELETED, name="Gone"),
    post(15, "<p>Quien respondió a lo borrado dice esto.</p>", parent=14, name=None),
    post(16, "Borrado del todo", flags=DELETED),
    post(17, "<p>La respuesta a un mensaje que falta.</p>", parent=99, name="ana@example.org"),
    post("", "<p>Un mensaje sin número en la otra dirección.</p>", of=2, at="?"),
    post(18, "<p>&nbsp;</p>"),
    post(19, "<p>La página de otra cosa</p>", of=7),
)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>Hola <b>a todas </b>y <i><b>más</b></i></p><p>fin</p>",
         "Hola **a todas** y ***más***\n\nfin"),
        ("uno<br/>dos<br>tres", "uno\ndos\ntres"),
        ('<a href="https://e.org/a_b" title="x">https://e.org/a...</a>', "<https://e.org/a_b>"),
        ('<a href="https://e.org/x">el <b>sitio</b></a>', "[el **sitio**](<https://e.org/x>)"),
        ('<a href="http://disq.us/url?url=http%3A%2F%2Fe.org%2Fx%3AKtcmwKLSYnZBkVzGaXdrKtcmwK">x</a>',
         "[x](<http://e.org/x>)"),
        ('<a href="javascript:alert(1)">mal</a><script>x()</script>', "mal"),
        ('<img src="https://e.org/p.png" alt="La feria">', "[La feria](<https://e.org/p.png>)"),
        ("<code>a*b`c</code>", "``a*b`c``"),
        ("<pre><code>si a &lt; b:\n  *c*</code></pre>", "```\nsi a < b:\n  *c*\n```"),
        ("<blockquote>cita<br>larga</blockquote>bien", "> cita\n> larga\n\nbien"),
        ("<ul><li>a</li><li>b<ol><li>c</li></ol></li></ul>", "- a\n\n- b\n\n  1. c"),
        ("@juan:disqus hola", "@juan hola"),
        ("<!-- x -->", ""),
    ],
)  # fmt: skip
def test_html_becomes_markdown(html: str, expected: str) -> None:
    assert markdown_of(html) == expected


@pytest.mark.parametrize(
    "text",
    [
        "1. no - es * una _lista_ de_cosas",
        "# no es un título",
        "- ni > una cita ~~tachada~~ `código` [x](y) <b> &amp; | a \\",
        "https://e.org/a_b_c?x=1&y=*2* y más_cosas_",
        "***", "+", "2) dos", "a" * 15_000, "[" * 400, "&" * 500,
    ],
)  # fmt: skip
def test_what_was_text_stays_text(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    markdown = markdown_of(f"<p>{escaped}</p>")
    html = render_stored(markdown)
    assert plain_text(html).strip() == text


def test_hostile_html_takes_no_time_and_no_depth() -> None:
    for html in ("<b>" * 50_000, "<blockquote>" * 20_000 + "x", "<a " * 30_000, "<!--" * 25_000):
        assert len(markdown_of(html)) < 1000


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no element found"),
        (b"<rss></rss>", "no XML export of Disqus"),
        (b"PK\x03\x04 zip", "Line 1"),
        (SMALL[:-300], "the file is damaged or its end"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><disqus>&b;</disqus>', "document type declaration"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><disqus/>', "document type declaration"),
        (b'<?xml version="1.0" encoding="klingon"?><disqus/>', "encoding"),
        (gzip.compress(SMALL)[:-30], "cannot be read"),
        (b"\x1f\x8bnot gzip", "cannot be read"),
    ],
)
def test_a_file_that_is_no_export(content: bytes, message: str) -> None:
    with pytest.raises(disqus_xml.DisqusError) as caught:
        disqus_xml.read(io.BytesIO(content), lambda _: None)
    assert message.casefold() in str(caught.value).casefold()


def test_urls_of_one_page() -> None:
    same = ("http://e.org/a", "https://www.e.org/a/", "https://E.org:443/a/index.html#x")
    assert {normal_url(url) for url in same} == {"e.org/a"}
    assert normal_url("https://e.org/a?p=1") == "e.org/a"
    assert exact_url("https://e.org/a/?p=1") == "e.org/a?p=1"
    for strange in ("", "no url", "http://[", "http://e.org:x/"):
        assert normal_url(strange) == ""


def spooled(folder: Path, content: bytes, *urls: str) -> Spool:
    folder.mkdir(exist_ok=True)
    spool = Spool(folder)
    disqus_xml.read(io.BytesIO(content), spool.add)
    spool.pages()
    spool.choose(urls or [PAGE])
    spool.arrange()
    return spool


def test_nothing_of_addresses_is_read(tmp_path: Path) -> None:
    spooled(tmp_path, SMALL)
    stored = (tmp_path / "disqus.db").read_bytes()
    assert b"mercado" in stored
    assert b"@example.org" not in stored
    assert b"192.0.2" not in stored


def test_answers_in_a_circle_and_of_themselves(tmp_path: Path) -> None:
    content = export(
        thread(1, PAGE),
        *(post(a, "<p>x</p>", parent=b) for a, b in ((1, 2), (2, 1), (3, 3), (4, 3))),
    )
    found = list(spooled(tmp_path, content).posts())
    assert [(each.id, each.parent) for each in found][:2] == [("1", ""), ("2", "")]
    assert len(found) == 4


@pytest.fixture
def place(scene: Scene) -> Place:
    return Place(scene.resource_link_id, scene.course_id, scene.module)


def bring(scene: Scene, place: Place, spool: Spool, batches: int | None = None) -> disqus.Result:
    """Import; stop after some transactions, as if the process had been killed."""
    steps = disqus.import_posts(scene.database, scene.settings.secret_key, place, spool.posts())
    *_, last = islice(steps, batches)
    return last


def all_posts(scene: Scene) -> list[Post]:
    with scene.database.read() as session:
        return list(session.scalars(select(Post).order_by(Post.id)))


@pytest.mark.both_engines
def test_the_archive_in_the_discussion(
    scene: Scene, place: Place, tmp_path: Path, client: FlaskClient
) -> None:
    ana = Browser(client, scene.launch_session("Ana Quispe"))
    scene.post(ana.launch_session, "Antes")
    ana.get()
    ana.send("read", all="1", up_to="1")
    with scene.database.write() as session:
        session.query(OutboxRow).delete()
    result = bring(scene, place, spooled(tmp_path, SMALL))
    assert (result.added, result.places, result.known) == (5, 2, 0)
    found = {each.source[:12]: each for each in all_posts(scene)}
    first, second = found["¿Vamos al **"], found["Sí, el domin"]
    assert (first.author_name, first.author_id) == ("Bo & Co", None)
    assert (
        first.html
        == '<p dir="auto">¿Vamos al <strong>mercado</strong> el domingo con las vecinas?</p>\n'
    )
    assert (second.thread_id, second.reply_to_id) == (first.id, first.id)
    assert (first.origin, first.language) == ("archive", "es")
    assert f"{first.created_at:%Y-%m-%d %H:%M}" == "2012-06-26 16:33"
    unnamed, no_parent = found["Quien respon"], found["La respuesta"]
    assert (unnamed.author_name, bool(unnamed.author_code)) == (None, True)
    assert no_parent.author_name is None  # an e-mail address is no name
    stored = scene.read(unnamed.reply_to_id or 0)
    assert (stored.status, stored.source, stored.author_name) == ("deleted", "", None)
    assert unnamed.thread_id == first.id
    assert scene.read(no_parent.thread_id or 0).status == "deleted"

    assert not recount.wrong_discussions(scene.database)
    with scene.database.read() as session:
        assert not session.scalars(select(OutboxRow)).all()  # nobody gets a notice
        reader = session.get(DiscussionReader, (ana.launch_session.user_id, first.discussion_id))
        assert reader is not None
        assert reader.read_up_to > first.sequence
    page = tree(ana.get("?posts=all"))
    shown = page.xpath(f"//article[@id='p{unnamed.id}']")[0].text_content()
    assert "in reply to" in shown
    assert "a deleted post" in shown
    assert "from an archive" in shown
    assert not page.cssselect(".new-post")
    assert ana.get("search?q=domingo").text.count("<mark>domingo</mark>") == 2


@pytest.mark.both_engines
def test_interrupted_and_repeated(
    scene: Scene, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disqus, "BATCH", 2)
    bring(scene, place, spooled(tmp_path / "a", SMALL), batches=2)
    assert len(all_posts(scene)) == 4
    result = bring(scene, place, spooled(tmp_path / "b", SMALL))
    assert (len(all_posts(scene)), result.added + result.known) == (7, 5)
    for each in all_posts(scene):
        if each.reply_to_id is not None:
            assert each.reply_to_id < each.id
    with scene.database.write() as session:
        session.get_one(Post, all_posts(scene)[0].id).status = "hidden"
    repeated = bring(scene, place, spooled(tmp_path / "c", SMALL))
    assert (len(all_posts(scene)), repeated.added, repeated.known) == (7, 0, 5)


def test_the_command(scene: Scene, tmp_path: Path) -> None:
    file = tmp_path / "export.xml.gz"
    file.write_bytes(gzip.compress(SMALL))

    def run(*options: str) -> Any:
        command = ("import-disqus", str(file), "--activity", str(scene.resource_link_id))
        return CliRunner().invoke(discussion, [*command, *options], obj=scene.operator)

    several = run()
    assert several.exit_code == 2
    assert "5 posts  old.example.org/module-4" in several.output
    assert "1 posts  #7" in several.output
    dry = json.loads(run("--thread-url", "http://old.example.org/module-4/", "--json").output)
    assert (dry["posts"], dry["places_of_removed"], scene.count(Post)) == (5, 2, 0)
    only = json.loads(run("--thread-url", f"{PAGE}?utm_source=mail", "--json").output)
    assert only["posts"] == 1
    assert "Imported: 5. Were there already: 0." in run("--thread-url", PAGE, "--apply").output
    assert "0 posts would be imported" in run("--thread-url", PAGE).output
    assert scene.count(Post) == 7
    file.write_bytes(SMALL[:-300])
    assert "Nothing was imported" in run("--thread-url", PAGE, "--apply").output
