"""Mentions: who can be mentioned, what is stored and shown, and that no anonymous author is."""

import pytest
from sqlalchemy import select, update

from lti_tool.discussion import exchange_mentions, mentions, tasks
from lti_tool.discussion.mentions import Mention
from lti_tool.discussion.model import Post, PostMention, PostVersion
from lti_tool.sessions.current import CurrentSession
from tests.lti_tool.discussion.scene import Scene, statements_of

pytestmark = pytest.mark.both_engines


def circle(scene: Scene, reader: CurrentSession) -> mentions.Circle | None:
    return mentions.circle_of(scene.permissions(reader), scene.state(reader).id, reader.course_id)


def names(scene: Scene, reader: CurrentSession, typed: str = "") -> list[str]:
    found = circle(scene, reader)
    if found is None:
        return []
    with scene.database.read_core() as connection:
        return [each.name for each in mentions.people_page(connection, found, typed)[0]]


def stored(scene: Scene, post: Post) -> list[tuple[str, int]]:
    with scene.database.read() as session:
        rows = session.scalars(select(PostMention).where(PostMention.post_id == post.id))
        return sorted((row.name, row.user_id) for row in rows if row.shown)


@pytest.fixture
def ana(scene: Scene) -> CurrentSession:
    return scene.launch_session("Ana Quispe")


@pytest.fixture
def bruno(scene: Scene) -> CurrentSession:
    """Somebody who has written."""
    bruno = scene.launch_session("Bruno Díaz Peña")
    scene.post(bruno)
    return bruno


TEXTS = [
    ("@Bruno Díaz Peña: sí", "Bruno Díaz Peña"),
    ("Gracias, @bruno díaz peña.", "bruno díaz peña"),
    ("@Bruno, gracias", "Bruno"),
    ("(@Bruno)", "Bruno"),
    ("bruno@Bruno.example", None),
    ("https://example.org/@Bruno", None),
    ("@Brunos", None),
    ("@ Bruno", None),
    ("@", None),
]


@pytest.mark.parametrize(("text", "name"), TEXTS)
def test_a_name_after_a_sign_is_a_mention(
    scene: Scene, ana: CurrentSession, bruno: CurrentSession, text: str, name: str | None
) -> None:
    post = scene.post(ana, text)
    assert stored(scene, post) == ([(name, bruno.user_id)] if name else [])
    assert post.html.count('<bdi class="mention">') == (1 if name else 0)
    with scene.database.read() as session:
        assert mentions.mentions_of(session, post.id) == ([bruno.user_id] if name else [])


def test_a_name_of_two_people_needs_a_choice(scene: Scene, ana: CurrentSession) -> None:
    one, two = scene.launch_session("Luz Mamani"), scene.launch_session("Luz Mamani")
    for author in (one, two):
        scene.post(author)
    assert stored(scene, scene.post(ana, "@Luz Mamani")) == []
    assert stored(scene, scene.post(ana, "@Luz")) == []
    assert two.user_id is not None
    chosen = scene.post(ana, "@Luz Mamani", mentioned=(two.user_id,))
    assert stored(scene, chosen) == [("Luz Mamani", two.user_id)]


def test_who_has_not_written_can_be_mentioned_by_instructors_only(
    scene: Scene, ana: CurrentSession, bruno: CurrentSession
) -> None:
    silent = scene.launch_session("Silvia Rojas")
    instructor = scene.launch_session("Pilar", instructor=True)
    assert names(scene, ana) == ["Bruno Díaz Peña"]
    assert set(names(scene, instructor)) == {
        "Ana Quispe",
        "Bruno Díaz Peña",
        "Pilar",
        "Silvia Rojas",
    }
    assert silent.user_id is not None
    assert stored(scene, scene.post(ana, "@Silvia Rojas", mentioned=(silent.user_id,))) == []


@pytest.mark.parametrize("status", ["held", "hidden", "deleted"])
def test_an_author_whose_posts_are_not_shown_is_not_listed(
    scene: Scene, ana: CurrentSession, bruno: CurrentSession, status: str
) -> None:
    with scene.database.read() as session:
        post = session.scalars(select(Post)).one()
    scene.set(post.id, status=status)
    assert names(scene, ana) == []


def test_anonymous_authors_are_neither_listed_nor_recognised(scene: Scene) -> None:
    scene.settings_are(anonymous=True)
    ana, eva = scene.launch_session("Ana Quispe"), scene.launch_session("Eva Ríos")
    scene.post(eva)
    assert names(scene, ana) == []
    assert eva.user_id is not None
    post = scene.post(ana, "@Eva Ríos", mentioned=(eva.user_id,))
    assert stored(scene, post) == []
    assert "mention" not in post.html


def test_nobody_is_recognised_before_the_first_post(scene: Scene, bruno: CurrentSession) -> None:
    scene.settings_are(must_post_first=True)
    ana = scene.launch_session("Ana Quispe")
    assert circle(scene, ana) is None
    assert stored(scene, scene.post(ana, "@Bruno Díaz Peña")) == []


@pytest.mark.parametrize(
    ("typed", "found"),
    [("bru", 1), ("Peñ", 1), ("uno", 0), ("%", 0), ("_", 0), ("\\", 0), ("x" * 500, 0), ("", 1)],
)
def test_names_are_found_by_the_beginning_of_a_word(
    scene: Scene, ana: CurrentSession, bruno: CurrentSession, typed: str, found: int
) -> None:
    assert len(names(scene, ana, typed)) == found


def test_names_come_in_pages(scene: Scene, ana: CurrentSession) -> None:
    for number in range(12):
        scene.post(scene.launch_session(f"Persona {number:02}"))
    found = circle(scene, ana)
    assert found is not None
    with scene.database.read_core() as connection:
        first, after = mentions.people_page(connection, found, "")
        rest, end = mentions.people_page(connection, found, "", after or 0)
    assert [each.name[-2:] for each in (*first, *rest)] == [f"{n:02}" for n in range(12)]
    assert (after, end) == (10, None)


def test_an_edit_changes_the_mentions(
    scene: Scene, ana: CurrentSession, bruno: CurrentSession
) -> None:
    post = scene.post(ana, "@Bruno")
    edited = scene.edit(ana, post, "Nadie")
    assert stored(scene, edited) == []
    with scene.database.read() as session:
        assert mentions.mentions_of(session, post.id) == []
    again = scene.edit(ana, post, "Otra vez @Bruno")
    assert stored(scene, again) == [("Bruno", bruno.user_id)]


def test_deleting_a_post_removes_its_mentions(
    scene: Scene, ana: CurrentSession, bruno: CurrentSession
) -> None:
    post = scene.post(ana, "@Bruno")
    scene.delete(ana, post)
    assert scene.count(PostMention) == 0


def test_the_name_of_an_erased_person_is_replaced_everywhere(
    scene: Scene, ana: CurrentSession, bruno: CurrentSession
) -> None:
    post = scene.post(ana, "@Bruno Díaz Peña y @Bruno")
    scene.edit(ana, post, "Solo @Bruno")
    assert bruno.user_id is not None
    with scene.database.write() as session:
        mentions.forget(session, bruno.user_id, "…")
    with scene.database.read() as session:
        texts = [*session.scalars(select(Post.source).where(Post.id == post.id))]
        texts += session.scalars(select(PostVersion.source))
        html = session.get_one(Post, post.id).html
    assert texts == ["Solo @…", "@… y @…"]
    assert "mention" not in html
    assert scene.count(PostMention) == 0


HTML = [
    ("<p>@Eva</p>", '<p><bdi class="mention">@Eva</bdi></p>'),
    ("<p>@Evas</p>", "<p>@Evas</p>"),
    ('<p><a href="/@Eva">@Eva</a></p>', '<p><a href="/@Eva">@Eva</a></p>'),
    ("<pre><code>@Eva</code></pre>", "<pre><code>@Eva</code></pre>"),
    ("<p><em>@Eva</em> <code>@Eva</code> @Eva</p>", None),
]


@pytest.mark.parametrize(("html", "marked"), HTML)
def test_names_are_marked_outside_links_and_code(html: str, marked: str | None) -> None:
    result = mentions.highlight(html, ["Eva"])
    assert result.count("<bdi") == 2 if marked is None else result == marked


def test_a_name_with_markup_is_escaped() -> None:
    assert mentions.highlight("<p>@A&amp;B &lt;b&gt;</p>", ["A&B <b>"]).count("<bdi") == 1


def test_a_text_without_a_sign_costs_nothing(scene: Scene, ana: CurrentSession) -> None:
    permissions = scene.permissions(ana)
    with statements_of(scene.database) as recorded:
        found = exchange_mentions.find_in_text(
            scene.database, ana, permissions, scene.module, "Hola a todas"
        )
    assert (found, recorded) == ([], [])


def test_a_text_of_signs_costs_two_statements(
    scene: Scene, ana: CurrentSession, bruno: CurrentSession
) -> None:
    permissions = scene.permissions(ana)
    text = "@Bruno @x " * 2000
    with statements_of(scene.database) as recorded:
        found = exchange_mentions.find_in_text(scene.database, ana, permissions, scene.module, text)
    assert found == [Mention("Bruno", bruno.user_id or 0)]
    assert len(recorded) == 2


def test_a_later_renderer_marks_the_names_again(
    scene: Scene, ana: CurrentSession, bruno: CurrentSession
) -> None:
    post = scene.post(ana, "@Bruno")
    with scene.database.write() as session:
        session.execute(update(Post).values(renderer="0", html="old"))
    tasks.render_outdated(scene.database)
    assert scene.read(post.id).html == post.html
