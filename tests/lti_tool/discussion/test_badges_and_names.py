"""Numbers that say the same as the lists they stand for, and names that tell buttons apart."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from lti_tool.discussion import discussions
from lti_tool.discussion.model import Post
from tests.lti_tool.discussion.pages import Browser, tree
from tests.lti_tool.discussion.scene import Scene

pytestmark = pytest.mark.both_engines

Act = Callable[[Scene, Browser, Post], object]


def moderate(act: str, **fields: str) -> Act:
    return lambda scene, pilar, post: pilar.send(f"post/{post.id}/moderate", act=act, **fields)


def archive(scene: Scene, pilar: Browser, post: Post) -> None:
    with scene.database.write() as session:
        discussions.start_afresh(session, pilar.launch_session, scene.module)


def lock(scene: Scene, pilar: Browser, post: Post) -> None:
    scene.settings_are(locked=True, must_post_first=True)


ACTS: dict[str, Act] = {
    "nothing": lambda scene, pilar, post: None,
    "hidden": moderate("hide", reason="Off topic"),
    "hidden and shown": lambda scene, pilar, post: (
        moderate("hide", reason="x")(scene, pilar, post),
        moderate("show")(scene, pilar, post),
    ),
    "removed": lambda scene, pilar, post: pilar.send(f"post/{post.id}/remove", reason="x"),
    "held": lambda scene, pilar, post: scene.set(post.id, status="held"),
    "split off": moderate("split"),
    "pinned": moderate("pin"),
    "archived": archive,
    "locked before one has posted": lock,
}


def badge(browser: Browser) -> int:
    """The number of unread posts on the page; 0 without one."""
    found = re.search(r"(\d+) unread post", tree(browser.get()).text_content())
    return int(found[1]) if found else 0


def listed(browser: Browser) -> int:
    """The posts that are marked as unread in the list."""
    return len(tree(browser.get()).xpath("//article[contains(@class, ' unread')]"))


@pytest.mark.parametrize("what", ["thread", "reply"])
@pytest.mark.parametrize("act", ACTS)
def test_the_number_of_unread_posts_is_that_of_the_list(
    scene: Scene, client: FlaskClient, act: str, what: str
) -> None:
    """NodeBB: a badge that an empty page cannot clear (issue 4236)."""
    ana = Browser(client, scene.launch_session("Ana"))
    bo = scene.launch_session("Bo")
    pilar = Browser(client, scene.launch_session("Pilar", instructor=True))
    first = scene.post(bo, "An old thread")
    ana.send("read", all="1", up_to=first.sequence)
    reply = scene.post(bo, "A new reply", reply_to_id=first.id)
    thread = scene.post(bo, "A new thread")
    assert badge(ana) == listed(ana) == 2
    ACTS[act](scene, pilar, reply if what == "reply" else thread)
    assert badge(ana) == listed(ana)
    if act == "locked before one has posted":
        assert badge(ana) == 0
        assert ana.get("unread").status_code == 403
    if badge(ana):
        assert "#p" in ana.get("unread").location
    others = badge(Browser(client, scene.launch_session("Che")))
    assert others == 0, "at a first visit nothing is new"


def test_names_on_a_page_of_twenty_say_to_whom(scene: Scene, client: FlaskClient) -> None:
    people = [scene.launch_session(f"Person {number}") for number in range(20)]
    for person in people:
        scene.post(person, "Hola")
    ana = Browser(client, scene.launch_session("Ana"))
    page = tree(ana.get())
    articles = page.xpath("//article[@data-post]")
    assert len(articles) == 20
    names = [
        " ".join(each.text_content().split())
        for article in articles
        for each in article.xpath(
            ".//p[contains(@class, 'post-actions')]//*[self::a or self::button]"
        )
    ]
    assert len(names) >= 40
    assert len(set(names)) == len(names)


def test_no_post_is_read_out_when_it_appears(scene: Scene, client: FlaskClient) -> None:
    post = scene.post(scene.launch_session("Bo"), "Hola")
    ana = Browser(client, scene.launch_session("Ana"))
    for path in ("", f"thread/{post.id}"):
        page = tree(ana.get(path))
        assert page.xpath("//article[@data-post]")
        live = "ancestor-or-self::*[@aria-live or @role='status' or @role='alert' or @role='log']"
        assert not page.xpath(f"//article[@data-post]/{live}")
        assert page.xpath("//*[@role='status' and @data-status]"), "what changed is said there"


def test_show_more_goes_on_with_the_first_further_post(scene: Scene, client: FlaskClient) -> None:
    author = scene.launch_session("Bo")
    posts = scene.many(author, [{}] * 45)[::-1]
    ana = Browser(client, scene.launch_session("Ana"))
    href = ana.get()
    for beginning in (20, 40):
        [more] = tree(href).xpath("//p[@class='more']/a[contains(., 'Show more')]/@href")
        path, _, anchor = more.partition("#")
        href = ana.client.get(path) if path.startswith("/") else ana.get(path)
        [target] = tree(href).xpath(f"//*[@id='{anchor}']")
        assert target.get("tabindex") == "-1", "it can have the focus"
        assert target.xpath(".//article/@id")[0] == f"p{posts[beginning]}"
    [newer] = tree(href).xpath("//p[@class='more']/a[contains(., 'newer')]/@href")
    assert newer.endswith(f"#{anchor}")
